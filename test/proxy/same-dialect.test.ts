// Calls whose application and provider speak the same dialect, for all dialects and through real sockets: bytes are
// kept, the key and the model alone are exchanged, streams pass as they come, and errors have the dialect's shape.
import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import type { DialectName } from '../../proxy/table/schema.ts'
import { makeTable, startProxy, type ProxyRig } from '../support/proxy-rig.ts'
import { answers, type Behaviour, Upstream } from '../support/upstream.ts'

let upstream: Upstream
let rig: ProxyRig

beforeEach(async () => {
  upstream = await Upstream.start()
  rig = await startProxy()
})

afterEach(async () => {
  await rig.stop()
  await upstream.stop()
})

interface Sample {
  readonly dialect: DialectName
  readonly operation: string
  /** On the proxy. */
  readonly path: string
  /** The path of the provider's URL. */
  readonly base: string
  /** What the provider is asked for, and with the model changed. */
  readonly asked: readonly [same: string, changed: string]
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
  /** The provider's key at the provider. */
  readonly key: readonly [name: string, value: string]
  /** The caller's model where it stands in the body. */
  readonly written?: string
  readonly isStreaming?: boolean
}

const ODD = '  "n": 1.0e+2, "seed":12345678901234567890, "x":"\\u00e4\\ud83d", "z":{"b":1,"a":[ ]} '
const spaced = (fields: string) => `{\n${fields},${ODD}}`
const BEARER = ['authorization', 'Bearer sk-real'] as const
const GEMINI = ['x-goog-api-key', 'sk-real'] as const
const same = (path: string) => [path, path] as const
const verb = (name: string) =>
  [`/v1beta/models/mine:${name}`, `/v1beta/models/theirs%3A7b:${name}`] as readonly [string, string]

const SAMPLES: readonly Sample[] = [
  {
    dialect: 'OpenAI',
    operation: 'Response',
    path: '/openai/v1/responses',
    base: '/v1',
    asked: same('/v1/responses'),
    body: spaced('"model":"mine","input":"hello"'),
    key: BEARER,
  },
  {
    dialect: 'OpenAI',
    operation: 'Embedding',
    path: '/v1/embeddings',
    base: '/v1',
    asked: same('/v1/embeddings'),
    body: spaced('"input":[[1,2]],"model" : "mine"'),
    key: BEARER,
  },
  {
    dialect: 'OpenAI',
    operation: 'Completion',
    path: '/v1/completions',
    base: '/v1',
    asked: same('/v1/completions'),
    body: spaced('"model":"mine","prompt":"a"'),
    key: BEARER,
  },
  {
    dialect: 'Anthropic',
    operation: 'Chat',
    path: '/anthropic/v1/messages?beta=true',
    base: '',
    asked: same('/v1/messages?beta=true'),
    body: spaced('"model":"mine","messages":[]'),
    headers: { 'anthropic-version': '2023-06-01', 'anthropic-beta': 'a,b', 'x-api-key': 'sk-mine' },
    key: ['x-api-key', 'sk-real'],
  },
  {
    dialect: 'Anthropic',
    operation: 'CountTokens',
    path: '/messages/count_tokens',
    base: '/v1',
    asked: same('/v1/messages/count_tokens'),
    body: spaced('"model":"mine"'),
    key: ['x-api-key', 'sk-real'],
  },
  {
    dialect: 'Gemini',
    operation: 'Chat',
    path: '/gemini/v1beta/models/mine:generateContent?key=sk-mine&x=%20',
    base: '',
    asked: ['/v1beta/models/mine:generateContent?x=%20', '/v1beta/models/theirs%3A7b:generateContent?x=%20'],
    body: spaced('"contents":[]'),
    key: GEMINI,
    written: '',
  },
  {
    dialect: 'Gemini',
    operation: 'Embedding',
    path: '/v1beta/models/mine:batchEmbedContents',
    base: '/v1beta',
    asked: verb('batchEmbedContents'),
    body: spaced('"requests":[{"model":"models/mine","content":{}},{ "model" : "models/mine"}]'),
    headers: { 'x-goog-api-key': 'sk-mine' },
    key: GEMINI,
    written: '"models/mine"',
  },
  {
    dialect: 'Gemini',
    operation: 'CountTokens',
    path: '/v1/models/mine:countTokens',
    base: '/v1beta',
    asked: verb('countTokens'),
    body: spaced('"generateContentRequest":{"model":"models/mine"}'),
    key: GEMINI,
    written: '"models/mine"',
  },
  {
    dialect: 'Ollama',
    operation: 'Chat',
    path: '/ollama/api/chat',
    base: '',
    asked: same('/api/chat'),
    body: spaced('"model":"mine","stream":false'),
    key: BEARER,
  },
  {
    dialect: 'Ollama',
    operation: 'Embedding',
    path: '/api/embed',
    base: '/api',
    asked: same('/api/embed'),
    body: spaced('"model":"mine","input":"a"'),
    key: BEARER,
  },
  {
    dialect: 'Prompt',
    operation: 'Chat',
    path: '/prompt',
    base: '/v2/ask',
    asked: same('/v2/ask'),
    body: spaced('"prompt":"a","model_type":"mine"'),
    key: BEARER,
  },
]

