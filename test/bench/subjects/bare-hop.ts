// The floor of the runtime: node:http in, undici's dispatch out, bytes passed on, and nothing else. What modelroute
// costs above this is what its routing, keys, failover, log and metrics cost.
import { fileURLToPath } from 'node:url'
import { freePort, launch, waitUntilReady } from '../launch.ts'
import type { Stage, Subject } from './subject.ts'

const SERVER = fileURLToPath(new URL('bare-hop-server.ts', import.meta.url))

export async function startBareHop(stage: Stage): Promise<Subject> {
  const port = await freePort()
  const command = [stage.node, SERVER, String(port), String(stage.plainPort), String(stage.streamPort)]
  const started = launch({ name: 'bare', command, cpu: stage.subjectCpu })
  await waitUntilReady(started, `http://127.0.0.1:${port}/`)
  return {
    name: 'bare',
    pid: started.pid,
    endpoint: (workload) => ({
      port,
      path: workload.isStreaming ? '/stream/v1/chat/completions' : '/v1/chat/completions',
      headers: {},
    }),
    stop: started.stop,
    lastWords: started.lastWords,
  }
}
