// Calls whose provider speaks another dialect than the application, every pair of them through real sockets: plain,
// streamed, refused, with an error, and cut. What is translated how is tested in dialect/translate; here it is shown that
// the proxy puts it together.
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import type { DialectName } from '../../proxy/table/schema.ts'
import { makeTable, startProxy, type ProxyRig } from '../support/proxy-rig.ts'
import { answers, type Behaviour, Upstream } from '../support/upstream.ts'

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

interface TargetSample {
  readonly dialect: DialectName
  readonly path: string
  readonly streamPath: string
  readonly key: readonly [name: string, value: string]
  readonly answer: object
  readonly type: string
  readonly events: readonly string[]
  readonly error: object
}

const sse = (data: object, name = '') => `${name === '' ? '' : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`
const line = (data: object) => `${JSON.stringify(data)}\n`
const BEARER = ['authorization', 'Bearer sk-real'] as const
const chunk = (delta: object, reason: string | null = null) =>
  sse({
    id: 'c',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [{ index: 0, delta, finish_reason: reason }],
  })
const named = (data: { type: string } & Record<string, unknown>) => sse(data, data.type)
const part = (text: string, more: object = {}) => ({
  candidates: [{ content: { role: 'model', parts: [{ text }] }, ...more }],
})

const TARGETS: readonly TargetSample[] = [
  {
    dialect: 'OpenAI',
    path: '/base/chat/completions',
    streamPath: '/base/chat/completions',
    key: BEARER,
    answer: {
      id: 'c',
      choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'hello' } }],
    },
    type: 'text/event-stream',
    events: [
      chunk({ role: 'assistant', content: '' }),
      chunk({ content: 'hel' }),
      chunk({ content: 'lo' }),
      chunk({}, 'stop'),
      'data: [DONE]\n\n',
    ],
    error: { error: { message: 'the tool is bad', type: 'invalid_request_error', param: null, code: null } },
  },
  {
    dialect: 'Anthropic',
    path: '/base/messages',
    streamPath: '/base/messages',
    key: ['x-api-key', 'sk-real'],
    answer: {
      id: 'm',
      type: 'message',
      role: 'assistant',
      model: 'm',
      content: [{ type: 'text', text: 'hello' }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 1, output_tokens: 2 },
    },
    type: 'text/event-stream',
    events: [
      named({
        type: 'message_start',
        message: {
          id: 'm',
          type: 'message',
          role: 'assistant',
          model: 'm',
          content: [],
          usage: { input_tokens: 1, output_tokens: 1 },
        },
      }),
      named({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
      named({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'hel' } }),
      named({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'lo' } }),
      named({ type: 'content_block_stop', index: 0 }),
      named({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } }),
      named({ type: 'message_stop' }),
    ],
    error: { type: 'error', error: { type: 'invalid_request_error', message: 'the tool is bad' } },
  },
  {
    dialect: 'Gemini',
    path: '/base/models/m:generateContent',
    streamPath: '/base/models/m:streamGenerateContent?alt=sse',
    key: ['x-goog-api-key', 'sk-real'],
    answer: part('hello', { finishReason: 'STOP' }),
    type: 'text/event-stream',
    events: [sse(part('hel')), sse(part('lo', { finishReason: 'STOP' }))],
    error: { error: { code: 400, message: 'the tool is bad', status: 'INVALID_ARGUMENT' } },
  },
  {
    dialect: 'Ollama',
    path: '/base/api/chat',
    streamPath: '/base/api/chat',
    key: BEARER,
    answer: { model: 'm', message: { role: 'assistant', content: 'hello' }, done: true, done_reason: 'stop' },
    type: 'application/x-ndjson',
    events: [
      line({ model: 'm', message: { role: 'assistant', content: 'hel' }, done: false }),
      line({ model: 'm', message: { role: 'assistant', content: 'lo' }, done: false }),
      line({ model: 'm', message: { role: 'assistant', content: '' }, done: true, done_reason: 'stop', eval_count: 2 }),
    ],
    error: { error: 'the tool is bad' },
  },
  {
    dialect: 'Prompt',
    path: '/base',
    streamPath: '/base',
    key: BEARER,
    answer: { output: 'hello' },
    type: 'application/json',
    events: [line({ text: 'hel' }), line({ text: 'lo' })],
    error: { error: 'the tool is bad' },
  },
]

interface CallerSample {
  readonly name: string
  readonly dialect: DialectName
  readonly path: string
  readonly streamPath: string
  readonly body: (stream: boolean) => object
  readonly type: string
  /** All text of a streamed or whole answer, from what belongs to the dialect. */
  readonly textOf: (body: string) => string
  readonly last: RegExp
}

const sseData = (body: string): unknown[] =>
  body.split(/\r?\n/).flatMap((row) => (row.startsWith('data: {') ? [JSON.parse(row.slice(6)) as unknown] : []))
const rows = (body: string): unknown[] =>
  body.split('\n').flatMap((row) => (row === '' ? [] : [JSON.parse(row) as unknown]))
