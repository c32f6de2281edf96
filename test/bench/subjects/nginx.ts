// The yardstick for CPU: a plain reverse proxy in C that reads no body and decides nothing.
import { join } from 'node:path'
import { freePort } from '../launch.ts'
import { startReverseProxy } from '../nginx.ts'
import type { Stage, Subject } from './subject.ts'

export async function startNginxSubject(stage: Stage): Promise<Subject> {
  const [plainPort, streamPort] = [await freePort(), await freePort()]
  const started = await startReverseProxy({ folder: join(stage.folder, 'nginx'), cpu: stage.subjectCpu }, [
    { listenPort: plainPort, upstreamPort: stage.plainPort, isBuffering: true },
    { listenPort: streamPort, upstreamPort: stage.streamPort, isBuffering: false },
  ])
  return {
    name: 'nginx',
    pid: started.pid,
    endpoint: (workload) => ({
      port: workload.isStreaming ? streamPort : plainPort,
      path: '/v1/chat/completions',
      headers: {},
    }),
    stop: started.stop,
    lastWords: started.lastWords,
  }
}
