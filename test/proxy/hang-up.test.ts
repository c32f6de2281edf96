// A caller that closes its connection, or half of it, stops the provider's work at once in every phase.
import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import { makeTable, startProxy, type ProxyRig } from '../support/proxy-rig.ts'
import { answers, chunk, hangsAfter, neverAnswers, Upstream } from '../support/upstream.ts'

const LIMIT_MS = 50

let upstream: Upstream
let rig: ProxyRig

beforeEach(async () => {
  upstream = await Upstream.start()
  const table = makeTable({ targets: { a: { url: upstream.url } }, routes: [{ backends: ['a'] }], passthrough: 'a' })
  rig = await startProxy({ table })
})

afterEach(async () => {
  await rig.stop()
  await upstream.stop()
})

async function open(text: string): Promise<Socket> {
  const socket = connect(rig.port, '127.0.0.1')
  socket.on('error', () => socket.destroy())
  await once(socket, 'connect')
  socket.write(text)
  return socket
}

const request = (body: string, length = body.length, path = '/v1/chat/completions') =>
  `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-length: ${length}\r\n\r\n${body}`

const leaving = [
  ['closes its connection', (socket: Socket) => socket.destroy()],
  ['resets its connection', (socket: Socket) => socket.resetAndDestroy()],
  ['closes its half of the connection', (socket: Socket) => socket.end()],
] as const

// On a machine that is busy with other tests the 50 ms may be missed once.
describe.each(leaving)('a caller that %s', { retry: 2 }, (_, leave) => {
  async function stopped(socket: Socket): Promise<object> {
    const leftMs = performance.now()
    leave(socket)
    await upstream.until(() => upstream.openConnections === 0)
    const isInTime = performance.now() - leftMs < LIMIT_MS
    await rig.untilReported(1)
    const reports = rig.exchanges.map(({ error, status }) => ({ error, status }))
    return { isInTime, reports, underWay: rig.server.callsUnderWay() }
  }
  const inTime = { isInTime: true, reports: [{ error: 'caller_gone', status: 499 }], underWay: 0 }

  test('while it uploads: no provider is called', async () => {
    const socket = await open(request('{"model":"m"', 1000))
    leave(socket)
    await rig.untilReported(1)
    expect(rig.exchanges[0]).toMatchObject({ error: 'caller_gone', status: 499 })
    expect(upstream.totalConnections).toBe(0)
    expect(await (await fetch(`${rig.adminUrl}/metrics`)).text()).toContain('modelroute_proxy_body_bytes_held 0')
  })

  it.each([
    ['not streamed', '{"model":"m"}'],
    ['streamed', '{"model":"m","stream":true}'],
  ])('before the headers of an answer come, %s', async (_how, body) => {
    upstream.usual = neverAnswers
    const socket = await open(request(body))
    await upstream.until(() => upstream.requests.length === 1)
    expect(await stopped(socket)).toEqual(inTime)
  })

  test('before the first event', async () => {
    upstream.usual = hangsAfter()
    const socket = await open(request('{"model":"m","stream":true}'))
    await upstream.until(() => upstream.requests.length === 1)
    expect(await stopped(socket)).toEqual(inTime)
  })

  test('in the middle of a stream', async () => {
    upstream.usual = hangsAfter(chunk('a'))
    const socket = await open(request('{"model":"m","stream":true}'))
    await once(socket, 'data')
    expect(await stopped(socket)).toEqual(inTime)
  })

  test('in the middle of an answer that is passed through', async () => {
    upstream.usual = hangsAfter(chunk('a'))
    const socket = await open(request('{}', 2, '/v1/moderations'))
    await once(socket, 'data')
    expect(await stopped(socket)).toEqual(inTime)
  })

  test('before an answer that is passed through', async () => {
    upstream.usual = neverAnswers
    const socket = await open(request('{}', 2, '/v1/moderations'))
    await upstream.until(() => upstream.requests.length === 1)
    expect(await stopped(socket)).toEqual(inTime)
  })
})

test('while a connection to the provider is being made, the connection is given up', { retry: 2 }, async () => {
  // A port that takes connections without ever greeting in TLS.
  const silent = await Upstream.start()
  const url = silent.url.replace('http:', 'https:')
  rig.tables.swap(makeTable({ targets: { a: { url } }, routes: [{ backends: ['a'] }] }))
  const socket = await open(request('{"model":"m"}'))
  await until(() => silent.openConnections === 1)
  const leftMs = performance.now()
  socket.destroy()
  await silent.until(() => silent.openConnections === 0)
  expect(performance.now() - leftMs).toBeLessThan(LIMIT_MS)
  await silent.stop()
})

test('leaves nothing behind when many callers go in the middle of their streams', async () => {
  upstream.usual = hangsAfter(chunk('a'))
  for (let round = 0; round < 10; round += 1) {
    const sockets = await Promise.all(Array.from({ length: 20 }, () => open(request('{"model":"m","stream":true}'))))
    await Promise.all(sockets.map((socket) => once(socket, 'data')))
    for (const socket of sockets) socket.destroy()
    await upstream.until(() => upstream.openConnections === 0)
  }
  await rig.untilReported(200)
  expect([rig.exchanges.length, rig.server.callsUnderWay(), rig.connections.openCount()]).toEqual([200, 0, 0])
})

test('one caller of a pipelined connection that goes takes all of its calls with it', async () => {
  upstream.usual = neverAnswers
  const socket = await open(request('{"model":"m"}') + request('{"model":"n"}'))
  await upstream.until(() => upstream.requests.length === 2)
  socket.destroy()
  await upstream.until(() => upstream.openConnections === 0)
  await rig.untilReported(2)
  expect(rig.exchanges.map(({ error }) => error)).toEqual(['caller_gone', 'caller_gone'])
})

test('an answer that was read whole is no hang-up, however the connection ends', async () => {
  upstream.usual = answers({ ok: true })
  const socket = await open(request('{"model":"m"}'))
  await once(socket, 'data')
  socket.destroy()
  await rig.untilReported(1)
  expect(rig.exchanges[0]).toMatchObject({ status: 200, error: null })
})

async function until(condition: () => boolean): Promise<void> {
  const limitMs = performance.now() + 5_000
  while (!condition() && performance.now() < limitMs) await new Promise((resolve) => setImmediate(resolve))
  expect(condition()).toBe(true)
}
