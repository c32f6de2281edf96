// Embeddings of several callers in one upstream call, through the front door: each caller gets what it would have got
// alone, in its own shape, whatever its neighbours send or do; and the provider is asked once.
import { Buffer } from 'node:buffer'
import { request } from 'node:http'
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import type { DialectName, Route } from '../../../proxy/table/schema.ts'
import { systemTimers, type Timers } from '../../../proxy/upstream/timers.ts'
import { base64Of, embeds, itemsOf, vectorOf } from '../../support/embedding-models.ts'
import { makeTable, startProxy, type ProxyRig, type RouteSpec } from '../../support/proxy-rig.ts'
import { answers, neverAnswers, Upstream } from '../../support/upstream.ts'

let upstream: Upstream
let rig: ProxyRig
let timers: WatchedTimers

beforeEach(async () => {
  upstream = await Upstream.start()
  upstream.usual = embeds()
  timers = new WatchedTimers()
  rig = await startProxy({ keys: { 'ns/key': 'sk-real' }, timers })
})

afterEach(async () => {
  await rig.stop()
  await upstream.stop()
})

/** Tells when the first batch has been opened. */
class WatchedTimers implements Timers {
  #open: () => void = () => {}
  readonly opened = new Promise<void>((resolve) => {
    this.#open = resolve
  })

  start(delayMs: number, run: () => void) {
    if (delayMs === WAIT_MS) this.#open()
    return systemTimers.start(delayMs, run)
  }
}

/** A batch waits for as many items as a test sends, so that no test waits for the time to be up. */
const WAIT_MS = 999
const limits = (maxSize: number) => ({ waitMs: WAIT_MS, maxSize, maxTokens: 10_000 })

function aim(maxSize: number, rule: Partial<RouteSpec> = {}, dialect: DialectName = 'OpenAI'): void {
  const target = { url: upstream.url, dialect, model: 'theirs', credential: 'ns/key' }
  const batch: Route['batch'] = { embeddings: limits(maxSize) }
  rig.tables.swap(makeTable({ targets: { a: target }, routes: [{ backends: ['a'], batch, ...rule }] }))
}

interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly body: unknown
  readonly text: string
}

async function ask(body: object, path = '/v1/embeddings', headers: Record<string, string> = {}): Promise<Reply> {
  const response = await fetch(rig.url + path, { method: 'POST', body: JSON.stringify(body), headers })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, body: JSON.parse(text) as unknown }
}

const input = (value: unknown, more: object = {}) => ({ model: 'm', input: value, ...more })

const openAiBody = (vectors: readonly unknown[], tokens: number) => ({
  object: 'list',
  data: vectors.map((embedding, index) => ({ object: 'embedding', index, embedding })),
  model: 'theirs',
  usage: { prompt_tokens: tokens, total_tokens: tokens },
})

test('calls within the wait become one, and each gets its own vectors, numbers and tokens', async () => {
  aim(4)
  const replies = await Promise.all([ask(input('red')), ask(input(['green apple', 'blue'])), ask(input('white'))])
  expect(upstream.requests.map(itemsOf)).toEqual([['red', 'green apple', 'blue', 'white']])
  expect(replies.map(({ body }) => body)).toEqual([
    openAiBody([vectorOf('red')], 1),
    openAiBody([vectorOf('green apple'), vectorOf('blue')], 3),
    openAiBody([vectorOf('white')], 1),
  ])
  expect(replies.map(({ headers }) => headers.get('x-modelroute-batch'))).toEqual(['calls=3', 'calls=3', 'calls=3'])
  await rig.untilReported(3)
  const metrics = await rig.registry.metrics()
  expect(metrics).toContain('modelroute_proxy_attempts_total{target="a",outcome="200",class=""} 1')
  expect(metrics).toMatch(/batched_calls_total\{[^}]*form="embeddings"\} 3/)
  expect(metrics).toMatch(/batches_total\{[^}]*form="embeddings"\} 1/)
})

test('a call that nobody joins goes as it came when its wait is over', async () => {
  aim(8, { batch: { embeddings: { ...limits(8), waitMs: 1 } } })
  const { body, headers } = await ask(input('alone'))
  expect([body, headers.get('x-modelroute-batch')]).toEqual([openAiBody([vectorOf('alone')], 1), null])
  expect(JSON.parse(upstream.requests[0]?.body ?? '')).toEqual({ model: 'theirs', input: 'alone' })
})

