// No hop: the client talks to the provider. What the others add is measured against this.
import { upstreamPort } from './subject.ts'
import type { Stage, Subject } from './subject.ts'

export function startDirect(stage: Stage): Promise<Subject> {
  return Promise.resolve({
    name: 'direct',
    pid: null,
    endpoint: (workload) => ({ port: upstreamPort(stage, workload), path: '/v1/chat/completions', headers: {} }),
    stop: () => Promise.resolve(),
    lastWords: () => '',
  })
}
