// Everything that is no operation of a dialect: bytes through, both ways.
import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { makeTable, startProxy, type ProxyRig } from '../../support/proxy-rig.ts'
import { answers, chunk, hangsAfter, Upstream } from '../../support/upstream.ts'
import { converse } from '../../support/wire.ts'

let upstream: Upstream
let rig: ProxyRig

beforeEach(async () => {
  upstream = await Upstream.start()
  upstream.usual = answers({ ok: true })
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

const mine = { authorization: 'Bearer sk-mine' }

describe('paths', () => {
  it.each([
    ['/openai/v1/moderations', '/v1/moderations'],
    ['/v1/moderations?a=1&b=//x%2F', '/v1/moderations?a=1&b=//x%2F'],
    ['/openai/v1/files/file-1/content', '/v1/files/file-1/content'],
    ['/openai/other', '/other'],
    ['/other?x={y}', '/other?x={y}'],
    ['/', '/'],
    ['//elsewhere.example/a//b', '//elsewhere.example/a//b'],
    ['/openai/v1/files//a?b=c//d?e', '/v1/files//a?b=c//d?e'],
  ])('%s goes to %s of the provider', async (path, expected) => {
    const response = await fetch(rig.url + path, { method: 'POST', body: '{}' })
    expect(response.status).toBe(200)
    expect(upstream.requests[0]?.url).toBe(expected)
    expect(response.headers.get('x-modelroute-target')).toBe('open')
    expect(response.headers.get('x-modelroute-request-id')).toMatch(/-0$/)
  })

  test('below a provider whose URL has another base path', async () => {
    const url = upstream.url.replace('/v1', '/compat/v2/')
    rig.tables.swap(makeTable({ targets: { open: { url } }, routes: [], passthrough: 'open' }))
    await fetch(`${rig.url}/openai/v1/moderations`)
    expect(upstream.requests[0]?.url).toBe('/compat/v2/moderations')
  })
})

describe('keys', () => {
  it.each([
    ['POST', '/rerank'],
    ['POST', '/moderations'],
    ['POST', '/images/generations'],
    ['POST', '/audio/speech'],
    ['GET', '/models/gpt-5'],
    ['GET', '/models/ft:gpt-5.1:org::x'],
    ['GET', '/models/meta-llama%2FLlama-4'],
  ])("on %s %s, which is inference, the provider's key takes the place of the caller's", async (method, path) => {
    await fetch(`${rig.url}/openai/v1${path}`, { method, headers: { ...mine, 'openai-organization': 'org-mine' } })
    expect(upstream.requests[0]?.headers).toMatchObject({ authorization: 'Bearer sk-real' })
    expect(upstream.requests[0]?.headers['openai-organization']).toBeUndefined()
  })

  it.each([
    ['POST', '/v1/files'],
    ['GET', '/v1/organization/users'],
    ['POST', '/v1/fine_tuning/jobs'],
    ['GET', '/v1/responses/resp_1'],
    ['GET', '/dashboard'],
    // The stored chats of the whole account.
    ['GET', '/v1/chat/completions'],
    ['POST', '/v1/chat/completions/chatcmpl-1'],
    ['DELETE', '/v1/models/ft:gpt-5.1:org::x'],
    ['POST', '/v1/models/gpt-5'],
    ['OPTIONS', '/v1/embeddings'],
    // What a provider may decode to another path than this proxy read.
    ['GET', '/v1/models/..%2forganization%2Fadmin_api_keys'],
    ['GET', '/v1/models/%2e%2e/organization/users'],
    ['GET', '/v1/models/x%2F..%2F..%2Forganization'],
    ['GET', '/v1/models/gpt-5%3F'],
  ])("on %s %s the caller's own key stays and the provider's is not put in", async (method, path) => {
    await converse(
      rig.port,
      `${method} ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer sk-mine\r\nconnection: close\r\n\r\n`,
    )
    expect(upstream.requests.map(({ url, headers }) => [url, headers.authorization])).toEqual([
      [path, 'Bearer sk-mine'],
    ])
  })

  test('that no header can carry are a fault of one call, not the end of the process', async () => {
    rig.keys.replaceAll([{ id: 'ns/key', value: 'sk-1\n' }])
    const refused = await fetch(`${rig.url}/v1/moderations`, { method: 'POST', body: '{}' })
    expect([refused.status, refused.headers.get('x-modelroute-error')]).toEqual([500, 'internal_error'])
    expect(rig.logText()).not.toContain('sk-1')
    expect((await fetch(`${rig.url}/v1/files`)).status).toBe(200)
  })

  test('a key that has not come is an error on inference paths alone', async () => {
    rig.keys.replaceAll([])
    const refused = await fetch(`${rig.url}/v1/moderations`, { method: 'POST', headers: mine })
    expect([refused.status, refused.headers.get('x-modelroute-error')]).toEqual([503, 'key_missing'])
    expect((await fetch(`${rig.url}/v1/files`, { headers: mine })).status).toBe(200)
    expect(upstream.requests).toHaveLength(1)
  })
})

describe('bytes', () => {
  test('of requests and answers are kept, whatever they are', async () => {
    const body = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 31) % 256))
    const type = 'multipart/form-data; boundary=----x'
    upstream.usual = (response, request) => {
      response.writeHead(201, 'Made', { 'content-type': 'application/octet-stream', 'x-size': request.body.length })
      response.end(body)
    }
    const response = await fetch(`${rig.url}/v1/files`, { method: 'POST', body, headers: { 'content-type': type } })
    expect([response.status, response.statusText]).toEqual([201, 'Made'])
    expect(Buffer.from(await response.arrayBuffer()).equals(body)).toBe(true)
    expect(upstream.requests[0]?.headers['content-type']).toBe(type)
    expect(upstream.requests[0]?.bytes.equals(body)).toBe(true)
    await rig.untilReported(1)
    expect(rig.exchanges[0]).toMatchObject({
      operation: 'Passthrough',
      targetId: 'open',
      status: 201,
      answerBytes: 300_000,
    })
  })

  test('of HEAD, 204 and 304 answers have no body, and the connection stays usable', async () => {
    upstream.usual = (response, { method, url }) => {
      response.writeHead(
        url === '/v1/none' ? 204 : url === '/v1/same' ? 304 : 200,
        method === 'HEAD' ? { 'content-length': '77' } : {},
      )
      response.end()
    }
    const head = await fetch(`${rig.url}/v1/files`, { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '77'])
    expect((await fetch(`${rig.url}/v1/none`)).status).toBe(204)
    expect((await fetch(`${rig.url}/v1/same`)).status).toBe(304)
    expect(upstream.totalConnections, 'connections are kept alive').toBe(1)
  })

  test('of trailers and informational answers pass', async () => {
    upstream.usual = (response) => {
      response.writeEarlyHints({ link: '</a>; rel=preload' })
      response.writeHead(200, { trailer: 'x-sum' })
      response.write('a')
      response.addTrailers({ 'x-sum': '97' })
      response.end()
    }
    const outgoing = httpRequest(`${rig.url}/v1/files`, { agent: false })
    const hints: number[] = []
    outgoing.on('information', ({ statusCode }) => hints.push(statusCode))
    outgoing.end()
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
    response.resume()
    await once(response, 'end')
    expect(hints).toEqual([103])
    expect(response.trailers).toEqual({ 'x-sum': '97' })
  })

  test('are streamed as they come, before the answer has ended', async () => {
    upstream.usual = hangsAfter(chunk('a'))
    const response = await fetch(`${rig.url}/v1/moderations`, { method: 'POST', body: '{"stream":true}' })
    const reader = response.body?.getReader()
    expect(Buffer.from((await reader?.read())?.value ?? []).toString('utf8')).toBe(chunk('a'))
    await reader?.cancel()
    await upstream.until(() => upstream.openConnections === 0)
  })
})

