// Callers that send what no library sends, by accident or on purpose, through real sockets. Each gets an error in its
// own dialect or its bytes passed on as they are, and the proxy serves the next call as if nothing had been.
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, test } from 'vitest'
import { HEAD_BOUNDS, ProxyServer } from '../../proxy/server.ts'
import { systemTimers } from '../../proxy/upstream/timers.ts'
import type { DialectName } from '../../proxy/table/schema.ts'
import { makeTable, startProxy, type ProxyRig } from '../support/proxy-rig.ts'
import { answers, completion, Upstream } from '../support/upstream.ts'
import { bodyOf, converse } from '../support/wire.ts'

let upstream: Upstream
let rig: ProxyRig

beforeAll(async () => {
  upstream = await Upstream.start()
  rig = await startProxy()
})

beforeEach(() => {
  upstream.usual = answers(completion('ok'))
  upstream.requests.length = 0
})

afterEach(async () => {
  // Whatever was sent before: the next call is served, and nothing went wrong inside.
  use('OpenAI', 'OpenAI')
  upstream.usual = answers(completion('ok'))
  const { status } = await postTo('/v1/chat/completions', '{"model":"m"}')
  if (status !== 200 || rig.logText().includes('fault of the proxy')) throw new Error(rig.logText())
})

afterAll(async () => {
  await rig.stop()
  await upstream.stop()
})

/** Every rule goes to one target of this dialect. */
function use(caller: DialectName, target: DialectName): void {
  const base = caller === target ? {} : { model: 'theirs' }
  rig.tables.swap(
    makeTable({ targets: { a: { url: upstream.url, dialect: target, ...base } }, routes: [{ backends: ['a'] }] }),
  )
}

function postTo(path: string, body: string | Buffer, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(rig.url + path, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } })
}

interface ErrorBody {
  readonly type?: string
  readonly error: { readonly type?: string; readonly status?: string; readonly message?: string }
}

interface Caller {
  readonly dialect: DialectName
  readonly path: string
  /** A body with this as the text of its only message. */
  readonly body: (text: string, more?: string) => string
  /** The class and the sentence of an error body. */
  readonly errorOf: (body: ErrorBody) => readonly [name: unknown, sentence: unknown]
  readonly badRequest: unknown
}

const messages = (text: string, more = '') => `{"model":"m","messages":[{"role":"user","content":${text}}]${more}}`
const CALLERS: readonly Caller[] = [
  {
    dialect: 'OpenAI',
    path: '/v1/chat/completions',
    body: messages,
    errorOf: ({ error }) => [error.type, error.message],
    badRequest: 'invalid_request_error',
  },
  {
    dialect: 'OpenAI',
    path: '/v1/responses',
    body: (text, more = '') => `{"model":"m","input":[{"role":"user","content":${text}}]${more}}`,
    errorOf: ({ error }) => [error.type, error.message],
    badRequest: 'invalid_request_error',
  },
  {
    dialect: 'Anthropic',
    path: '/v1/messages',
    body: (text, more = '') => messages(text, `,"max_tokens":10${more}`),
    errorOf: ({ type, error }) => [type === 'error' && error.type, error.message],
    badRequest: 'invalid_request_error',
  },
  {
    dialect: 'Gemini',
    path: '/v1beta/models/m:generateContent',
    body: (text, more = '') => `{"contents":[{"role":"user","parts":[{"text":${text}}]}]${more}}`,
    errorOf: ({ error }) => [error.status, error.message],
    badRequest: 'INVALID_ARGUMENT',
  },
  {
    dialect: 'Ollama',
    path: '/api/chat',
    body: (text, more = '') => messages(text, `,"stream":false${more}`),
    errorOf: ({ error }) => [typeof error, error],
    badRequest: 'string',
  },
  {
    dialect: 'Prompt',
    path: '/prompt',
    body: (text, more = '') => `{"model_type":"m","prompt":${text}${more}}`,
    errorOf: ({ error }) => [typeof error, error],
    badRequest: 'string',
  },
]

const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
const foreignTo = (dialect: DialectName): DialectName => (dialect === 'Anthropic' ? 'OpenAI' : 'Anthropic')

