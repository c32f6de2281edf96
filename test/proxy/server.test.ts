// What callers may put into the head of a request, and what they are told when the proxy is about to go.
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import { makeTable, startProxy, type ProxyRig } from '../support/proxy-rig.ts'
import { answers, Upstream } from '../support/upstream.ts'
import { bodyOf, converse } from '../support/wire.ts'

let upstream: Upstream
let rig: ProxyRig

beforeEach(async () => {
  upstream = await Upstream.start()
  upstream.usual = answers('{"ok":true}')
  const table = makeTable({ targets: { a: { url: upstream.url } }, routes: [{ backends: ['a'] }], passthrough: 'a' })
  rig = await startProxy({ table })
})

afterEach(async () => {
  await rig.stop()
  await upstream.stop()
})

const chat = (target: string, headers: string) =>
  `POST ${target} HTTP/1.1\r\nhost: any.example\r\ncontent-length: 13\r\n${headers}\r\n\r\n{"model":"m"}`

describe('a library that offers HTTP/2 over the same connection (as Java does)', () => {
  const offer = 'Connection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAAB'

  test('is answered over HTTP/1.1, and its offer does not reach the provider', async () => {
    const answer = await converse(rig.port, chat('/openai/v1/chat/completions', offer))
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(bodyOf(answer)).toBe('{"ok":true}')
    const [request] = upstream.requests
    expect(request?.body).toBe('{"model":"m"}')
    expect(request?.headers).not.toHaveProperty('upgrade')
    expect(request?.headers).not.toHaveProperty('http2-settings')
  })

  test('is answered on passed-through paths too', async () => {
    expect(await converse(rig.port, chat('/v1/files', offer))).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(upstream.requests[0]).toMatchObject({ url: '/v1/files', body: '{"model":"m"}' })
    expect(upstream.requests[0]?.headers).not.toHaveProperty('http2-settings')
  })
})

describe('a request whose target is a whole URL', () => {
  it.each([
    ['http://any.example/openai/v1/chat/completions', '/v1/chat/completions'],
    ['HTTPS://user@any.example:99/v1/chat/completions?a=1', '/v1/chat/completions?a=1'],
    ['http://any.example/v1/files', '/v1/files'],
    ['http://any.example', '/'],
    ['http://any.example?x=//y', '/?x=//y'],
  ])('%s is the path alone: its host does not choose where to go', async (target, expected) => {
    expect(await converse(rig.port, chat(target, 'connection: close'))).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(upstream.requests.map(({ url, headers }) => [url, headers.host])).toEqual([
      [expected, `127.0.0.1:${upstream.port}`],
    ])
  })
})

describe('while the proxy drains', () => {
  test('a call under way is told that its connection closes, and so is one that comes after it', async () => {
    let answer = () => {}
    const isAsked = new Promise<void>((resolve) => {
      upstream.script.push((response, request) => {
        answer = () => answers('{"ok":1}')(response, request)
        resolve()
      })
    })
    const first = converse(rig.port, chat('/v1/chat/completions', 'x: 1'))
    await isAsked
    const drained = rig.server.drain(10_000)
    answer()
    expect(await first).toMatch(/\r\nConnection: close\r\n/i)
    await drained
    expect(rig.server.callsUnderWay()).toBe(0)
  })
})