test('base64 comes back byte for byte', async () => {
  aim(2)
  const replies = await Promise.all(['a', 'b'].map((text) => ask(input(text, { encoding_format: 'base64' }))))
  expect(upstream.requests).toHaveLength(1)
  expect(replies.map(({ body }) => body)).toEqual(['a', 'b'].map((text) => openAiBody([base64Of(vectorOf(text))], 1)))
})

test('tokens in place of text: one list of a call and several of another', async () => {
  aim(3)
  const replies = await Promise.all([ask(input([7, 8, 9])), ask(input([[1], [2, 3]]))])
  expect(upstream.requests.map(itemsOf)).toEqual([[[7, 8, 9], [1], [2, 3]]])
  expect(replies.map(({ body }) => body)).toEqual([
    openAiBody([vectorOf([7, 8, 9])], 3),
    openAiBody([vectorOf([1]), vectorOf([2, 3])], 3),
  ])
})

describe('calls that differ go apart', () => {
  it.each<[what: string, one: object, other: object, headers?: Record<string, string>]>([
    ['the size of their vectors', input('a', { dimensions: 4 }), input('b', { dimensions: 8 })],
    ['the encoding', input('a', { encoding_format: 'float' }), input('b', { encoding_format: 'base64' })],
    ['the user', input('a', { user: 'ann' }), input('b', { user: 'ben' })],
    ['a parameter that nobody knows', input('a', { truncate: 1 }), input('b', { truncate: 2 })],
    ['the model', { model: 'm1', input: 'a' }, { model: 'm2', input: 'b' }],
    ['text and tokens', input('a'), input([1, 2])],
    ['a header that leaves', input('a'), input('b'), { 'x-tenant': 'blue' }],
    ['the wish to be alone', input('a'), input('b'), { 'x-modelroute-batch': 'off' }],
  ])('%s', async (_, one, other, headers) => {
    aim(2, { batch: { embeddings: { ...limits(2), waitMs: 20 } } })
    const replies = await Promise.all([ask(one), ask(other, '/v1/embeddings', headers)])
    expect(replies.map(({ status }) => status)).toEqual([200, 200])
    expect(upstream.requests).toHaveLength(2)
  })

  test('but not what only names a request or its trace', async () => {
    aim(2)
    const named = (id: string) => ({
      traceparent: id,
      'x-request-id': id,
      'x-stainless-runtime': id,
      authorization: id,
    })
    await Promise.all([ask(input('a'), '/v1/embeddings', named('1')), ask(input('b'), '/v1/embeddings', named('2'))])
    expect(upstream.requests).toHaveLength(1)
  })
})

describe('an item that the provider refuses', () => {
  const texts = ['one', 'two', 'a poisoned one', 'four', 'five', 'six', 'seven', 'eight']

  test('fails its own caller alone, who reads what the provider says of it', async () => {
    aim(8)
    upstream.usual = embeds({ refuses: { word: 'poison', status: 400 } })
    const replies = await Promise.all(texts.map((text) => ask(input(text))))
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 400, 200, 200, 200, 200, 200])
    expect(replies[2]?.text).toContain('cannot embed')
    expect(replies[2]?.text).not.toContain('four')
    expect(replies.map(({ body }) => body).toSpliced(2, 1)).toEqual(
      texts.toSpliced(2, 1).map((text) => openAiBody([vectorOf(text)], 1)),
    )
    expect(upstream.requests.length).toBeLessThanOrEqual(7)
  })

  test('with status 500 too, as some model servers say it', async () => {
    aim(8, { failover: { attempts: 1 } })
    upstream.usual = embeds({ refuses: { word: 'poison', status: 500 } })
    const replies = await Promise.all(texts.map((text) => ask(input(text))))
    expect(replies.map(({ status }) => status < 400)).toEqual(texts.map((text) => !text.includes('poison')))
  })

  test('where all are refused, costs at most two calls for each', async () => {
    aim(8)
    upstream.usual = answers({ error: { message: 'no', type: 'invalid_request_error' } }, 400)
    const replies = await Promise.all(texts.map((text) => ask(input(text))))
    expect(replies.every(({ status }) => status === 400)).toBe(true)
    expect(upstream.requests.length).toBeLessThan(2 * texts.length)
  })
})