async function refusalOf(caller: Caller, body: string | Buffer) {
  const response = await postTo(caller.path, body)
  const [name, sentence] = caller.errorOf((await response.json()) as ErrorBody)
  return { status: response.status, code: response.headers.get('x-modelroute-error'), name, sentence: String(sentence) }
}

describe.each(CALLERS)('$dialect on $path', (caller) => {
  const { dialect, body, badRequest } = caller

  it.each([
    ['wrong JSON', body('"hello"').slice(0, -1), 'body_not_json'],
    ['two values', `${body('"hello"')}{}`, 'body_not_json'],
    ['a list in place of an object', '[]', 'body_not_json'],
    ['nesting of 10^5 levels', body('"x"', `,"deep":${nested(100_000)}`), 'body_not_json'],
    ['a form', 'model=m&messages=x', 'body_not_json'],
  ])('%s is refused', async (_, sent, code) => {
    use(dialect, dialect)
    expect(await refusalOf(caller, sent)).toMatchObject({ status: 400, code, name: badRequest })
    expect(upstream.requests).toHaveLength(0)
  })

  it.each([
    ['huge numbers', '"x"', ',"n":1e999999,"m":-123456789012345678901234567890.5E-7'],
    ['lone surrogates', '"\\ud83d \\udc00"', ',"\\ud800":1'],
    ['members that come twice where nobody looks', '"x"', ',"a":1,"a":2'],
    ['control characters and unknown escapes', '"\u0001 \\q"', ''],
    ['nesting that is just not too deep', '"x"', `,"deep":${nested(255)}`],
    ['wrong types in members that the provider judges', '{"no":["text"]}', ',"temperature":"hot"'],
    ['10^5 elements', '"x"', `,"many":[${'{"a":1},'.repeat(99_999)}{}]`],
  ])('%s pass to the same dialect as they are', async (_, text, more) => {
    use(dialect, dialect)
    const sent = body(text, more)
    expect((await postTo(caller.path, sent)).status).toBe(200)
    expect(upstream.requests[0]?.bytes.equals(Buffer.from(sent))).toBe(true)
  })

  test('bytes that are no UTF-8 pass to the same dialect, and are refused for another', async () => {
    use(dialect, dialect)
    const sent = Buffer.from(body('"x\u00ff\u00c0y"'), 'latin1')
    expect((await postTo(caller.path, sent)).status).toBe(200)
    expect(upstream.requests[0]?.bytes.equals(sent)).toBe(true)
    use(dialect, foreignTo(dialect))
    const refusal = await refusalOf(caller, sent)
    expect(refusal).toMatchObject({ status: 400, code: 'body_not_json', name: badRequest })
    expect(refusal.sentence).toContain('UTF-8')
  })

  it.each([
    ['lone surrogates', '"\\ud83d"', '', 'half of a character'],
    ['nesting that is too deep', '"x"', `,"deep":${nested(256)}`, 'level'],
    ['a text of a wrong type', '{"no":"text"}', '', 'must be'],
  ])('%s are refused for another dialect', async (_, ...[text, more, words]) => {
    use(dialect, foreignTo(dialect))
    const refusal = await refusalOf(caller, body(text, more))
    expect(refusal).toMatchObject({ status: 400, name: badRequest })
    expect(refusal.sentence).toContain(words)
    expect(upstream.requests).toHaveLength(0)
  })
})

describe('a member that is there twice', () => {
  it.each([
    ['/v1/chat/completions', '{"model":"m","model":"n"}', 'model'],
    ['/v1/chat/completions', '{"model":"m","stream":true,"str\\u0065am":false}', 'stream'],
    ['/v1/messages', '{"model":"m","messages":[],"messages":[]}', 'messages'],
    ['/prompt', '{"model_type":"m","prompt":"a","prompt":"b"}', 'prompt'],
    ['/v1beta/models/m:countTokens', '{"contents":[],"contents":[]}', 'contents'],
  ])('is refused on %s: %s', async (path, body, name) => {
    use('OpenAI', 'OpenAI')
    const response = await postTo(path, body)
    expect([response.status, response.headers.get('x-modelroute-error')]).toEqual([400, 'member_repeated'])
    expect(await response.text()).toContain(`\\"${name}\\" more than once`)
  })
})

