// Ejection through the front door, and the check of an ejected target on a real socket.
import { afterEach, beforeEach, expect, it, test } from 'vitest'
import { makeTable, startProxy, type ProxyRig } from '../../support/proxy-rig.ts'
import { answers, completion, streams, chunk, Upstream } from '../../support/upstream.ts'

let sick: Upstream
let well: Upstream
let rig: ProxyRig

beforeEach(async () => {
  sick = await Upstream.start()
  well = await Upstream.start()
})

afterEach(async () => {
  await rig.stop()
  await sick.stop()
  await well.stop()
})

const HEALTH = { failuresToEject: 2, ejectForMs: 60_000 }

async function start(health: Parameters<typeof makeTable>[0]['targets'][string]['health'] = HEALTH): Promise<void> {
  const targets = { sick: { url: sick.url, credential: 'k', health }, well: { url: well.url, model: 'well' } }
  const table = makeTable({ targets, routes: [{ backends: ['sick', { target: 'well', tier: 1 }] }] })
  rig = await startProxy({ table, keys: { k: 'sk-real' } })
}

const ask = async (isStreaming = false) => {
  const body = JSON.stringify({ model: 'm', stream: isStreaming })
  const response = await fetch(`${rig.url}/v1/chat/completions`, { method: 'POST', body })
  await response.text()
  return response.headers.get('x-modelroute-target')
}

const states = async () => {
  const { targets } = (await (await fetch(`${rig.adminUrl}/targets`)).json()) as { targets: object[] }
  return targets
}

test('a target that keeps failing is no longer asked first, and the admin port and the metrics say so', async () => {
  await start()
  sick.usual = answers('down', 500)
  expect([await ask(), await ask(), await ask(), await ask()]).toEqual(['well', 'well', 'well', 'well'])
  expect(sick.requests).toHaveLength(2)
  const until = expect.stringMatching(/^\d{4}-.*Z$/)
  expect(await states()).toEqual([
    { target: 'sick', state: 'ejected', consecutiveFailures: 2, until },
    { target: 'well', state: 'well', consecutiveFailures: 0, until: null },
  ])
  const metrics = await (await fetch(`${rig.adminUrl}/metrics`)).text()
  expect(metrics).toContain('modelroute_proxy_target_state{target="sick",state="ejected"} 1')
  expect(metrics).toContain('modelroute_proxy_ejections_total{target="sick",reason="consecutive failures"} 1')
  expect(rig.logText()).toContain('calls go to other targets first {"target":"sick","reason":"consecutive failures"}')
})

test('streams that break off after their first token count', async () => {
  await start()
  sick.usual = streams(chunk('a'))
  await ask(true)
  await ask(true)
  await rig.untilReported(2)
  expect(await ask(true)).toBe('well')
})

test('a rate-limited target is left alone for as long as it asked', async () => {
  await start()
  sick.script.push((response) => {
    response.writeHead(429, { 'retry-after': '60' })
    response.end('{"error":{"code":"rate_limit_exceeded"}}')
  })
  expect([await ask(), await ask(), await ask()]).toEqual(['well', 'well', 'well'])
  expect(sick.requests).toHaveLength(1)
  expect(await states()).toMatchObject([{ target: 'sick', state: 'cooling' }, { state: 'well' }])
})

test('a check readmits an ejected target without a call having to fail', async () => {
  await start({ failuresToEject: 1, ejectForMs: 60_000, check: { path: '/models', everyMs: 20 } })
  sick.usual = (response, { method }) => {
    if (method === 'POST') return answers('down', 500)(response, seen)
    response.writeHead(sick.requests.length < 4 ? 503 : 200)
    response.end()
  }
  expect(await ask()).toBe('well')
  await sick.until(() => sick.requests.length >= 4)
  const checks = sick.requests.slice(1)
  expect(checks.map(({ method, url }) => `${method} ${url}`)).toEqual(Array(3).fill('GET /v1/models'))
  expect(checks[0]?.headers.authorization).toBe('Bearer sk-real')
  sick.usual = answers(completion('again'))
  await sick.until(() => sick.openConnections <= 1)
  await expect.poll(() => ask(), { timeout: 2000 }).toBe('sick')
  expect(rig.logText()).toContain('a target takes calls again {"target":"sick"}')
})

it.each([401, 404, 405])('a check that is answered with %i finds the provider alive, and is named', async (status) => {
  await start({ failuresToEject: 1, ejectForMs: 60_000, check: { path: '/wrong', everyMs: 20 } })
  sick.script.push(answers('down', 500), answers('no such path', status))
  expect(await ask()).toBe('well')
  await expect.poll(() => ask(), { timeout: 2000 }).toBe('sick')
  const line = `the path of a health check is refused {"target":"sick","path":"/wrong","result":"${status}"}`
  expect(rig.logText()).toContain(line)
})

it.each([408, 429, 500, 503])('a check that is answered with %i is made again', async (status) => {
  await start({ failuresToEject: 1, ejectForMs: 60_000, check: { path: '/models', everyMs: 20 } })
  sick.usual = answers('down', status)
  sick.script.push(answers('down', 500))
  expect(await ask()).toBe('well')
  await sick.until(() => sick.requests.length >= 4)
  expect(await states()).toMatchObject([{ target: 'sick', state: 'ejected' }, { state: 'well' }])
})

const seen = { method: '', url: '', headers: {}, rawHeaders: [], body: '', bytes: Buffer.alloc(0), connection: 0 }