function tableFor({ dialect, base }: Pick<Sample, 'dialect' | 'base'>, model?: string) {
  const url = upstream.url.replace('/v1', base)
  const target = { dialect, url, credential: 'ns/key', ...(model === undefined ? {} : { model }) }
  rig.keys.replaceAll([{ id: 'ns/key', value: 'sk-real' }])
  rig.tables.swap(makeTable({ targets: { only: target }, routes: [{ backends: ['only'] }] }))
}

const sha256 = (text: string | Buffer) => createHash('sha256').update(text).digest('hex')
const post = ({ path, body, headers = {} }: Pick<Sample, 'path' | 'body' | 'headers'>) =>
  fetch(rig.url + path, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', authorization: 'Bearer sk-mine', ...headers },
  })

describe.each(SAMPLES)('$dialect $operation at $path', (sample) => {
  test('keeps every byte of request and answer, and exchanges the key', async () => {
    tableFor(sample)
    const answer = '{"b" : 1.0,\n"a":"\\u00e4"}\n'
    upstream.usual = answers(answer)
    const response = await post(sample)
    expect(response.status).toBe(200)
    expect(sha256(Buffer.from(await response.arrayBuffer()))).toBe(sha256(answer))
    const [request] = upstream.requests
    expect(sha256(request?.body ?? '')).toBe(sha256(sample.body))
    expect(request?.url).toBe(sample.asked[0])
    const [name, value] = sample.key
    expect(request?.headers[name]).toBe(value)
    expect(JSON.stringify(request)).not.toContain('sk-mine')
    for (const kept of ['anthropic-version', 'anthropic-beta'])
      expect(request?.headers[kept]).toBe(sample.headers?.[kept])
    await rig.untilReported(1)
    expect(rig.exchanges[0]).toMatchObject({ operation: sample.operation, model: 'mine', targetId: 'only' })
  })

  test("writes the rule's model over the old one and changes no other byte", async () => {
    tableFor(sample, 'theirs:7b')
    upstream.usual = answers({})
    await post(sample)
    const { written = '"mine"' } = sample
    const expected =
      written === '' ? sample.body : sample.body.replaceAll(written, written.replace('mine', 'theirs:7b'))
    expect(upstream.requests[0]?.body).toBe(expected)
    expect(upstream.requests[0]?.url).toBe(sample.asked[1])
  })

  test("has its errors in the dialect's shape", async () => {
    rig.tables.swap(makeTable({ targets: {}, routes: [] }))
    const response = await post(sample)
    const message = 'No ModelRoute'.toLowerCase()
    expect([response.status, response.headers.get('x-modelroute-error')]).toEqual([404, 'no_route'])
    const body = (await response.json()) as object
    expect(JSON.stringify(body).toLowerCase()).toContain(message)
    expect(shapeOf(body)).toEqual(ERROR_SHAPES[sample.dialect])
  })
})

const ERROR_SHAPES: Readonly<Record<DialectName, unknown>> = {
  OpenAI: { error: { message: 'string', type: 'invalid_request_error', param: 'object', code: 'no_route' } },
  Anthropic: { type: 'error', error: { type: 'not_found_error', message: 'string' } },
  Gemini: { error: { code: 'number', message: 'string', status: 'NOT_FOUND' } },
  Ollama: { error: 'string' },
  Prompt: { error: 'string' },
}

/** Texts of more than one word by their type. */
function shapeOf(value: unknown): unknown {
  if (typeof value === 'string') return /\s/.test(value) ? 'string' : value
  if (typeof value !== 'object' || value === null) return typeof value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, shapeOf(member)]))
}

interface Streamed {
  readonly dialect: DialectName
  readonly path: string
  readonly body: string
  readonly type: string
  readonly events: readonly string[]
}

const STREAMS: readonly Streamed[] = [
  {
    dialect: 'OpenAI',
    path: '/v1/responses',
    body: '{"model":"m","stream":true}',
    type: 'text/event-stream; charset=utf-8',
    events: [
      'event: response.output_text.delta\ndata: {"type":"response.output_text.delta","sequence_number":4}\n\n',
      'event: response.completed\ndata: {"type":"response.completed"}\n\n',
    ],
  },
  {
    dialect: 'Anthropic',
    path: '/v1/messages',
    body: '{"model":"m","stream":true}',
    type: 'text/event-stream',
    events: [
      'event: content_block_delta\ndata: {"type":"content_block_delta"}\n\n',
      'event: message_stop\ndata: {"type":"message_stop"      }\n\n',
    ],
  },
  {
    dialect: 'Gemini',
    path: '/v1beta/models/m:streamGenerateContent?alt=sse',
    body: '{}',
    type: 'text/event-stream',
    events: [
      'data: {"candidates":[{"content":{"parts":[{"text":"a"}]}}]}\r\n\r\n',
      'data: {"candidates":[{"finishReason":"STOP"}]}\r\n\r\n',
    ],
  },
  {
    dialect: 'Gemini',
    path: '/v1beta/models/m:streamGenerateContent',
    body: '{}',
    type: 'application/json; charset=UTF-8',
    events: ['[{\n  "candidates": [{"content":{"parts":[{"text":"a"}]}}]\n}', '\n,\r\n{}\n]'],
  },
  {
    dialect: 'Ollama',
    path: '/api/chat',
    body: '{"model":"m"}',
    type: 'application/x-ndjson',
    events: ['{"message":{"content":"a"},"done":false}\n', '{"done":true,"eval_count":3}\n'],
  },
  {
    dialect: 'Prompt',
    path: '/prompt',
    body: '{"prompt":"a"}',
    type: 'application/json',
    events: ['{"text":"a"}\n', '{"text":"b"}\n'],
  },
]

