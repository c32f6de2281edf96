// One cluster for the whole `test:cluster` run; tests keep apart by namespaces of their own.
// Without a way to get a cluster the suite is skipped out loud, and fails where CI=true.
import type { TestProject } from 'vitest/node'
import type { ClusterConnection } from '../support/kubernetes/cluster.ts'
import { pickCluster } from '../support/kubernetes/pick-cluster.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Undefined: no cluster can be had here, and the tests skip. */
    cluster: ClusterConnection | undefined
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const choice = await pickCluster()
  if (choice.kind === 'impossible') {
    if (process.env['CI'] === 'true') throw new Error(choice.explanation)
    process.stderr.write(`\nSKIPPED: every cluster test. ${choice.explanation}\n\n`)
    project.provide('cluster', undefined)
    return async () => undefined
  }
  const started = performance.now()
  const cluster = await choice.provider.start()
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  process.stderr.write(`a cluster by ${choice.provider.name} is ready after ${seconds} s\n`)
  project.provide('cluster', cluster.connection)
  return () => cluster.stop()
}