describe('10^5 messages', () => {
  const message = '{"role":"user","content":"hello"}'
  const body = `{"model":"m","max_tokens":9,"messages":[${`${message},`.repeat(99_999)}${message}]}`

  test('pass to the same dialect as they are', async () => {
    use('OpenAI', 'OpenAI')
    expect((await postTo('/v1/chat/completions', body)).status).toBe(200)
    expect(upstream.requests[0]?.body).toBe(body)
  })

  test('are translated, every one of them', { timeout: 60_000 }, async () => {
    use('Anthropic', 'OpenAI')
    expect((await postTo('/v1/messages', body)).status).toBe(200)
    const { messages: sent } = JSON.parse(upstream.requests[0]?.body ?? '') as { messages: { content: unknown }[] }
    expect(JSON.stringify(sent).match(/hello/g)).toHaveLength(100_000)
  })
})

describe('text that would be a header or a line of its own', () => {
  const evil = 'm\\r\\nx-evil: 1\\r\\n\\r\\nGET / HTTP/1.1'

  test('in the model stays in the body, and is one value in the log', async () => {
    use('OpenAI', 'OpenAI')
    const response = await postTo('/v1/chat/completions', `{"model":"${evil}"}`)
    expect([response.status, response.headers.get('x-evil')]).toEqual([200, null])
    expect(upstream.requests).toHaveLength(1)
  })

  test('in the model stays in the path of a provider that has it there', async () => {
    rig.tables.swap(
      makeTable({ targets: { a: { url: upstream.url, dialect: 'Gemini' } }, routes: [{ backends: ['a'] }] }),
    )
    upstream.usual = answers({ candidates: [{ content: { parts: [{ text: 'ok' }] }, finishReason: 'STOP' }] })
    const response = await postTo(
      '/v1/messages',
      `{"model":"../${evil}?key=x#","max_tokens":1,"messages":[{"role":"user","content":"x"}]}`,
    )
    expect(response.status).toBe(200)
    expect(upstream.requests.map(({ url }) => url)).toEqual([
      `/v1/models/${encodeURIComponent('../m\r\nx-evil: 1\r\n\r\nGET / HTTP/1.1?key=x#')}:generateContent`,
    ])
  })

  test('in the names of fields is blanked where they are told in a header', async () => {
    use('Anthropic', 'OpenAI')
    const response = await postTo('/v1/messages', messages('"x"', ',"max_tokens":9,"a\\r\\nx-evil: 1":1'))
    expect([response.status, response.headers.get('x-evil')]).toEqual([200, null])
    expect(response.headers.get('x-modelroute-dropped')).toBe('a??x-evil??1')
  })
})

