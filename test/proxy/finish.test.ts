// Why answers ended, counted for every dialect through the front door; and rules that ask another target where a filter
// or the model's limit ended one.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import type { DialectName, FailoverClass } from '../../proxy/table/schema.ts'
import { makeTable, startProxy, type ProxyRig, type TargetSpec } from '../support/proxy-rig.ts'
import {
  answers,
  breaksAfter,
  chunk,
  DONE,
  hangsAfter,
  neverAnswers,
  streams,
  Upstream,
  type Behaviour,
} from '../support/upstream.ts'

let first: Upstream
let second: Upstream
let rig: ProxyRig

beforeEach(async () => {
  first = await Upstream.start()
  second = await Upstream.start()
})

afterEach(async () => {
  await rig.stop()
  await first.stop()
  await second.stop()
})

interface Scene {
  readonly dialect?: DialectName
  readonly on?: readonly FailoverClass[]
  readonly target?: Partial<TargetSpec>
}

async function start({ dialect = 'OpenAI', on = [], target = {} }: Scene = {}): Promise<void> {
  const targets = {
    first: { url: first.url.replace('/v1', ''), dialect, ...target },
    second: { url: second.url, model: 'second' },
  }
  const route = { backends: ['first', { target: 'second', tier: 1 }], failover: { attempts: 3, on } }
  if (dialect === 'OpenAI') targets.first.url = first.url
  rig = await startProxy({ table: makeTable({ targets, routes: [route] }) })
}

async function post(path: string, body: object | string, headers: Record<string, string> = {}): Promise<string> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const response = await fetch(rig.url + path, { method: 'POST', body: text, headers })
  return response.text()
}

const chatWith = (reason: string | null, content: string | null = 'hi') => ({
  id: 'c',
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: reason }],
})
const event = (delta: object, reason: string | null) =>
  `data: ${JSON.stringify({ id: 'c', choices: [{ index: 0, delta, finish_reason: reason }] })}\n\n`
