// Passed-through requests and answers that no library would send: what the proxy makes of them, byte by byte.
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import { MAX_SOCKETS } from '../../../proxy/passthrough/passthrough.ts'
import { makeTable, startProxy, type ProxyRig } from '../../support/proxy-rig.ts'
import { answers, hangsAfter, Upstream } from '../../support/upstream.ts'
import { bodyOf, converse, says } from '../../support/wire.ts'

let upstream: Upstream
let rig: ProxyRig

beforeEach(async () => {
  upstream = await Upstream.start()
  upstream.usual = answers('{"ok":true}')
  const table = makeTable({ targets: { open: { url: upstream.url } }, routes: [], passthrough: 'open' })
  rig = await startProxy({ table })
})

afterEach(async () => {
  await rig.stop()
  await upstream.stop()
})

const ask = (headers = '', { version = '1.1', method = 'GET', body = '' } = {}) =>
  converse(rig.port, `${method} /v1/files HTTP/${version}\r\nhost: x\r\nconnection: close\r\n${headers}\r\n${body}`)

const codeOf = (answer: string) => /\r\nx-modelroute-error: (\w+)/.exec(answer)?.[1] ?? null

describe('a body cannot become a request of its own at the provider', () => {
  const hidden = 'GET /v1/hidden HTTP/1.1\r\nhost: x\r\n\r\n'
  const inChunks = `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`
  const declared = `content-length: ${hidden.length}\r\n`

  it.each([
    ['DELETE', 'transfer-encoding: chunked\r\n', inChunks],
    ['OPTIONS', 'transfer-encoding: chunked\r\n', inChunks],
    ['GET', 'transfer-encoding: chunked\r\n', inChunks],
    ['DELETE', declared, hidden],
    ['DELETE', `connection: content-length\r\n${declared}`, hidden],
    ['GET', `connection: content-length\r\n${declared}`, hidden],
    ['GET', 'connection: transfer-encoding\r\ntransfer-encoding: chunked\r\n', inChunks],
    ['POST', 'connection: Content-Length, Transfer-Encoding\r\ntransfer-encoding: chunked\r\n', inChunks],
  ])('%s with %j', async (method, headers, body) => {
    expect(await ask(headers, { method, body })).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    await ask()
    expect(upstream.requests.map((request) => [request.method, request.url, request.body])).toEqual([
      [method, '/v1/files', hidden],
      ['GET', '/v1/files', ''],
    ])
  })
})

describe('a request reaches the provider without what is not for it', () => {
  test('headers that any of its connection headers names, our own names, and an announcement of trailers', async () => {
    const headers =
      'connection: x-one\r\nx-one: 1\r\nx-modelroute-error: forged\r\ntrailer: x-sum\r\nexpect: 100-continue\r\nx-kept: é\r\n'
    expect(await ask(`${headers}content-length: 2\r\n`, { method: 'POST', body: '{}' })).toMatch(
      /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200/,
    )
    const names = Object.keys(upstream.requests[0]?.headers ?? {}).sort()
    expect(names).toEqual(['connection', 'content-length', 'host', 'x-kept'])
    expect(upstream.requests[0]?.headers['x-kept']).toBe('é')
  })
})

test('calls beyond the connections that one provider gets wait for one, and none is lost', async () => {
  const waiting: ServerResponse[] = []
  upstream.usual = (response) => void waiting.push(response)
  const calls = Array.from({ length: MAX_SOCKETS + 4 }, () => fetch(`${rig.url}/v1/files`))
  await upstream.until(() => upstream.requests.length === MAX_SOCKETS)
  upstream.usual = answers('{"ok":true}')
  for (const response of waiting) response.end('{"ok":true}')
  expect(new Set((await Promise.all(calls)).map(({ status }) => status))).toEqual(new Set([200]))
  expect(upstream.totalConnections).toBe(MAX_SOCKETS)
})

