// One connection over real sockets: used again where that is safe, closed where it is not, paced by its reader.
import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import type { Dispatcher } from 'undici'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { HttpConnection } from '../../../../proxy/upstream/wire/http-connection.ts'
import { Wire } from '../../../../proxy/upstream/wire/wire.ts'

let server: Server
let sockets: Socket[]
let received: string
/** What the server does with the bytes of a request. */
let answer: (socket: Socket) => void
let closed: number
let opened: HttpConnection[]

beforeEach(async () => {
  sockets = []
  received = ''
  closed = 0
  opened = []
  answer = (socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
  server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
    socket.on('data', (bytes) => {
      received += bytes.toString('latin1')
      answer(socket)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterEach(() => {
  for (const connection of opened) connection.destroy(new Error('the test has ended'))
  for (const socket of sockets) socket.destroy()
  server.close()
})

function open(): HttpConnection {
  const { port } = server.address() as AddressInfo
  const origin = `http://127.0.0.1:${port}`
  const connection = new HttpConnection({ origin, wire: new Wire(1_000), onClosed: () => (closed += 1) })
  opened.push(connection)
  return connection
}

interface Ended {
  readonly status: number | null
  readonly body: string
  readonly error: Error | null
}

type Hooks = Pick<Dispatcher.DispatchHandler, 'onRequestStart' | 'onResponseData' | 'onResponseStart'>

function call(connection: HttpConnection, request: object = {}, hooks: Hooks = {}): Promise<Ended> {
  return new Promise((resolve) => {
    let status: number | null = null
    let body = ''
    connection.dispatch(
      { path: '/', method: 'POST', headers: [], body: Buffer.from('hi'), ...request },
      {
        onRequestStart: (...all) => hooks.onRequestStart?.(...all),
        onResponseStart: (controller, code, headers) => {
          status = code
          hooks.onResponseStart?.(controller, code, headers)
        },
        onResponseData: (controller, bytes) => {
          body += bytes.toString('latin1')
          hooks.onResponseData?.(controller, bytes)
        },
        onResponseEnd: () => resolve({ status, body, error: null }),
        onResponseError: (_, error) => resolve({ status, body, error }),
      },
    )
  })
}

const codeOf = ({ error }: Ended) => (error !== null && 'code' in error ? error.code : error)

test('serves one call after the other on one connection', async () => {
  const connection = open()
  for (let count = 0; count < 3; count += 1) {
    expect(await call(connection, { headers: ['X-A', '1'] })).toEqual({ status: 200, body: 'ok', error: null })
  }
  const { port } = server.address() as AddressInfo
  const one = `POST / HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nconnection: keep-alive\r\nX-A: 1\r\ncontent-length: 2\r\n\r\nhi`
  expect(received).toBe(one.repeat(3))
  expect([sockets.length, closed]).toEqual([1, 0])
  connection.destroy(new Error('test'))
  expect(closed).toBe(1)
})

test('a large body arrives whole, behind its head', async () => {
  const body = Buffer.alloc(3 * 1024 * 1024, 'abc')
  answer = (socket) => {
    if (received.length === received.indexOf('\r\n\r\n') + 4 + body.length)
      socket.write('HTTP/1.1 204 No Content\r\n\r\n')
  }
  expect((await call(open(), { body })).status).toBe(204)
  expect(received.slice(received.indexOf('\r\n\r\n') + 4)).toBe(body.toString('latin1'))
})

test.each([
  ['says that it closes', 'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok'],
  ['sends more than its answer', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\n'],
])('is closed after the answer of a provider that %s', async (_, text) => {
  answer = (socket) => void socket.write(text)
  expect(await call(open())).toEqual({ status: 200, body: 'ok', error: null })
  expect(closed).toBe(1)
})

test('is closed when the provider sends something that nobody asked for, and the next call hears of it', async () => {
  const connection = open()
  await call(connection)
  const [socket] = sockets
  socket?.write('HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\npoison')
  await new Promise((resolve) => socket?.once('close', resolve))
  expect(closed).toBe(1)
  expect(codeOf(await call(connection))).toMatch(/^HPE_/)
})

test('is closed when the provider answers before it has read the request', async () => {
  answer = (socket) => {
    socket.pause()
    socket.write('HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno')
  }
  const ended = await call(open(), { body: Buffer.alloc(32 * 1024 * 1024) })
  expect([ended.status, ended.body, closed]).toEqual([413, 'no', 1])
})

test.each([
  ['a line break in a value', { headers: ['x-a', '1\r\nx-b: 2'] }],
  ['a line break in a name', { headers: ['x-a: 1\r\nx-b', '2'] }],
  ['a zero byte in a value', { headers: ['x-a', '\0'] }],
  ['a letter that no header can hold', { headers: ['x-a', '\u4f60'] }],
  ['a space in the path', { path: '/a b' }],
  ['a line break in the path', { path: '/a\r\nx: 1' }],
  ['a path that is none', { path: 'a' }],
])('a request with %s is refused, and nothing of it is sent', async (_, request) => {
  expect(codeOf(await call(open(), request))).toBe('UND_ERR_INVALID_ARG')
  expect([received, closed]).toEqual(['', 1])
})

test.each([
  ['closes without an answer', (socket: Socket) => socket.end(), 'UND_ERR_SOCKET'],
  ['resets', (socket: Socket) => socket.resetAndDestroy(), 'ECONNRESET'],
  [
    'closes in mid-answer',
    (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok'),
    'UND_ERR_SOCKET',
  ],
  ['sends no HTTP', (socket: Socket) => socket.write('hello\r\n\r\n'), 'HPE_INVALID_ANSWER'],
  [
    'sends an endless head',
    (socket: Socket) => socket.write(`HTTP/1.1 200 ${'a'.repeat(20_000)}`),
    'UND_ERR_HEADERS_OVERFLOW',
  ],
])('the call of a provider that %s ends with an error, once', async (_, behaviour, code) => {
  answer = behaviour
  expect(codeOf(await call(open()))).toBe(code)
  expect(closed).toBe(1)
})

test('a refused connection ends the call', async () => {
  const { port } = server.address() as AddressInfo
  server.close()
  const connection = new HttpConnection({
    origin: `http://127.0.0.1:${port}`,
    wire: new Wire(1_000),
    onClosed: () => {},
  })
  expect(codeOf(await call(connection))).toBe('ECONNREFUSED')
})

test('an answer without a length ends with the connection', async () => {
  answer = (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nto the end')
  expect(await call(open())).toEqual({ status: 200, body: 'to the end', error: null })
})

test('a fault of the handler ends its call and nothing else', async () => {
  const fault = new Error('fault')
  const hooks = {
    onResponseStart: () => {
      throw fault
    },
  }
  expect((await call(open(), {}, hooks)).error).toBe(fault)
  expect(closed).toBe(1)
})

test('a paused call takes no more than is in the system’s buffers, and goes on where it stood', async () => {
  const total = 64 * 1024 * 1024
  let written = 0
  answer = (socket) => {
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${total}\r\n\r\n`)
    const piece = Buffer.alloc(1024 * 1024, 'x')
    const more = () => {
      while (written < total) {
        written += piece.length
        if (!socket.write(piece)) return void socket.once('drain', more)
      }
    }
    more()
  }
  const controllers: Dispatcher.DispatchController[] = []
  let takenBytes = 0
  const ended = call(
    open(),
    {},
    {
      onResponseData: (paced, bytes) => {
        takenBytes += bytes.length
        if (controllers.length === 0) paced.pause()
        controllers.push(paced)
      },
    },
  )
  const [socket] = await waitFor(() => (written > 0 ? sockets : null))
  // The server stands still when its writes find no room.
  await waitFor(() => (socket !== undefined && socket.writableLength > 0 && takenBytes > 0 ? true : null))
  expect(takenBytes).toBeLessThanOrEqual(64 * 1024)
  controllers[0]?.resume()
  expect((await ended).body.length).toBe(total)
})

test('the pace of a call that has ended is not the next call’s', async () => {
  const connection = open()
  const controllers: Dispatcher.DispatchController[] = []
  await call(connection, {}, { onRequestStart: (controller) => void controllers.push(controller) })
  const second = call(connection)
  controllers[0]?.pause()
  expect((await second).body).toBe('ok')
})

test('reads what the provider says of its keep-alive', async () => {
  const connection = open()
  expect(connection.keepAliveMs).toBeNull()
  answer = (socket) => void socket.write('HTTP/1.1 204 N\r\nkeep-alive: timeout=5, max=100\r\n\r\n')
  await call(connection)
  expect(connection.keepAliveMs).toBe(5_000)
})

/** Until a condition of the system's own making holds; it is looked at after each turn of the event loop. */
async function waitFor<T>(look: () => T | null): Promise<T> {
  for (;;) {
    const found = look()
    if (found !== null) return found
    await new Promise((resolve) => setImmediate(resolve))
  }
}
