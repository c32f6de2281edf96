// The admin port: what each path says, when, and to whom.
import { Registry } from 'prom-client'
import { networkInterfaces } from 'node:os'
import { afterEach, expect, it, test } from 'vitest'
import { AdminServer, isLoopback, STARTUP_GRACE_MS } from '../../proxy/admin.ts'
import { type AdminTool, plain } from '../../proxy/admin-tools.ts'
import type { RoutingTable } from '../../proxy/table/schema.ts'
import { makeTable } from '../support/proxy-rig.ts'
import { converse } from '../support/wire.ts'

const servers: AdminServer[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

const ignore = () => {}

interface Situation {
  readonly table?: RoutingTable | null
  readonly isListening?: boolean
  readonly ageMs?: number
  readonly tools?: readonly AdminTool[]
}

async function served({ table = null, isListening = true, ageMs = 0, tools = [] }: Situation): Promise<string> {
  const admin = new AdminServer({
    tables: { current: () => table },
    registry: new Registry(),
    health: { stateOf: (targetId) => ({ targetId, state: 'ejected', consecutiveFailures: 5, untilMs: 0 }) },
    isListening: () => isListening,
    startedAtMs: 1000,
    now: () => 1000 + ageMs,
    tools,
    logger: { debug: ignore, info: ignore, warn: ignore, error: ignore },
  })
  servers.push(admin)
  const { port } = await admin.listen({ host: '*', port: 0 })
  return `http://127.0.0.1:${port}`
}

const empty = makeTable({ targets: {}, routes: [] })

it.each([
  ['/livez', {}, 200],
  ['/readyz', {}, 503],
  ['/readyz', { table: empty }, 200],
  ['/startupz', { table: empty }, 200],
  ['/startupz', { table: empty, isListening: false }, 503],
  ['/startupz', { ageMs: STARTUP_GRACE_MS - 1 }, 503],
  ['/startupz', { ageMs: STARTUP_GRACE_MS }, 200],
  ['/startupz', { ageMs: STARTUP_GRACE_MS, isListening: false }, 503],
  ['/metrics', {}, 200],
  ['/table', {}, 503],
  ['/table', { table: empty }, 200],
  ['/targets', {}, 503],
  ['/targets', { table: empty }, 200],
  ['/other', {}, 404],
])('%s answers as it should in %o: %i', async (path, situation, status) => {
  const url = await served(situation)
  expect((await fetch(url + path)).status).toBe(status)
})

test('answers HEAD without a body and nothing but reads', async () => {
  const url = await served({})
  const head = await fetch(`${url}/livez`, { method: 'HEAD' })
  expect([head.status, await head.text()]).toEqual([200, ''])
  expect((await fetch(`${url}/livez`, { method: 'POST' })).status).toBe(405)
})

const echo: AdminTool = {
  method: 'POST',
  path: '/echo',
  maxBodyBytes: 8,
  answer: ({ query, text, wantsText }) => plain(200, [query.get('name'), text, wantsText].join(' ')),
}

test('a tool gets the query, the body and what the asker can read', async () => {
  const url = await served({ tools: [echo] })
  const asked = await fetch(`${url}/echo?name=a`, { method: 'POST', body: 'text', headers: { accept: 'text/plain' } })
  expect([asked.status, await asked.text()]).toEqual([200, 'a text true\n'])
})

it.each([
  [{ method: 'GET' }, 405],
  [{ method: 'POST', body: '12345678' }, 200],
  [{ method: 'POST', body: '123456789' }, 413],
])('a tool answers %o with %i', async (init, status) => {
  const url = await served({ tools: [echo] })
  expect((await fetch(`${url}/echo`, init)).status).toBe(status)
})

test('a tool answers nobody under a name that is not of this machine', async () => {
  const { port } = new URL(await served({ tools: [echo] }))
  const head = 'POST /echo HTTP/1.1\r\nhost: elsewhere.example\r\ncontent-length: 0\r\nconnection: close\r\n\r\n'
  expect((await converse(Number(port), head)).slice(9, 12)).toBe('403')
})

test('shows the table as it is in force', async () => {
  const table = makeTable({ targets: { a: { url: 'http://a.test/v1' } }, routes: [{ backends: ['a'] }] })
  const url = await served({ table })
  expect(await (await fetch(`${url}/table`)).json()).toEqual(table)
})

test('keeps the table from peers that are not on loopback', async () => {
  const { port } = new URL(await served({ table: empty }))
  const own = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)
  // A machine without any other address has no such peer; isLoopback is tested below all the same.
  const host = own?.address ?? '127.0.0.1'
  const response = await fetch(`http://${host}:${port}/table`)
  expect(response.status).toBe(own === undefined ? 200 : 403)
})

it.each([
  ['localhost', 200],
  ['LOCALHOST:4142', 200],
  ['127.0.0.1:4142', 200],
  ['[::1]:4142', 200],
  ['localhost.elsewhere.example', 403],
  ['127.0.0.1.elsewhere.example:4142', 403],
  ['elsewhere.example:4142', 403],
])('a page that reaches loopback under the name %s is answered %i', async (host, status) => {
  const { port } = new URL(await served({ table: empty }))
  const answer = await converse(Number(port), `GET /table HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`)
  expect(answer.slice(9, 12)).toBe(String(status))
})

it.each([
  ['127.0.0.1', true],
  ['127.8.0.1', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['10.0.0.1', false],
  ['::ffff:10.0.0.1', false],
  ['fe80::1', false],
  ['::12', false],
  [undefined, false],
])('%s is on loopback: %s', (address, expected) => {
  expect(isLoopback(address)).toBe(expected)
})