const postStream = ({ path, body }: Streamed) => post({ path, body, headers: { 'x-stream': 'true' } })

describe.each(STREAMS)('a stream of $dialect at $path', (sample) => {
  const { type, events } = sample
  const [first = '', last = ''] = events
  const begins: Behaviour = (response) => {
    response.writeHead(200, { 'content-type': type })
    response.write(first)
  }

  test('passes event by event and byte for byte, before it has ended', async () => {
    tableFor({ ...sample, base: '/base' })
    const finish: (() => void)[] = []
    upstream.usual = (response, request) => {
      begins(response, request)
      finish.push(() => response.end(last))
    }
    const response = await postStream(sample)
    const reader = response.body?.getReader()
    const read = async () => Buffer.from((await reader?.read())?.value ?? []).toString('utf8')
    expect(await read()).toBe(first)
    expect(finish).toHaveLength(1)
    finish[0]?.()
    expect(await read()).toBe(last)
    expect((await reader?.read())?.done).toBe(true)
    expect(response.headers.get('content-type')).toBe(type)
    await rig.untilReported(1)
    expect(rig.exchanges[0]).toMatchObject({ isStreaming: true, error: null, status: 200 })
  })

  test('that breaks off ends with one error of its dialect', async () => {
    tableFor({ ...sample, base: '/base' })
    upstream.usual = (response, request) => {
      begins(response, request)
      response.write('', () => setImmediate(() => response.socket?.destroy()))
    }
    const text = await (await postStream(sample)).text()
    expect(text.startsWith(first)).toBe(true)
    expect(text.match(/"error"/g)?.length ?? 0).toBeGreaterThan(0)
    expect(text.match(/broke off/g)).toHaveLength(1)
    // An array stays one that can be parsed.
    const elements = first.startsWith('[') ? (JSON.parse(text) as unknown[]).length : 2
    expect(elements).toBe(2)
    await rig.untilReported(1)
    expect(rig.exchanges[0]?.error).toBe('stream_cut')
  })
})

describe('the model list', () => {
  const ids = { data: [{ id: 'a' }, { id: 'b' }] }
  const names = { models: [{ name: 'models/a' }, { name: 'models/b' }] }
  it.each([
    ['/openai/v1/models', {}, { object: 'list', ...ids }],
    ['/anthropic/v1/models', {}, { has_more: false, first_id: 'a', last_id: 'b', ...ids }],
    ['/v1/models', { 'x-api-key': 'k' }, { first_id: 'a', ...ids }],
    ['/v1beta/models', {}, names],
    ['/v1/models?key=k', {}, names],
    ['/api/tags', {}, { models: [{ model: 'a' }, { model: 'b' }] }],
  ])('at %s with %j has the shape of its dialect', async (path, headers, expected) => {
    const targets = { one: { url: upstream.url } }
    rig.tables.swap(makeTable({ targets, routes: [{ models: ['a', 'b'], operations: ['Chat'], backends: ['one'] }] }))
    const response = await fetch(rig.url + path, { headers: { ...headers } as Record<string, string> })
    expect(await response.json()).toMatchObject(expected)
  })
})

describe('operations of a rule', () => {
  test('decide which rule takes a call, whatever its dialect', async () => {
    const targets = { chat: { url: upstream.url }, vectors: { url: upstream.url } }
    const routes = [
      { name: 'vectors', operations: ['Embedding'] as const, backends: ['vectors'] },
      { name: 'rest', models: ['m'], operations: ['Chat', 'Response'] as const, backends: ['chat'] },
    ]
    rig.tables.swap(makeTable({ targets, routes }))
    const routeOf = async (path: string) => {
      const response = await post({ path, body: '{"model":"m"}' })
      return response.headers.get('x-modelroute-route') ?? response.headers.get('x-modelroute-error')
    }
    expect(await routeOf('/v1/embeddings')).toBe('vectors')
    expect(await routeOf('/v1/chat/completions')).toBe('rest')
    expect(await routeOf('/v1/responses')).toBe('rest')
    expect(await routeOf('/v1/completions')).toBe('no_route')
  })
})
