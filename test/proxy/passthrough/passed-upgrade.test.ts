// WebSockets that do not come about, or break: what the caller is told, byte by byte.
import type { IncomingMessage } from 'node:http'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import { makeTable, startProxy, type ProxyRig } from '../../support/proxy-rig.ts'
import { answers, Upstream } from '../../support/upstream.ts'
import { bodyOf, converse, says } from '../../support/wire.ts'

let upstream: Upstream
let rig: ProxyRig

beforeEach(async () => {
  upstream = await Upstream.start()
  const table = makeTable({
    targets: { open: { url: upstream.url, credential: 'ns/key' } },
    routes: [],
    passthrough: 'open',
  })
  rig = await startProxy({ table, keys: { 'ns/key': 'sk-real' } })
})

afterEach(async () => {
  await rig.stop()
  await upstream.stop()
})

const upgrade = (path = '/v1/realtime', headers = '') =>
  converse(rig.port, `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n${headers}\r\n`)

const accepted = 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n'

/** What the provider is asked for, and what it does with the socket. */
function onUpgrade(act: (socket: Duplex) => void): IncomingMessage[] {
  const asked: IncomingMessage[] = []
  upstream.server.on('upgrade', (request, socket) => {
    asked.push(request)
    socket.on('error', () => socket.destroy())
    socket.on('end', () => socket.end())
    act(socket)
  })
  return asked
}

test('a connection that the provider resets ends with its last frame, and no answer of ours among the frames', async () => {
  onUpgrade((socket) => socket.write(`${accepted}\x81\x01a`, 'latin1', () => upstream.breakConnections()))
  const heard = await upgrade()
  expect(heard.startsWith('HTTP/1.1 101')).toBe(true)
  expect(bodyOf(heard)).not.toContain('HTTP/1.1')
  await rig.untilReported(1)
  expect(rig.exchanges[0]).toMatchObject({ status: 101 })
})

describe('a provider that declines', () => {
  it.each([
    ['of known length', 'content-length: 6\r\n\r\nabcdef'],
    ['in chunks', 'transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n'],
  ])('is heard to its end: an answer %s', async (_, rest) => {
    upstream.usual = says(`HTTP/1.1 401 No\r\n${rest}`)
    const heard = await upgrade()
    expect(heard).toMatch(/^HTTP\/1\.1 401 No\r\n/)
    expect(heard).toMatch(/\r\nconnection: close\r\n/)
    expect(heard).not.toContain('chunked')
    expect(bodyOf(heard)).toBe('abcdef')
    await rig.untilReported(1)
    expect(rig.exchanges[0]).toMatchObject({ status: 401, error: null })
  })

  test('and breaks off does not leave the caller waiting', async () => {
    upstream.usual = (response) => {
      response.socket?.write('HTTP/1.1 401 No\r\ncontent-length: 10\r\n\r\nabc', () => response.socket?.end())
    }
    expect(await upgrade()).toMatch(/^HTTP\/1\.1 401 No\r\n/)
    await rig.untilReported(1)
    expect(rig.exchanges[0]).toMatchObject({ status: 401, error: 'passthrough_failed' })
  })
})

it.each([
  ['closes its connection', (socket: Socket) => socket.destroy()],
  ['resets its connection', (socket: Socket) => socket.resetAndDestroy()],
  ['closes its half of the connection', (socket: Socket) => socket.end()],
])(
  'a caller that %s before the provider has answered takes the connection to the provider with it',
  async (_, leave) => {
    const asked = onUpgrade((socket) => socket.resume())
    const socket = connect(rig.port, '127.0.0.1')
    socket.write('GET /v1/realtime HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n')
    await once(upstream.server, 'upgrade')
    expect(asked).toHaveLength(1)
    leave(socket)
    await upstream.until(() => upstream.openConnections === 0)
    await rig.untilReported(1)
    expect(rig.server.callsUnderWay()).toBe(0)
  },
)

test('what a caller sends before it is accepted reaches the provider behind the head, in order', async () => {
  const accept = Promise.withResolvers<Duplex>()
  onUpgrade((socket) => accept.resolve(socket))
  const socket = connect(rig.port, '127.0.0.1')
  socket.write('GET /v1/realtime HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\none ')
  const providerSide = await accept.promise
  await new Promise((resolve) => socket.write('two ', resolve))
  providerSide.write(accepted)
  await once(socket, 'data')
  socket.write('three')
  let heard = ''
  while (heard.length < 'one two three'.length) heard += String((await once(providerSide, 'data'))[0])
  expect(heard).toBe('one two three')
  socket.destroy()
})

it.each([
  ['declined by the provider', () => (upstream.usual = says('HTTP/1.1 401 No\r\ncontent-length: 2\r\n\r\nno'))],
  ['refused by the proxy', () => rig.keys.replaceAll([])],
])('a caller that keeps its half of a connection %s leaves nothing behind', async (_, prepare) => {
  prepare()
  const socket = connect({ port: rig.port, host: '127.0.0.1', allowHalfOpen: true })
  socket.resume()
  socket.write('GET /v1/realtime HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n')
  await rig.untilReported(1)
  expect(rig.server.callsUnderWay()).toBe(0)
  socket.destroy()
})

test('a request with a body is no upgrade, whatever it asks for', async () => {
  upstream.usual = answers('{"ok":true}')
  const headers = 'connection: upgrade, close\r\nupgrade: websocket\r\ncontent-length: 2\r\n'
  const heard = await converse(rig.port, `GET /v1/realtime HTTP/1.1\r\nhost: x\r\n${headers}\r\n{}`)
  expect(heard).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
  expect(upstream.requests[0]).toMatchObject({ url: '/v1/realtime', body: '{}' })
  expect(rig.server.callsUnderWay()).toBe(0)
})

describe('keys', () => {
  test("the provider's goes in on its WebSocket path, and the caller's stays here wherever it stands", async () => {
    const asked = onUpgrade((socket) => socket.end(accepted))
    await upgrade(
      '/v1/realtime?model=x',
      'authorization: Bearer sk-mine\r\nproxy-authorization: Basic sk-mine\r\n' +
        'sec-websocket-protocol: realtime, openai-insecure-api-key.sk-mine, openai-project.p-mine, openai-beta.x\r\n',
    )
    expect(asked[0]?.headers).toMatchObject({
      authorization: 'Bearer sk-real',
      'sec-websocket-protocol': 'realtime, openai-beta.x',
    })
    expect(String(asked[0]?.rawHeaders)).not.toContain('mine')
  })

  it.each(['/v1/chat/completions', '/v1/models', '/v1/other'])(
    'an upgrade on %s, which is no WebSocket of the provider, is sent without one',
    async (path) => {
      const asked = onUpgrade((socket) => socket.end(accepted))
      await upgrade(path, 'sec-websocket-protocol: openai-insecure-api-key.sk-mine\r\n')
      expect(asked[0]?.headers.authorization).toBeUndefined()
      expect(asked[0]?.headers['sec-websocket-protocol']).toBe('openai-insecure-api-key.sk-mine')
    },
  )
})