describe("a provider's answer", () => {
  test('keeps names, order and repeats of its headers, but for those of the connection and of this proxy', async () => {
    upstream.usual = says(
      'HTTP/1.1 200 Fine\r\nX-B: 1\r\nSet-Cookie: a\r\nx-a: é\r\nSet-Cookie: b\r\nConnection: x-hop\r\nX-Hop: 1\r\n' +
        'Keep-Alive: timeout=1\r\nX-Modelroute-Error: forged\r\nDate: today\r\nContent-Length: 2\r\n\r\n{}',
    )
    const answer = await ask()
    const kept = 'X-B: 1\r\nSet-Cookie: a\r\nx-a: é\r\nSet-Cookie: b\r\nDate: today\r\nContent-Length: 2'
    const own = `x-modelroute-target: open\r\nx-modelroute-request-id: ${rig.exchanges[0]?.id}`
    expect(answer).toBe(`HTTP/1.1 200 Fine\r\n${kept}\r\n${own}\r\nConnection: close\r\n\r\n{}`)
  })

  test('with a status text that cannot be written comes without the text', async () => {
    upstream.usual = says('HTTP/1.1 200 O\u0001K\r\ncontent-length: 2\r\n\r\n{}')
    const answer = await ask()
    expect(answer).toMatch(/^HTTP\/1\.1 200 \r\n/)
    expect(bodyOf(answer)).toBe('{}')
  })

  it.each([
    ['with a status below 100', 'HTTP/1.1 099 OK\r\ncontent-length: 2\r\n\r\n{}'],
    ['that switches to a protocol nobody asked for', 'HTTP/1.1 101 OK\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'],
    ['that is not HTTP', 'SSH-2.0-OpenSSH_9.9\r\n'],
  ])('%s is an error with a code', async (_, text) => {
    upstream.usual = says(text)
    const answer = await ask()
    expect([answer.slice(9, 12), codeOf(answer)]).toEqual(['502', 'passthrough_failed'])
    await rig.untilReported(1)
    expect(rig.exchanges[0]).toMatchObject({ status: 502, error: 'passthrough_failed' })
  })

  it.each([
    ['in its body', 'ZZZ\r\n'],
    ['in its trailers', '0\r\nx-sum: \u0001\r\n\r\n'],
  ])('that stops being HTTP %s ends there, for the caller to notice', async (_, rest) => {
    upstream.usual = says(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n${rest}`)
    const answer = await ask()
    expect(bodyOf(answer)).not.toContain('\r\n0\r\n')
    expect(codeOf(answer)).toBeNull()
    await rig.untilReported(1)
    expect(rig.exchanges[0]).toMatchObject({ status: 200, error: 'passthrough_failed' })
    upstream.usual = answers('{"ok":true}')
    expect(await ask()).toMatch(/^HTTP\/1\.1 200/)
  })

  it.each([
    ['of known length', '1.1', 'content-length: 2\r\n\r\n{}', '{}'],
    ['in chunks to HTTP/1.0', '1.0', 'transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nx-sum: 1\r\n\r\n', '{}'],
  ])('that announces trailers comes whole: %s', async (_, version, rest, expected) => {
    upstream.usual = says(`HTTP/1.1 200 OK\r\ntrailer: x-sum\r\n${rest}`)
    expect(bodyOf(await ask('', { version }))).toBe(expected)
  })

  it.each([
    ['1.1', 1],
    ['1.0', 0],
  ])('is announced by informational answers to HTTP/%s %i times', async (version, count) => {
    upstream.usual = says('HTTP/1.1 103 Early\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}')
    const answer = await ask('', { version })
    expect(answer.split('HTTP/1.1 103').length - 1).toBe(count)
    expect(answer).toMatch(/HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n\{\}$/)
  })

  test('is there as soon as its head is, before a body', async () => {
    upstream.usual = hangsAfter()
    const response = await fetch(`${rig.url}/v1/files`)
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    await response.body?.cancel()
  })

  test('that comes while the request is still uploaded is read whole, and the rest of the upload taken', async () => {
    const refusal = 'HTTP/1.1 413 Too Large\r\nconnection: close\r\ncontent-length: 3\r\n\r\nbig'
    upstream.onHead = (request) => request.socket.end(refusal)
    const body = 'x'.repeat(4_000_000)
    const socket = connect(rig.port, '127.0.0.1')
    const answered = once(socket, 'data')
    socket.write(`POST /v1/files HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n`)
    await new Promise((resolve) => socket.write(body, resolve))
    const [answer] = (await answered) as [Buffer]
    expect(String(answer)).toMatch(/^HTTP\/1\.1 413 [^]*\r\n\r\nbig$/)
    socket.destroy()
  })
})
