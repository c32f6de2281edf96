// The cache through the front door with real sockets: what the second caller gets is what the first one got, the
// provider is asked once, and callers with other private values get their own back.
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import type { DialectName } from '../../../proxy/table/schema.ts'
import { makeTable, startProxy, type ProxyRig, type RouteSpec } from '../../support/proxy-rig.ts'
import { answers, breaksAfter, chunk, completion, DONE, Upstream, type Behaviour } from '../../support/upstream.ts'
import { cutUp, VENDOR_STREAMS } from '../../sdks/vendor-streams.ts'

const KEYS = { 'redaction/current': Buffer.alloc(32, 7).toString('base64') }

let upstream: Upstream
let rig: ProxyRig

beforeEach(async () => {
  upstream = await Upstream.start()
})

afterEach(async () => {
  await rig.stop()
  await upstream.stop()
})

async function start(route: Partial<RouteSpec> = {}, dialect: DialectName = 'OpenAI'): Promise<void> {
  const url = dialect === 'OpenAI' ? upstream.url : upstream.url.replace('/v1', '')
  const table = makeTable({
    targets: { a: { url, dialect, prices: { m: { input: 2_000_000, output: 8_000_000 } } } },
    routes: [{ backends: ['a'], cache: {}, failover: { attempts: 1 }, ...route }],
  })
  rig = await startProxy({ table, keys: KEYS })
}

interface Got {
  readonly status: number
  readonly cache: string | null
  readonly text: string
  readonly headers: Headers
}

async function post(path: string, body: object | string, headers: Record<string, string> = {}): Promise<Got> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const response = await fetch(rig.url + path, { method: 'POST', body: text, headers })
  const { status, headers: got } = response
  return { status, cache: got.get('x-modelroute-cache'), text: await response.text(), headers: got }
}

const CHAT = '/v1/chat/completions'
const question = (content: string, more: object = {}) => ({
  model: 'm',
  temperature: 0,
  messages: [{ role: 'user', content }],
  ...more,
})

const writes =
  (type: string, text: string): Behaviour =>
  (response) => {
    response.writeHead(200, { 'content-type': type })
    for (const part of cutUp(text)) response.write(part)
    response.end()
  }

describe('a call that was made before', () => {
  it('is answered from memory, with its age, and the provider is not asked again', async () => {
    await start()
    upstream.usual = answers({ ...completion('hi'), usage: { prompt_tokens: 1000, completion_tokens: 500 } })
    const first = await post(CHAT, question('hello'))
    const second = await post(
      CHAT,
      `{ "messages":[{"role":"user","content":"h\\u0065llo"}],"temperature":0.0,"model":"m"}`,
    )
    expect([first.cache, second.cache]).toEqual(['miss', 'hit; level=memory'])
    expect(second.text).toBe(first.text)
    expect(second.headers.get('age')).toBe('0')
    expect(second.headers.get('x-modelroute-target')).toBeNull()
    expect(upstream.requests).toHaveLength(1)
    const [asked, saved] = rig.exchanges
    expect(asked).toMatchObject({ cache: { outcome: 'miss', kept: 'stored' }, targetId: 'a' })
    const cost = { inputTokens: 1000, outputTokens: 500, cost: '0.006' }
    expect(saved).toMatchObject({
      cache: { outcome: 'hit', level: 'memory', saved: cost },
      targetId: null,
      attempts: [],
    })
    expect(saved).not.toHaveProperty('usage')
    const metrics = await rig.registry.metrics()
    const rule = 'route="test/chat/rule-0"'
    expect(metrics).toContain(`modelroute_proxy_cache_calls_total{${rule},outcome="hit",level="memory",reason=""} 1`)
    expect(metrics).toContain(`modelroute_proxy_cache_kept_total{${rule},verdict="stored"} 1`)
    expect(metrics).toContain(`modelroute_proxy_saved_tokens_total{${rule},kind="input"} 1000`)
    expect(metrics).toContain(`modelroute_proxy_saved_cost_total{${rule}} 0.006`)
  })

  it('does not bring cookies and limits of the first one, and does bring its request id', async () => {
    await start()
    upstream.usual = (response) => {
      const own = { 'set-cookie': 'a=b', 'x-ratelimit-remaining-requests': '3', 'x-request-id': 'req_1' }
      response.writeHead(200, { 'content-type': 'application/json', ...own })
      response.end(JSON.stringify(completion('hi')))
    }
    const first = await post(CHAT, question('hello'))
    const { headers } = await post(CHAT, question('hello'))
    expect(first.headers.get('set-cookie')).toBe('a=b')
    expect(headers.get('set-cookie')).toBeNull()
    expect(headers.get('x-ratelimit-remaining-requests')).toBeNull()
    expect(headers.get('x-request-id')).toBe('req_1')
    expect(headers.get('content-type')).toBe('application/json')
  })

  it('says nothing of a cache where the rule has none', async () => {
    rig = await startProxy({
      table: makeTable({ targets: { a: { url: upstream.url } }, routes: [{ backends: ['a'] }] }),
    })
    await post(CHAT, question('hello'))
    const { cache } = await post(CHAT, question('hello'))
    expect(cache).toBeNull()
    expect(upstream.requests).toHaveLength(2)
    expect(rig.exchanges[0]).not.toHaveProperty('cache')
  })
})

