// The SDKs are installed before the first test, so that no test's own time limit has to cover a download.
import type { TestProject } from 'vitest/node'
import { pythonWithSdks } from './interpreter.ts'

declare module 'vitest' {
  interface ProvidedContext {
    python: string
  }
}

export function setup(project: TestProject): void {
  project.provide('python', pythonWithSdks())
}