test('a batch that the provider finds too long is asked for in parts', async () => {
  aim(8)
  upstream.usual = embeds({ maxItems: 3 })
  const texts = Array.from({ length: 8 }, (_, index) => `text ${index}`)
  const replies = await Promise.all(texts.map((text) => ask(input(text))))
  expect(replies.map(({ body }) => body)).toEqual(texts.map((text) => openAiBody([vectorOf(text)], 2)))
  expect(upstream.requests.map((seen) => itemsOf(seen).length).toSorted((one, other) => one - other)).toEqual([
    2, 2, 2, 2, 4, 4, 8,
  ])
})

test('calls beyond the size of a batch open the next one, and a call larger than any goes at once', async () => {
  aim(3)
  const four = ask(input(['p', 'q', 'r', 's']))
  const sizes = [2, 2, 3].map((size, at) => ask(input(Array.from({ length: size }, (_, index) => `${at}-${index}`))))
  const replies = await Promise.all([four, ...sizes])
  expect(replies.every(({ status }) => status === 200)).toBe(true)
  expect(upstream.requests.every((seen) => itemsOf(seen).length <= 4)).toBe(true)
  expect(upstream.requests).toHaveLength(4)
})

test('an outage is told to everyone after the attempts of one call, not of each', async () => {
  aim(4, { failover: { attempts: 1 } })
  upstream.usual = answers({ error: { message: 'busy', type: 'server_error' } }, 503)
  const replies = await Promise.all(['a', 'b', 'c', 'd'].map((text) => ask(input(text))))
  expect(replies.map(({ status }) => status)).toEqual([503, 503, 503, 503])
  expect(upstream.requests).toHaveLength(1)
})

test('the merged call fails over, and everyone hears from the target that answered', async () => {
  const other = await Upstream.start()
  other.usual = embeds()
  upstream.usual = answers({ error: { message: 'busy', type: 'server_error' } }, 503)
  const targets = { a: { url: upstream.url }, b: { url: other.url } }
  const backends = ['a', { target: 'b', tier: 1 }]
  rig.tables.swap(makeTable({ targets, routes: [{ backends, batch: { embeddings: limits(2) } }] }))
  const replies = await Promise.all([ask(input('a')), ask(input('b'))])
  expect(replies.map(({ headers }) => headers.get('x-modelroute-target'))).toEqual(['b', 'b'])
  expect([upstream.requests.length, other.requests.length]).toEqual([1, 1])
  await other.stop()
})

test('a target that answers something else is asked for each alone, and left in peace after three times', async () => {
  aim(2)
  upstream.usual = (response, seen) => {
    // Takes one text, and of a list the first.
    const [first = ''] = itemsOf(seen)
    answers(openAiBody([vectorOf(first)], 1))(response, seen)
  }
  const pair = () => Promise.all(['a', 'b'].map((text) => ask(input(text))))
  const expected = ['a', 'b'].map((text) => openAiBody([vectorOf(text)], 1))
  for (const requests of [3, 6, 9, 11]) {
    expect((await pair()).map(({ body }) => body)).toEqual(expected)
    expect(upstream.requests).toHaveLength(requests)
  }
})

test('entries in any order go to the texts that they are of', async () => {
  aim(3)
  upstream.usual = (response, seen) => {
    const data = itemsOf(seen).map((item, index) => ({ index, embedding: vectorOf(item) }))
    answers({ data: data.toReversed(), usage: { prompt_tokens: 10, total_tokens: 10 } })(response, seen)
  }
  const replies = await Promise.all(['a', 'b', 'c'].map((text) => ask(input(text))))
  const said = replies.map(({ body }) => body as { data: { embedding: unknown }[]; usage: { prompt_tokens: number } })
  expect(said.map(({ data }) => data[0]?.embedding)).toEqual(['a', 'b', 'c'].map((text) => vectorOf(text)))
  expect(said.map(({ usage }) => usage.prompt_tokens)).toEqual([4, 3, 3])
})

describe('callers who hang up', () => {
  function start(text: string): { readonly leave: () => void } {
    const call = request(`${rig.url}/v1/embeddings`, { method: 'POST' })
    call.on('error', () => {})
    call.end(JSON.stringify(input(text)))
    return { leave: () => call.destroy() }
  }

  test('leave the others their answer, and cost no item when they go before the batch does', async () => {
    aim(3)
    const early = start('early')
    await timers.opened
    const stays = ask(input('stays'))
    early.leave()
    await rig.untilReported(1)
    const others = [ask(input('b')), ask(input('c'))]
    const replies = await Promise.all([stays, ...others])
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(upstream.requests.flatMap(itemsOf)).not.toContain('early')
  })

  test('cancel the call when the last of them has gone', async () => {
    aim(2)
    upstream.usual = neverAnswers
    const callers = [start('a'), start('b')]
    await upstream.until(() => upstream.requests.length === 1)
    for (const caller of callers) caller.leave()
    await upstream.until(() => upstream.openConnections === 0)
    await rig.untilReported(2)
    expect(rig.exchanges.map(({ error }) => error)).toEqual(['caller_gone', 'caller_gone'])
  })
})