const ROLE = event({ role: 'assistant', content: '' }, null)
const lines = (...values: object[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('')

const ndjson =
  (text: string): Behaviour =>
  (response) => {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' })
    response.end(text)
  }
const sse = (name: string, data: object) => `event: ${name}\ndata: ${JSON.stringify({ type: name, ...data })}\n\n`

const CHAT = '/v1/chat/completions'
const ask = { model: 'm', messages: [] }
const candidates = (finishReason: string) => ({ candidates: [{ content: { parts: [{ text: 'x' }] }, finishReason }] })
const gemini = '/v1beta/models/m'

type Case = readonly [what: string, dialect: DialectName, path: string, body: object, Behaviour, reason: string]

const cases: readonly Case[] = [
  ['a chat', 'OpenAI', CHAT, ask, answers(chatWith('length')), 'length'],
  [
    'a completion',
    'OpenAI',
    '/v1/completions',
    ask,
    answers({ choices: [{ text: '', finish_reason: 'stop' }] }),
    'stop',
  ],
  ['a response', 'OpenAI', '/v1/responses', ask, answers({ status: 'completed', output: [] }), 'stop'],
  ['a message', 'Anthropic', '/anthropic/v1/messages', ask, answers({ stop_reason: 'tool_use' }), 'tool'],
  ['content', 'Gemini', `${gemini}:generateContent`, ask, answers(candidates('SAFETY')), 'filter'],
  ['an Ollama chat', 'Ollama', '/api/chat', { ...ask, stream: false }, answers({ done: true }), 'stop'],
  ['a prompt', 'Prompt', '/prompt', { prompt: 'p' }, answers({ output: 'x' }), 'unknown'],
  [
    'a streamed chat',
    'OpenAI',
    CHAT,
    { ...ask, stream: true },
    streams(ROLE, chunk('a'), event({}, 'content_filter'), DONE),
    'filter',
  ],
  [
    'a streamed response',
    'OpenAI',
    '/v1/responses',
    { ...ask, stream: true },
    streams(
      sse('response.output_text.delta', { delta: 'a' }),
      sse('response.incomplete', {
        response: { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } },
      }),
    ),
    'length',
  ],
  [
    'a streamed message',
    'Anthropic',
    '/anthropic/v1/messages',
    { ...ask, stream: true },
    streams(
      sse('content_block_delta', { delta: { text: 'a' } }),
      sse('message_delta', { delta: { stop_reason: 'max_tokens' } }),
      sse('message_stop', {}),
    ),
    'length',
  ],
  [
    'streamed content',
    'Gemini',
    `${gemini}:streamGenerateContent?alt=sse`,
    ask,
    streams(`data: ${JSON.stringify(candidates('MAX_TOKENS'))}\r\n\r\n`),
    'length',
  ],
  [
    'a streamed Ollama chat',
    'Ollama',
    '/api/chat',
    ask,
    ndjson(lines({ message: { content: 'a' }, done: false }, { done: true, done_reason: 'length' })),
    'length',
  ],
]

const metricOf = async (reason: string) => {
  await rig.untilReported(1)
  const text = await (await fetch(`${rig.adminUrl}/metrics`)).text()
  return text.includes(`modelroute_proxy_finish_total{target="first",reason="${reason}"} 1`)
}

describe('why an answer ended is counted', () => {
  it.each(cases)('%s (%s)', async (...[, dialect, path, body, behaviour, reason]) => {
    await start({ dialect })
    first.usual = behaviour
    await post(path, body)
    await rig.untilReported(1)
    expect(rig.exchanges[0]).toMatchObject({ finish: reason, error: null })
    expect(await metricOf(reason)).toBe(true)
  })

  test('for a translated stream, in the words of its target', async () => {
    await start()
    first.usual = streams(ROLE, chunk('a'), event({}, 'length'), DONE)
    const text = await post('/anthropic/v1/messages', { ...ask, stream: true, max_tokens: 9, messages: [USER] })
    expect(text).toContain('"stop_reason":"max_tokens"')
    expect(await metricOf('length')).toBe(true)
  })

  test('for an answer that passes compressed', async () => {
    await start()
    const bytes = gzipSync(JSON.stringify(chatWith('content_filter')))
    first.usual = (response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
      response.end(bytes)
    }
    expect(JSON.parse(await post(CHAT, ask, { 'accept-encoding': 'gzip' }))).toEqual(chatWith('content_filter'))
    expect(await metricOf('filter')).toBe(true)
  })

  test('for one that is too long to be held', async () => {
    await start()
    first.usual = answers(chatWith('length', 'x'.repeat(3 * 1024 * 1024)))
    await post(CHAT, ask)
    expect(await metricOf('length')).toBe(true)
  })

  test('as an error where a stream broke off', async () => {
    await start()
    first.usual = breaksAfter(chunk('a'))
    await post(CHAT, { ...ask, stream: true })
    expect(await metricOf('error')).toBe(true)
  })

  it.each([
    ['a refusal of the provider', CHAT, answers({ error: { message: 'odd' } }, 400)],
    ['an embedding', '/v1/embeddings', answers({ data: [] })],
  ])('but not for %s', async (_, path, behaviour) => {
    await start()
    first.usual = behaviour
    await post(path, ask)
    await rig.untilReported(1)
    expect(rig.exchanges[0]?.finish).toBeNull()
    expect(await (await fetch(`${rig.adminUrl}/metrics`)).text()).not.toContain('finish_total{')
  })
})

const USER = { role: 'user', content: 'hi' }
const asked = () => [first.requests.length, second.requests.length]
const classes = async () => {
  await rig.untilReported(1)
  return rig.exchanges[0]?.attempts.map(({ failureClass }) => failureClass)
}

const filtered: readonly (readonly [string, boolean, Behaviour])[] = [
  ['a whole answer', false, answers(chatWith('content_filter', null))],
  ['a stream that says nothing else', true, streams(ROLE, event({}, 'content_filter'), DONE)],
]
const truncated: readonly (readonly [string, boolean, Behaviour])[] = [
  ['a whole answer', false, answers(chatWith('length'))],
  ['a stream that says nothing else', true, streams(ROLE, event({}, 'length'), DONE)],
]

describe.each([
  ['ContentFilter', filtered, 'content_filter'],
  ['Truncated', truncated, 'length'],
] as const)('%s', (failureClass, forms, word) => {
  it.each(forms)('of %s moves on where the rule says so', async (_, stream, behaviour) => {
    await start({ on: [failureClass] })
    first.usual = behaviour
    expect(await post(CHAT, { ...ask, stream })).toContain('second')
    expect(await classes()).toEqual([failureClass, null])
    expect(asked()).toEqual([1, 1])
  })

  it.each(forms)('of %s is passed on where the rule does not', async (_, stream, behaviour) => {
    await start({ on: ['Server'] })
    first.usual = behaviour
    expect(await post(CHAT, { ...ask, stream })).toContain(word)
    expect(asked()).toEqual([1, 0])
  })

  it.each(forms)('of %s is better than a failure of the next target', async (_, stream, behaviour) => {
    await start({ on: [failureClass, 'Server'] })
    first.usual = behaviour
    second.usual = answers({ error: { message: 'boom' } }, 500)
    expect(await post(CHAT, { ...ask, stream })).toContain(word)
    expect(await classes()).toEqual([failureClass, 'Server'])
    expect(rig.exchanges[0]).toMatchObject({ status: 200, error: null, targetId: 'first' })
    expect(asked()).toEqual([1, 1])
  })

  it.each(forms)('of %s is better than a refusal of the next target, however long', async (_, stream, behaviour) => {
    await start({ on: [failureClass] })
    first.usual = behaviour
    second.usual = answers({ error: { message: 'x'.repeat(2 * 1024 * 1024) } }, 400)
    expect(await post(CHAT, { ...ask, stream })).toContain(word)
    await second.until(() => second.openConnections === 0)
    await rig.untilReported(1)
    expect(rig.exchanges[0]).toMatchObject({ status: 200, targetId: 'first' })
  })

  async function begin(stream: boolean): Promise<Socket> {
    const body = JSON.stringify({ ...ask, stream })
    const socket = connect(rig.port, '127.0.0.1')
    await once(socket, 'connect')
    socket.write(`POST ${CHAT} HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
    return socket
  }

  async function leave(socket: Socket): Promise<void> {
    socket.destroy()
    await second.until(() => second.openConnections === 0)
    await rig.untilReported(1)
    expect(rig.exchanges[0]).toMatchObject({ error: 'caller_gone' })
    expect(rig.server.callsUnderWay()).toBe(0)
  }

  it.each(forms)('of %s leaves nothing open when its caller goes meanwhile', async (_, stream, behaviour) => {
    await start({ on: [failureClass] })
    first.usual = behaviour
    second.usual = neverAnswers
    const socket = await begin(stream)
    await second.until(() => second.requests.length === 1)
    await leave(socket)
    expect(asked()).toEqual([1, 1])
  })

  it.each(forms)('of %s does not keep the next answer going when its caller goes', async (_, stream, behaviour) => {
    await start({ on: [failureClass] })
    first.usual = behaviour
    second.usual = hangsAfter(chunk('second'))
    const socket = await begin(stream)
    await once(socket, 'data')
    await leave(socket)
    expect(asked()).toEqual([1, 1])
  })

  test('of a stream that has not ended is given up for a better one, whose own end is not missed', async () => {
    await start({ on: [failureClass] })
    first.usual = hangsAfter(ROLE, event({}, word))
    second.usual = hangsAfter(chunk('second'))
    const socket = await begin(true)
    await once(socket, 'data')
    await first.until(() => first.openConnections === 0)
    await leave(socket)
    expect(asked()).toEqual([1, 1])
  })

  test('of a stream whose provider goes meanwhile does not keep the next one going either', async () => {
    await start({ on: [failureClass] })
    first.usual = hangsAfter(ROLE, event({}, word))
    second.usual = neverAnswers
    const socket = await begin(true)
    await second.until(() => second.requests.length === 1)
    first.breakConnections()
    await first.until(() => first.openConnections === 0)
    await leave(socket)
    expect(asked()).toEqual([1, 1])
  })
})

test('a compressed answer that was filtered moves on too', async () => {
  await start({ on: ['ContentFilter'] })
  first.usual = (response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
    response.end(gzipSync(JSON.stringify(chatWith('content_filter'))))
  }
  expect(await post(CHAT, ask, { 'accept-encoding': 'gzip' })).toContain('second')
})

test('a blocked prompt of Gemini moves a stream on before it has begun', async () => {
  await start({ dialect: 'Gemini', on: ['ContentFilter'] })
  first.usual = streams(`data: ${JSON.stringify({ promptFeedback: { blockReason: 'SAFETY' } })}\r\n\r\n`)
  const body = { contents: [{ parts: [{ text: 'hi' }] }] }
  expect(await post(`${gemini}:streamGenerateContent?alt=sse`, body)).toContain('second')
  expect(await classes()).toEqual(['ContentFilter', null])
})

describe('a limit of length', () => {
  test('that the caller has set is its own wish', async () => {
    await start({ on: ['Truncated'] })
    first.usual = answers(chatWith('length'))
    expect(await post(CHAT, { ...ask, max_tokens: 5 })).toContain('length')
    expect(asked()).toEqual([1, 0])
  })

  test("that the caller has set beyond the model's, and that was clamped, is the model's", async () => {
    await start({ on: ['Truncated'], target: { model: 'small', outputLimits: { small: 10 } } })
    first.usual = answers(chatWith('length'))
    expect(await post(CHAT, { ...ask, max_tokens: 500 })).toContain('second')
    expect(asked()).toEqual([1, 1])
  })
})