describe('faults', () => {
  test('a provider that cannot be reached is an error in the shape of OpenAI', async () => {
    const { port } = upstream
    await upstream.stop()
    const response = await fetch(`${rig.url}/v1/moderations`, { method: 'POST', body: '{}' })
    expect([response.status, response.headers.get('x-modelroute-error')]).toEqual([502, 'passthrough_failed'])
    expect(await response.json()).toMatchObject({
      error: { code: 'passthrough_failed', message: 'Target open failed: the connection was refused.' },
    })
    expect(port).toBeGreaterThan(0)
    upstream = await Upstream.start()
  })

  test('a provider that breaks off its answer is noticed by the caller', async () => {
    upstream.usual = (response) => {
      response.writeHead(200, { 'content-length': 100 })
      response.write('half')
      setImmediate(() => response.socket?.destroy())
    }
    const response = await fetch(`${rig.url}/v1/files`)
    await expect(response.text()).rejects.toThrow('terminated')
    await rig.untilReported(1)
    expect(rig.exchanges[0]).toMatchObject({ error: 'passthrough_failed' })
  })
})

describe('WebSocket', () => {
  const openEcho = () => {
    const server = new WebSocketServer({
      server: upstream.server,
      handleProtocols: (offered) => [...offered][0] ?? false,
    })
    const seen: (string | undefined)[] = []
    server.on('connection', (socket, request) => {
      seen.push(request.url, request.headers.authorization)
      socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
    })
    return { server, seen }
  }

  test('frames, subprotocol and close codes pass both ways, with the key put in', async () => {
    const { server, seen } = openEcho()
    const url = `${rig.url.replace('http', 'ws')}/openai/v1/realtime?model=x`
    const socket = new WebSocket(url, ['realtime'], { headers: mine })
    await once(socket, 'open')
    expect(socket.protocol).toBe('realtime')
    for (const text of ['a', 'b'.repeat(200_000)]) {
      socket.send(text)
      const [data] = (await once(socket, 'message')) as [Buffer]
      expect(data.toString('utf8')).toBe(text)
    }
    const [providerSide] = server.clients
    if (providerSide === undefined) throw new Error('no connection')
    const closed = once(socket, 'close')
    providerSide.close(4001, 'enough')
    expect((await closed).map(String)).toEqual(['4001', 'enough'])
    expect(seen).toEqual(['/v1/realtime?model=x', 'Bearer sk-real'])
    await rig.untilReported(1)
    expect(rig.exchanges[0]).toMatchObject({ status: 101, targetId: 'open', error: null })
    expect(rig.server.callsUnderWay()).toBe(0)
  })

  test('a caller that is torn away closes the connection to the provider', async () => {
    const { server } = openEcho()
    const socket = new WebSocket(`${rig.url.replace('http', 'ws')}/v1/realtime`)
    await once(socket, 'open')
    const [providerSide] = server.clients
    if (providerSide === undefined) throw new Error('no connection')
    const closed = once(providerSide, 'close')
    socket.terminate()
    await closed
    await rig.untilReported(1)
    expect(rig.server.callsUnderWay()).toBe(0)
  })

  test('a refusal comes as an HTTP answer with its code', async () => {
    rig.tables.swap(makeTable({ targets: {}, routes: [] }))
    const socket = connect(rig.port, '127.0.0.1')
    socket.write('GET /v1/realtime HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n')
    let answer = ''
    for await (const data of socket) answer += String(data)
    expect(answer).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/)
    expect(answer).toContain('x-modelroute-error: unknown_path')
    await rig.untilReported(1)
    expect(rig.exchanges[0]).toMatchObject({ error: 'unknown_path', status: 404 })
  })

  test('a provider that declines the upgrade is heard', async () => {
    upstream.usual = answers({ error: { message: 'no' } }, 401)
    const socket = new WebSocket(`${rig.url.replace('http', 'ws')}/v1/realtime`)
    const [error] = (await once(socket, 'error')) as [Error]
    expect(error.message).toContain('401')
  })
})