const parsed = (body: string, stream: (body: string) => unknown[]): unknown[] => {
  try {
    return [JSON.parse(body) as unknown].flat()
  } catch {
    return stream(body)
  }
}

/** The text at the first of the paths that leads to one. */
function textAt(value: unknown, paths: readonly string[]): string {
  const found = paths.map((path) =>
    path.split('.').reduce<unknown>((at, name) => (at as Readonly<Record<string, unknown>> | undefined)?.[name], value),
  )
  return found.find((text): text is string => typeof text === 'string') ?? ''
}
const collect = (body: string, stream: (body: string) => unknown[], ...paths: readonly string[]) =>
  parsed(body, stream)
    .map((value) => textAt(value, paths))
    .join('')
const user = [{ role: 'user', content: 'hi' }]
const GEMINI_TEXT = 'candidates.0.content.parts.0.text'

const CALLERS: readonly CallerSample[] = [
  {
    name: 'OpenAI chat',
    dialect: 'OpenAI',
    path: '/v1/chat/completions',
    streamPath: '/v1/chat/completions',
    body: (stream) => ({ model: 'm', messages: user, stream }),
    type: 'text/event-stream',
    textOf: (body) => collect(body, sseData, 'choices.0.delta.content', 'choices.0.message.content'),
    last: /data: \[DONE\]\n\n$/,
  },
  {
    name: 'OpenAI responses',
    dialect: 'OpenAI',
    path: '/v1/responses',
    streamPath: '/v1/responses',
    body: (stream) => ({ model: 'm', input: 'hi', stream }),
    type: 'text/event-stream',
    textOf: (body) => collect(body, sseData, 'delta', 'output.0.content.0.text'),
    last: /event: response\.completed\ndata: .*\n\n$/,
  },
  {
    name: 'Anthropic',
    dialect: 'Anthropic',
    path: '/v1/messages',
    streamPath: '/v1/messages',
    body: (stream) => ({ model: 'm', max_tokens: 9, messages: user, stream }),
    type: 'text/event-stream',
    textOf: (body) => collect(body, sseData, 'delta.text', 'content.0.text'),
    last: /event: message_stop\ndata: .*\n\n$/,
  },
  {
    name: 'Gemini events',
    dialect: 'Gemini',
    path: '/v1beta/models/m:generateContent',
    streamPath: '/v1beta/models/m:streamGenerateContent?alt=sse',
    body: () => ({ contents: [{ role: 'user', parts: [{ text: 'hi' }] }] }),
    type: 'text/event-stream',
    textOf: (body) => collect(body, sseData, GEMINI_TEXT),
    last: /"finishReason"/,
  },
  {
    name: 'Gemini array',
    dialect: 'Gemini',
    path: '/v1beta/models/m:generateContent',
    streamPath: '/v1beta/models/m:streamGenerateContent',
    body: () => ({ contents: [{ role: 'user', parts: [{ text: 'hi' }] }] }),
    type: 'application/json',
    textOf: (body) => collect(body, () => [], GEMINI_TEXT),
    last: /\]\s*$/,
  },
  {
    name: 'Ollama chat',
    dialect: 'Ollama',
    path: '/api/chat',
    streamPath: '/api/chat',
    body: (stream) => ({ model: 'm', messages: user, stream }),
    type: 'application/x-ndjson',
    textOf: (body) => collect(body, rows, 'message.content'),
    last: /"done":true.*\n$/,
  },
  {
    name: 'Ollama generate',
    dialect: 'Ollama',
    path: '/api/generate',
    streamPath: '/api/generate',
    body: (stream) => ({ model: 'm', prompt: 'hi', stream }),
    type: 'application/x-ndjson',
    textOf: (body) => collect(body, rows, 'response'),
    last: /"done":true.*\n$/,
  },
  {
    name: 'prompt',
    dialect: 'Prompt',
    path: '/prompt',
    streamPath: '/prompt',
    body: () => ({ prompt: 'hi', model_type: 'm' }),
    type: 'application/x-ndjson',
    textOf: (body) => collect(body, rows, 'text', 'output'),
    last: /\n$/,
  },
]

const PAIRS = CALLERS.flatMap((caller) =>
  TARGETS.filter(({ dialect }) => dialect !== caller.dialect).map((target) => ({
    from: caller.name,
    to: target.dialect,
    caller,
    target,
  })),
)

function aim({ dialect }: TargetSample): void {
  const target = { dialect, url: upstream.url.replace('/v1', '/base'), credential: 'ns/key' }
  rig.tables.swap(makeTable({ targets: { only: target }, routes: [{ backends: ['only'] }] }))
}

function call(caller: CallerSample, isStreaming: boolean, more: object = {}): Promise<Response> {
  return fetch(rig.url + (isStreaming ? caller.streamPath : caller.path), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-api-key': 'sk-mine',
      ...(isStreaming ? { 'x-stream': 'true' } : {}),
    },
    body: JSON.stringify({ ...caller.body(isStreaming), ...more }),
  })
}

const streams =
  ({ type, events }: TargetSample): Behaviour =>
  (response) => {
    response.writeHead(200, { 'content-type': type })
    for (const event of events) response.write(event)
    response.end()
  }