const responses = (type: string, data: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`
const RESPONSES_STREAM =
  responses('response.created', { sequence_number: 0, response: { id: 'resp_1', status: 'in_progress' } }) +
  responses('response.output_text.delta', { sequence_number: 1, item_id: 'i', output_index: 0, delta: 'hi' }) +
  responses('response.completed', { sequence_number: 2, response: { id: 'resp_1', status: 'completed', output: [] } })
const OLLAMA_GENERATED = '{"response":"hi","done":false}\n{"response":"","done":true,"done_reason":"stop"}\n'
const GEMINI_ARRAY = JSON.stringify([{ candidates: [{ content: { parts: [{ text: 'hi' }] }, finishReason: 'STOP' }] }])
const gemini = { contents: [{ role: 'user', parts: [{ text: 'hi' }] }], generationConfig: { temperature: 0 } }
const ollama = { model: 'm', options: { temperature: 0 } }
const isStreamed = { stream: true }

interface Replayed {
  readonly name: string
  readonly dialect: DialectName
  readonly path: string
  readonly body: object
  readonly type?: string
  readonly answer: string
  readonly headers?: Record<string, string>
}

const SSE = 'text/event-stream'
const REPLAYED: readonly Replayed[] = [
  {
    name: 'OpenAI chat',
    dialect: 'OpenAI',
    path: CHAT,
    body: question('hi', isStreamed),
    answer: VENDOR_STREAMS.OpenAI.hard,
  },
  {
    name: 'OpenAI responses',
    dialect: 'OpenAI',
    path: '/v1/responses',
    body: { model: 'm', input: 'hi', temperature: 0, store: false, stream: true },
    answer: RESPONSES_STREAM,
  },
  {
    name: 'OpenAI completions',
    dialect: 'OpenAI',
    path: '/v1/completions',
    body: { model: 'm', prompt: 'hi', temperature: 0, stream: true },
    answer: `data: ${JSON.stringify({ choices: [{ index: 0, text: 'hi', finish_reason: 'stop' }] })}\n\n${DONE}`,
  },
  {
    name: 'Anthropic',
    dialect: 'Anthropic',
    path: '/v1/messages',
    body: question('hi', { max_tokens: 9, stream: true }),
    answer: VENDOR_STREAMS.Anthropic.hard,
  },
  {
    name: 'Gemini as events',
    dialect: 'Gemini',
    path: '/v1beta/models/m:streamGenerateContent?alt=sse',
    body: gemini,
    answer: VENDOR_STREAMS.Gemini.hard,
  },
  {
    name: 'Gemini as a list',
    dialect: 'Gemini',
    path: '/v1beta/models/m:streamGenerateContent',
    body: gemini,
    type: 'application/json',
    answer: GEMINI_ARRAY,
  },
  {
    name: 'Ollama chat',
    dialect: 'Ollama',
    path: '/api/chat',
    body: { ...ollama, messages: [] },
    type: 'application/x-ndjson',
    answer: VENDOR_STREAMS.Ollama.hard,
  },
  {
    name: 'Ollama generate',
    dialect: 'Ollama',
    path: '/api/generate',
    body: { ...ollama, prompt: 'hi' },
    type: 'application/x-ndjson',
    answer: OLLAMA_GENERATED,
  },
  {
    name: 'whole, vectors',
    dialect: 'OpenAI',
    path: '/v1/embeddings',
    body: { model: 'm', input: 'hi' },
    type: 'application/json',
    answer: JSON.stringify({ object: 'list', data: [{ index: 0, embedding: [0.5] }], usage: { prompt_tokens: 1 } }),
  },
  {
    name: 'whole, a count',
    dialect: 'Anthropic',
    path: '/v1/messages/count_tokens',
    body: { model: 'm', messages: [] },
    type: 'application/json',
    answer: '{"input_tokens":7}',
  },
]

describe('what is replayed', () => {
  test.each(REPLAYED)(
    'has the bytes of the first answer: $name',
    async ({ dialect, path, body, answer, type = SSE }) => {
      await start({}, dialect)
      upstream.usual = writes(type, answer)
      const first = await post(path, body)
      const second = await post(path, body)
      expect([first.cache, second.cache]).toEqual(['miss', 'hit; level=memory'])
      expect(first.text).toBe(answer)
      expect(second.text).toBe(answer)
      expect(second.headers.get('content-type')).toBe(first.headers.get('content-type'))
      expect(upstream.requests).toHaveLength(1)
    },
  )

  test.each([
    [CHAT, question('hi', isStreamed)],
    ['/v1/responses', { model: 'm', input: 'hi', temperature: 0, store: false, stream: true }],
    ['/v1beta/models/m:streamGenerateContent?alt=sse', gemini],
    ['/api/chat', { ...ollama, messages: [{ role: 'user', content: 'hi' }] }],
  ])('has the bytes of the first answer though it was translated: %s', async (path, body) => {
    await start({}, 'Anthropic')
    upstream.usual = writes(SSE, VENDOR_STREAMS.Anthropic.hard)
    const first = await post(path, body)
    const second = await post(path, body)
    expect([first.cache, second.cache]).toEqual(['miss', 'hit; level=memory'])
    expect(second.text).toBe(first.text)
    expect(second.headers.get('x-modelroute-dropped')).toBe(first.headers.get('x-modelroute-dropped'))
  })
})

describe('what is not kept', () => {
  const good = completion('hi')
  test.each<[what: string, behaviour: Behaviour, kept: string]>([
    ['an error', answers({ error: { message: 'no' } }, 400), 'failed'],
    ['an error that says 200', answers({ error: { message: 'no' } }), 'failed'],
    [
      'an answer that was cut at its length',
      answers({ ...good, choices: [{ ...good.choices[0], finish_reason: 'length' }] }),
      'truncated',
    ],
    [
      'a filtered one',
      answers({ ...good, choices: [{ ...good.choices[0], finish_reason: 'content_filter' }] }),
      'failed',
    ],
  ])('%s', async (_, behaviour, kept) => {
    await start()
    upstream.usual = behaviour
    await post(CHAT, question('hello'))
    expect((await post(CHAT, question('hello'))).cache).toBe('miss')
    expect(rig.exchanges[0]?.cache?.kept).toBe(kept)
  })

  test.each<[what: string, behaviour: Behaviour]>([
    ['without its last event', writes(SSE, chunk('hi'))],
    ['that breaks', breaksAfter(chunk('hi'))],
    ['that ends in an error', writes(SSE, VENDOR_STREAMS.OpenAI.broken)],
  ])('a stream %s', async (_, behaviour) => {
    await start()
    upstream.usual = behaviour
    await post(CHAT, question('hello', isStreamed))
    expect((await post(CHAT, question('hello', isStreamed))).cache).toBe('miss')
  })

  it('is said with its reason, for a call that passes the cache by', async () => {
    await start()
    const { cache } = await post(CHAT, { ...question('hi'), temperature: 1 })
    expect(cache).toBe('bypass; reason=sampled')
  })
})

describe('what a call says of the cache', () => {
  it('is obeyed: refresh replaces the entry, bypass leaves it, max-age looks at its age', async () => {
    await start()
    let count = 0
    upstream.usual = (response, request) => answers(completion(`answer ${(count += 1)}`))(response, request)
    const ask = async (headers: Record<string, string> = {}) => {
      const { cache, text } = await post(CHAT, question('hello'), headers)
      return [cache, /answer \d/.exec(text)?.[0]]
    }
    expect(await ask()).toEqual(['miss', 'answer 1'])
    expect(await ask({ 'x-modelroute-cache': 'bypass' })).toEqual(['bypass; reason=control', 'answer 2'])
    expect(await ask({ 'cache-control': 'no-store' })).toEqual(['bypass; reason=control', 'answer 3'])
    expect(await ask()).toEqual(['hit; level=memory', 'answer 1'])
    expect(await ask({ 'x-modelroute-cache': 'refresh' })).toEqual(['miss; reason=control', 'answer 4'])
    expect(await ask()).toEqual(['hit; level=memory', 'answer 4'])
    expect(await ask({ 'cache-control': 'max-age=3600' })).toEqual(['hit; level=memory', 'answer 4'])
    expect(upstream.requests).toHaveLength(4)
  })
})

describe('an entry whose time is over', () => {
  let count: number

  beforeEach(() => {
    count = 0
    upstream.usual = (response, request) => answers(completion(`answer ${(count += 1)}`))(response, request)
  })

  const ask = async () => {
    const { status, cache, text } = await post(CHAT, question('hello'))
    return { status, cache, answer: /answer \d/.exec(text)?.[0] }
  }

  /** Two calls may come within the millisecond. */
  async function askedWhenOld() {
    for (;;) {
      const asked = await ask()
      if (asked.cache !== 'hit; level=memory') return asked
    }
  }

  it('is served while a new answer is asked for in the background', async () => {
    await start({ cache: { ttlMs: 1, staleWhileRevalidateMs: 3_600_000 } })
    await ask()
    expect(await askedWhenOld()).toEqual({ status: 200, cache: 'stale; level=memory', answer: 'answer 1' })
    await upstream.until(() => upstream.requests.length >= 2)
    let next = await ask()
    while (next.answer === 'answer 1') next = await ask()
    const told = rig.exchanges.find(({ id }) => id.endsWith('-refresh'))
    expect(told).toMatchObject({ cache: { outcome: 'miss', reason: 'revalidation', kept: 'stored' }, targetId: 'a' })
    expect(next.cache).toMatch(/^(?:hit|stale); level=memory$/)
  })

  it('is served when every target has failed, and says so', async () => {
    await start({ cache: { ttlMs: 1, staleIfErrorMs: 3_600_000 } })
    await ask()
    upstream.usual = answers({ error: { message: 'down' } }, 503)
    expect(await askedWhenOld()).toEqual({
      status: 200,
      cache: 'stale; level=memory; reason=error',
      answer: 'answer 1',
    })
    expect(rig.exchanges.at(-1)).toMatchObject({ status: 200, cache: { outcome: 'stale', reason: 'error' } })
    expect(rig.exchanges.at(-1)?.attempts).toMatchObject([{ outcome: '503' }])
  })

  it('is not served for what the request itself brought about, nor where the rule says nothing', async () => {
    await start({ cache: { ttlMs: 1, staleIfErrorMs: 3_600_000 } })
    await ask()
    upstream.usual = answers({ error: { message: 'no' } }, 400)
    expect(await askedWhenOld()).toMatchObject({ status: 400, cache: 'miss' })
    await rig.stop()
    await start({ cache: { ttlMs: 1 } })
    upstream.usual = answers(completion('again'))
    await ask()
    upstream.usual = answers({ error: { message: 'down' } }, 503)
    expect(await askedWhenOld()).toMatchObject({ status: 503, cache: 'miss' })
  })
})