describe('other dialects', () => {
  const gemini = (text: string) => ({ content: { parts: [{ text }] }, taskType: 'RETRIEVAL_QUERY' })

  test('Gemini: calls for one content and for several become one for all', async () => {
    aim(4, {}, 'Gemini')
    const several = { requests: ['b', 'c'].map((text) => ({ model: 'models/m', ...gemini(text) })) }
    const [one, many, last] = await Promise.all([
      ask(gemini('a a a'), '/v1beta/models/m:embedContent'),
      ask(several, '/v1beta/models/m:batchEmbedContents'),
      ask(gemini('d'), '/v1beta/models/m:embedContent'),
    ])
    expect(upstream.requests.map(({ url }) => url)).toEqual(['/v1/models/theirs:batchEmbedContents'])
    const { requests } = JSON.parse(upstream.requests[0]?.body ?? '') as { requests: { model: string }[] }
    expect(requests.map(({ model }) => model)).toEqual(Array(4).fill('models/theirs'))
    const values = (text: string) => ({ values: vectorOf(text) })
    expect(one?.body).toMatchObject({ embedding: values('a a a') })
    expect(many?.body).toMatchObject({ embeddings: [values('b'), values('c')] })
    expect(last?.body).toMatchObject({ embedding: values('d'), usageMetadata: { promptTokenCount: 1 } })
  })

  test('Ollama: its list of inputs', async () => {
    aim(3, {}, 'Ollama')
    const replies = await Promise.all([ask(input('a'), '/api/embed'), ask(input(['b', 'c']), '/api/embed')])
    expect(upstream.requests).toHaveLength(1)
    expect(replies.map(({ body }) => body)).toMatchObject([
      { embeddings: [vectorOf('a')], prompt_eval_count: 1 },
      { embeddings: [vectorOf('b'), vectorOf('c')], prompt_eval_count: 2 },
    ])
  })

  it.each<[to: DialectName, path: string]>([
    ['Gemini', '/v1/models/theirs:batchEmbedContents'],
    ['Ollama', '/v1/api/embed'],
  ])('callers of OpenAI before a target of %s get base64 and their own index', async (to, path) => {
    aim(2, {}, to)
    const replies = await Promise.all(['a', 'b'].map((text) => ask(input(text, { encoding_format: 'base64' }))))
    expect(upstream.requests.map(({ url }) => url)).toEqual([path])
    expect(replies.map(({ body }) => body)).toMatchObject(
      ['a', 'b'].map((text) => ({
        data: [{ index: 0, embedding: base64Of(vectorOf(text)) }],
        usage: { total_tokens: 1 },
      })),
    )
  })
})

test('answers longer than what is held back of a stream are divided too', async () => {
  aim(2)
  upstream.usual = embeds({ dimensions: 60_000 })
  const replies = await Promise.all(['a', 'b'].map((text) => ask(input(text))))
  expect(replies.map(({ body }) => body)).toEqual(['a', 'b'].map((text) => openAiBody([vectorOf(text, 60_000)], 1)))
  expect(Buffer.byteLength(replies[0]?.text ?? '')).toBeGreaterThan(512 * 1024)
  expect(upstream.requests).toHaveLength(1)
})

test('calls that the cache does not hold go together, and what it holds is not asked for again', async () => {
  aim(3, { cache: {}, timeouts: { totalMs: 60_000 } })
  const rounds = [
    ['a', 'b', 'b', 'c'],
    ['a', 'd', 'e', 'f', 'c'],
  ]
  for (const texts of rounds) {
    const replies = await Promise.all(texts.map((text) => ask(input(text))))
    expect(replies.map(({ body }) => body)).toEqual(texts.map((text) => openAiBody([vectorOf(text)], 1)))
  }
  expect(upstream.requests.map((seen) => itemsOf(seen).length)).toEqual([3, 3])
})
