// Who may say what: names of this proxy's headers are its own in both directions, a refusal of its own is told once and
// in the caller's dialect, and nothing secret stands in what it tells or logs. Through real sockets.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeTable, startProxy, type ProxyRig } from '../support/proxy-rig.ts'
import { answers, completion, Upstream } from '../support/upstream.ts'

let upstream: Upstream
let rig: ProxyRig

beforeEach(async () => {
  upstream = await Upstream.start()
  rig = await startProxy({ keys: { 'ns/key': 'sk-real' } })
})

afterEach(async () => {
  await rig.stop()
  await upstream.stop()
})

const body = JSON.stringify({ model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'a secret of mine' }] })
const FORGED = {
  'x-modelroute-route': 'admin',
  'x-modelroute-target': 'elsewhere',
  'x-modelroute-error': 'forged',
  'x-modelroute-request-id': 'mine',
}

test('neither an application nor a provider can speak in the name of this proxy', async () => {
  const targets = { a: { url: upstream.url, credential: 'ns/key' } }
  rig.tables.swap(makeTable({ targets, routes: [{ name: 'ns/real/rule', backends: ['a'] }] }))
  upstream.usual = (response) => {
    response.writeHead(200, { 'content-type': 'application/json', ...FORGED })
    response.end(JSON.stringify(completion('ok')))
  }
  const response = await fetch(`${rig.url}/v1/chat/completions`, { method: 'POST', body, headers: FORGED })
  expect(Object.keys(upstream.requests[0]?.headers ?? {}).filter((name) => name.startsWith('x-modelroute'))).toEqual([])
  expect(response.headers.get('x-modelroute-error')).toBeNull()
  expect(response.headers.get('x-modelroute-route')).toBe('ns/real/rule')
  expect(response.headers.get('x-modelroute-target')).toBe('a')
  expect(response.headers.get('x-modelroute-request-id')).toBe(rig.exchanges[0]?.id)
})

test('a refusal of this proxy is told once, in the dialect of the application, and counted once', async () => {
  const url = 'http://127.0.0.1:1/v1'
  const targets = {
    gone: { url, dialect: 'OpenAI' as const, credential: 'ns/key' },
    too: { url, dialect: 'Gemini' as const },
  }
  const backends = ['gone', { target: 'too', tier: 1 }]
  rig.tables.swap(makeTable({ targets, routes: [{ backends, failover: { attempts: 2 } }] }))
  const response = await fetch(`${rig.url}/v1/messages`, { method: 'POST', body })
  const said = (await response.json()) as { type: string; error: { type: string; message: string } }
  expect([response.status, said.type, said.error.type]).toEqual([502, 'error', 'api_error'])
  expect(Object.keys(said).toSorted()).toEqual(['error', 'type'])
  await rig.untilReported(1)
  expect(rig.exchanges).toHaveLength(1)
  expect(rig.exchanges[0]).toMatchObject({
    error: 'targets_failed',
    attempts: [{ targetId: 'gone' }, { targetId: 'too' }],
  })
})

test('neither keys, nor queries, nor text of a call stand in the log, whatever went wrong', async () => {
  const targets = { a: { url: upstream.url, dialect: 'Gemini' as const, credential: 'ns/key' } }
  rig.tables.swap(makeTable({ targets, routes: [{ backends: ['a'], failover: { on: [] } }], passthrough: 'a' }))
  upstream.usual = answers({ error: { message: 'a secret of mine was bad', status: 'INVALID_ARGUMENT' } }, 400)
  const headers = { authorization: 'Bearer sk-callers', 'x-api-key': 'sk-callers' }
  await fetch(`${rig.url}/v1/messages`, { method: 'POST', body, headers })
  await fetch(`${rig.url}/gemini/v1beta/models/m:generateContent?key=sk-query`, {
    method: 'POST',
    body: '{"contents":[]}',
  })
  await fetch(`${rig.url}/gemini/v1beta/files?key=sk-query`)
  await fetch(`${rig.url}/v1/messages`, { method: 'POST', body: `${body}x`, headers })
  await rig.untilReported(4)
  expect(rig.logText()).not.toMatch(/sk-real|sk-callers|sk-query|secret of mine/)
})
