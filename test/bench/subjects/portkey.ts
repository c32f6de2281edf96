// Portkey's open-source gateway, the nearest product in the same runtime, as its package starts it. Installed on
// demand into test/bench/portkey, so that nobody else pays for it. Its web framework's server is pinned there to 1.13:
// with later ones, which its version range allows, this release answers every streamed call with a 500.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort, launch, waitUntilReady } from '../launch.ts'
import { upstreamPort } from './subject.ts'
import type { Stage, Subject } from './subject.ts'

const FOLDER = fileURLToPath(new URL('../portkey', import.meta.url))
const SERVER = join(FOLDER, 'node_modules/@portkey-ai/gateway/build/start-server.js')
const INSTALL = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']

/** Null when it is installed; else why it could not be. */
export function installPortkey(): string | null {
  if (existsSync(SERVER)) return null
  const result = spawnSync('npm', INSTALL, { cwd: FOLDER, encoding: 'utf8' })
  if (result.status === 0) return null
  return `Portkey could not be installed; by hand: cd test/bench/portkey && npm ${INSTALL.join(' ')}\n${result.stderr}`
}

export async function startPortkey(stage: Stage): Promise<Subject> {
  const port = await freePort()
  const command = [stage.node, SERVER, `--port=${port}`, '--headless']
  const started = launch({ name: 'portkey', command, cpu: stage.subjectCpu, env: { NODE_ENV: 'production' } })
  await waitUntilReady(started, `http://127.0.0.1:${port}/`)
  return {
    name: 'portkey',
    pid: started.pid,
    endpoint: (workload) => ({
      port,
      path: '/v1/chat/completions',
      headers: {
        'x-portkey-provider': 'openai',
        'x-portkey-custom-host': `http://127.0.0.1:${upstreamPort(stage, workload)}/v1`,
      },
    }),
    stop: started.stop,
    lastWords: started.lastWords,
  }
}
