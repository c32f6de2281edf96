// One API server for the whole `test:api` run; tests keep apart by namespaces of their own.
// A test that stops or restarts the API server starts another with `startApiServer`.
import type { TestProject } from 'vitest/node'
import type { ApiConnection } from '../support/kubernetes/api-access.ts'
import { startApiServer } from '../support/kubernetes/api-server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    api: ApiConnection
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startApiServer()
  project.provide('api', server.connection)
  return () => server.stop()
}
