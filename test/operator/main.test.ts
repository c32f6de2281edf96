// The operator as a process: what it says when it cannot run, and that it waits for an API server instead of ending.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { freePort } from '../support/kubernetes/free-port.ts'
import { waitUntil } from '../support/kubernetes/wait-until.ts'

const main = join(import.meta.dirname, '../../operator/main.ts')
const ends: (() => unknown)[] = []
afterEach(() => {
  for (const end of ends.splice(0).toReversed()) end()
})

interface Started {
  readonly child: ChildProcess
  readonly output: () => string
  readonly code: Promise<number | null>
}

function start(environment: Readonly<Record<string, string>>): Started {
  const child = spawn(process.execPath, [main], { env: { PATH: process.env['PATH'], ...environment } })
  ends.push(() => child.kill('SIGKILL'))
  let text = ''
  const keep = (chunk: Buffer) => (text += chunk.toString())
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  return { child, output: () => text, code: once(child, 'close').then(([code]) => code as number | null) }
}

function kubeconfig(server: string, extra = ''): string {
  const folder = mkdtempSync(join(tmpdir(), 'modelroute-main-'))
  ends.push(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'kubeconfig')
  writeFileSync(
    path,
    `apiVersion: v1
kind: Config
current-context: c
contexts: [ { name: c, context: { cluster: c, user: u } } ]
clusters: [ { name: c, cluster: { server: "${server}"${extra} } } ]
users: [ { name: u, user: { token: t } } ]
`,
  )
  return path
}

async function settings(): Promise<Record<string, string>> {
  return {
    MODELROUTE_NAMESPACE: 'modelroute-system',
    MODELROUTE_POD_NAME: 'operator-a',
    MODELROUTE_POD_IP: '127.0.0.1',
    MODELROUTE_PROXY_IMAGE: 'modelroute:test',
    MODELROUTE_PUSH_URL: 'https://localhost:9444',
    MODELROUTE_ADMIN_PORT: String(await freePort()),
  }
}

test('without its settings it names every one that is missing and ends with 1', async () => {
  const started = start({})
  expect(await started.code).toBe(1)
  expect(started.output()).toContain('modelroute-operator: MODELROUTE_NAMESPACE must be set')
  expect(started.output()).toContain('modelroute-operator: MODELROUTE_PUSH_URL must be set')
})

test('with a kubeconfig that turns TLS verification off it says that this is not supported and ends with 1', async () => {
  const path = kubeconfig('https://127.0.0.1:1', ', insecure-skip-tls-verify: true')
  const started = start({ ...(await settings()), KUBECONFIG: path })
  expect(await started.code).toBe(1)
  expect(started.output()).toContain('TLS verification off')
})

test('without an API server it is live, not ready, says what it waits for, and ends with 0 on SIGTERM', async () => {
  const environment = await settings()
  const nowhere = `https://127.0.0.1:${await freePort()}`
  const started = start({ ...environment, KUBECONFIG: kubeconfig(nowhere) })
  const ask = (path: string) => fetch(`http://127.0.0.1:${environment['MODELROUTE_ADMIN_PORT']}${path}`)
  await waitUntil('it is live', async () => (await ask('/livez')).status === 200, { timeoutMs: 15_000 })
  const ready = await ask('/readyz')
  expect(ready.status).toBe(503)
  expect(await ready.text()).toContain('waiting for: certificates')
  started.child.kill('SIGTERM')
  expect(await started.code).toBe(0)
  expect(started.output()).toContain('"stopped"')
})