describe.each(PAIRS)('$from to $to', ({ caller, target }) => {
  test('answers in the dialect of the application, with the key of the provider alone', async () => {
    aim(target)
    upstream.usual = answers(target.answer)
    const response = await call(caller, false)
    const text = await response.text()
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json'])
    expect(caller.textOf(text)).toBe('hello')
    const [request] = upstream.requests
    expect(request?.url).toBe(target.path)
    expect(request?.headers[target.key[0]]).toBe(target.key[1])
    expect(JSON.stringify(request)).not.toContain('sk-mine')
  })

  test('streams, and ends as its dialect ends', async () => {
    aim(target)
    upstream.usual = streams(target)
    const response = await call(caller, true)
    const text = await response.text()
    expect([response.status, response.headers.get('content-type')?.split(';')[0]]).toEqual([200, caller.type])
    expect(caller.textOf(text)).toBe('hello')
    expect(text).toMatch(caller.last)
    expect(upstream.requests[0]?.url).toBe(target.streamPath)
    await rig.untilReported(1)
    expect(rig.exchanges[0]).toMatchObject({ error: null, isStreaming: true, status: 200 })
  })

  test('tells of a stream that breaks off with one error', async () => {
    aim(target)
    upstream.usual = (response) => {
      response.writeHead(200, { 'content-type': target.type })
      for (const event of target.events.slice(0, Math.min(3, target.events.length - 1))) response.write(event)
      response.write('', () => setImmediate(() => response.socket?.destroy()))
    }
    const text = await (await call(caller, true)).text()
    expect(text.match(/broke off/g)).toHaveLength(1)
    await rig.untilReported(1)
    expect(rig.exchanges[0]?.error).toBe('stream_cut')
  })

  test.each([false, true])('passes on the sentence and the status of a refusal (streamed: %s)', async (isStreaming) => {
    aim(target)
    upstream.usual = answers(target.error, 400)
    const response = await call(caller, isStreaming)
    expect([response.status, response.headers.get('content-type')]).toEqual([400, 'application/json'])
    const text = await response.text()
    expect(text).toContain('the tool is bad')
    expect(() => JSON.parse(text)).not.toThrow()
    expect(text).not.toMatch(/500|INTERNAL|server_error|api_error/)
  })
})

const chatCaller = CALLERS[0] as CallerSample
const anthropicTarget = TARGETS[1] as TargetSample

describe('what a target cannot express', () => {
  test('is refused with 400 and the name of the field', async () => {
    aim(anthropicTarget)
    const response = await call(chatCaller, false, { n: 3 })
    expect([response.status, response.headers.get('x-modelroute-error')]).toEqual([400, 'not_translatable'])
    const { error } = (await response.json()) as { error: { message: string } }
    expect(error.message).toContain('`n`')
    expect(upstream.requests).toEqual([])
  })

  test('is dropped and named in a header', async () => {
    aim(anthropicTarget)
    upstream.usual = answers(anthropicTarget.answer)
    const response = await call(chatCaller, false, { seed: 7, logit_bias: { 1: 2 } })
    expect(response.status).toBe(200)
    expect(response.headers.get('x-modelroute-dropped')?.split(', ').toSorted()).toEqual(['logit_bias', 'seed'])
    expect(upstream.requests[0]?.body).not.toContain('seed')
  })

  test('makes the call go on to a target of its own dialect', async () => {
    const url = upstream.url
    const targets = { other: { dialect: 'Anthropic' as const, url }, own: { url } }
    const backends = ['other', { target: 'own', tier: 1 }]
    rig.tables.swap(makeTable({ targets, routes: [{ backends }] }))
    const response = await call(chatCaller, false, { n: 3 })
    expect([response.status, response.headers.get('x-modelroute-target')]).toEqual([200, 'own'])
  })

  it.each(['/v1/completions', '/v1/messages/count_tokens'])('an operation that is not translated: %s', async (path) => {
    aim(path.includes('messages') ? (TARGETS[0] as TargetSample) : anthropicTarget)
    const response = await call({ ...chatCaller, path }, false)
    expect([response.status, response.headers.get('x-modelroute-error')]).toEqual([400, 'not_translatable'])
    expect(upstream.requests).toEqual([])
  })
})

describe('an answer that cannot be translated', () => {
  it.each([
    ['HTML', '<html>busy</html>'],
    ['half of it', '{"content":[{"type":"te'],
    ['nothing', ''],
    ['a list', '[]'],
  ])('because it is %s is a failure of the target', async (_, body) => {
    aim(anthropicTarget)
    upstream.usual = answers(body)
    const response = await call(chatCaller, false)
    expect([response.status, response.headers.get('x-modelroute-error')]).toEqual([502, 'targets_failed'])
  })

  test('longer than a megabyte is translated all the same', async () => {
    aim(anthropicTarget)
    const text = 'x'.repeat(3 * 1024 * 1024)
    upstream.usual = answers({ ...anthropicTarget.answer, content: [{ type: 'text', text }] })
    const response = await call(chatCaller, false)
    expect(chatCaller.textOf(await response.text())).toBe(text)
  })
})