describe('a request that cannot be read as HTTP', () => {
  const post = 'POST /anthropic/v1/messages HTTP/1.1\r\nhost: x\r\n'
  const chunked = '2\r\n{}\r\n0\r\n\r\n'

  it.each([
    ['a length and chunks', `${post}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n${chunked}`, 400],
    ['chunks and a length', `${post}transfer-encoding: chunked\r\ncontent-length: 2\r\n\r\n${chunked}`, 400],
    ['two lengths that differ', `${post}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`, 400],
    ['two lengths that are the same', `${post}content-length: 2\r\ncontent-length: 2\r\n\r\n{}`, 400],
    ['a negative length', `${post}content-length: -2\r\n\r\n{}`, 400],
    ['a length beyond all numbers', `${post}content-length: ${'9'.repeat(30)}\r\n\r\n{}`, 400],
    ['a length in hexadecimal', `${post}content-length: 0x2\r\n\r\n{}`, 400],
    ['another last transfer coding than chunked', `${post}transfer-encoding: xchunked\r\n\r\n${chunked}`, 400],
    ['a chunk without a size', `${post}transfer-encoding: chunked\r\n\r\nZZ\r\n{}\r\n`, 400],
    ['headers beyond their bound', `${post}x-a: ${'y'.repeat(HEAD_BOUNDS.maxHeaderBytes)}\r\n\r\n`, 431],
    ['a space in the path', 'POST /anthropic/v1/mess ages HTTP/1.1\r\nhost: x\r\n\r\n', 400],
    ['a line of two words', 'POST /anthropic/v1/messages\r\nhost: x\r\n\r\n', 400],
    ['a header without a name', `${post}: x\r\n\r\n`, 400],
    ['a header that goes on in the next line', `${post}x-a: 1\r\n 2\r\ncontent-length: 2\r\n\r\n{}`, 400],
    ['line ends without a return', 'POST /v1/messages HTTP/1.1\nhost: x\n\n', 400],
    ['the greeting of TLS', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001', 400],
    ['the greeting of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
  ])('%s is refused in words, and nothing reaches a provider', async (_, text, status) => {
    use('Anthropic', 'Anthropic')
    const answer = await converse(rig.port, text)
    expect(answer.slice(0, 12)).toBe(`HTTP/1.1 ${status}`)
    expect(answer).toContain('\r\nx-modelroute-error: ')
    const body = JSON.parse(bodyOf(answer)) as ErrorBody
    const isAnthropic = text.includes('/anthropic/v1/messages HTTP/1.1') && text.length < 16_000
    expect(isAnthropic ? [body.type, body.error.type] : body.error.type).toEqual(
      isAnthropic ? ['error', 'invalid_request_error'] : 'invalid_request_error',
    )
    expect(upstream.requests).toHaveLength(0)
  })

  test('behind a call that still waits for its answer ends the connection, with no answer in between', async () => {
    use('OpenAI', 'OpenAI')
    upstream.usual = () => {}
    const before = rig.exchanges.length
    const body = '{"model":"m"}'
    const first = `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`
    expect(
      await converse(rig.port, `${first}POST / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n`),
    ).not.toContain('HTTP/1.1 200')
    await rig.untilReported(before + 1)
    expect(rig.exchanges[before]?.error).toBe('caller_gone')
  })
})

describe('a caller that never comes to its end', () => {
  test('of its headers is told so, and loses its connection', async () => {
    const server = new ProxyServer({
      serve: () => {},
      upgrade: () => {},
      timers: systemTimers,
      head: { ...HEAD_BOUNDS, headersTimeoutMs: 150 },
    })
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 })
    const answer = await converse(port, 'POST /anthropic/v1/messages HTTP/1.1\r\nhost: x\r\nx-slow: ')
    expect(answer).toMatch(/^HTTP\/1\.1 408 /)
    expect(answer).toContain('did not come within 0.15 s')
    await server.drain(0)
  })

  test('but closes in the middle of its body costs no provider call, and leaves nothing held', async () => {
    use('OpenAI', 'OpenAI')
    const before = rig.exchanges.length
    const socket = connect(rig.port, '127.0.0.1')
    socket.write('POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"model":')
    await once(socket, 'connect')
    socket.end()
    await rig.untilReported(before + 1)
    expect(rig.exchanges[before]?.error).toBe('caller_gone')
    expect(await (await fetch(`${rig.adminUrl}/metrics`)).text()).toMatch(/body_bytes_held\S* 0\n/)
  })
})

describe('a content type', () => {
  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/octet-stream',
    'APPLICATION/JSON;charset=utf-16',
    'x',
  ])('%s does not matter where the body is what it should be, and stays', async (type) => {
    use('OpenAI', 'OpenAI')
    expect((await postTo('/v1/chat/completions', '{"model":"m"}', { 'content-type': type })).status).toBe(200)
    expect(upstream.requests[0]?.headers['content-type']).toBe(type)
  })

  test('of several parts is refused where JSON must be', async () => {
    use('OpenAI', 'OpenAI')
    const form = new FormData()
    form.set('model', 'm')
    const response = await fetch(`${rig.url}/v1/chat/completions`, { method: 'POST', body: form })
    expect([response.status, response.headers.get('x-modelroute-error')]).toEqual([400, 'body_not_json'])
  })
})
