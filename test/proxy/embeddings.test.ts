// Embeddings between vendors, every pair of them through real sockets: the texts arrive in order, the vectors come back
// to the texts they belong to, in the shape that the caller asked for; what cannot be said is refused by name.
import { Buffer } from 'node:buffer'
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import type { DialectName } from '../../proxy/table/schema.ts'
import { makeTable, startProxy, type ProxyRig } from '../support/proxy-rig.ts'
import { answers, Upstream } from '../support/upstream.ts'

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

function aim(dialect: DialectName): void {
  const target = { url: upstream.url, dialect, model: 'theirs', credential: 'ns/key' }
  rig.tables.swap(makeTable({ targets: { a: target }, routes: [{ backends: ['a'] }] }))
}

/** The members of every vendor's answer; which of them are there is what the tests say. */
interface Said {
  readonly data: readonly { readonly embedding: string | readonly number[] }[]
  readonly usage: { readonly prompt_tokens: number }
  readonly embeddings: readonly { readonly values: readonly number[] }[]
  readonly usageMetadata: { readonly promptTokenCount: number }
  readonly prompt_eval_count: number
  readonly error: { readonly message: string; readonly type: string }
}

async function ask(
  path: string,
  body: object,
): Promise<{ status: number; headers: Headers; body: Said; sent: unknown }> {
  const response = await fetch(rig.url + path, { method: 'POST', body: JSON.stringify(body) })
  const sent = JSON.parse(upstream.requests.at(-1)?.body ?? 'null') as unknown
  return { status: response.status, headers: response.headers, body: (await response.json()) as Said, sent }
}

const VECTORS = [
  [0.5, -0.25],
  [1, 0],
]

/** What each vendor is asked for the texts, at which path, and answers. */
const TARGETS: readonly { dialect: DialectName; path: string; asked: object; answer: object }[] = [
  {
    dialect: 'OpenAI',
    path: '/v1/embeddings',
    asked: { model: 'theirs', input: ['one', 'two'], encoding_format: 'float', dimensions: 2 },
    answer: {
      object: 'list',
      data: [
        { index: 1, embedding: VECTORS[1] },
        { index: 0, embedding: VECTORS[0] },
      ],
      usage: { prompt_tokens: 3, total_tokens: 3 },
    },
  },
  {
    dialect: 'Gemini',
    path: '/v1/models/theirs:batchEmbedContents',
    asked: {
      requests: ['one', 'two'].map((text) => ({
        model: 'models/theirs',
        content: { parts: [{ text }] },
        outputDimensionality: 2,
      })),
    },
    answer: { embeddings: VECTORS.map((values) => ({ values })), usageMetadata: { promptTokenCount: 3 } },
  },
  {
    dialect: 'Ollama',
    path: '/v1/api/embed',
    asked: { model: 'theirs', input: ['one', 'two'], dimensions: 2 },
    answer: { model: 'theirs', embeddings: VECTORS, prompt_eval_count: 3 },
  },
]

const CALLERS: readonly { dialect: DialectName; path: string; body: object; vectorsOf: (body: Said) => unknown }[] = [
  {
    dialect: 'OpenAI',
    path: '/v1/embeddings',
    body: { model: 'm', input: ['one', 'two'], dimensions: 2 },
    vectorsOf: ({ data, usage }) => [data.map(({ embedding }) => embedding), usage.prompt_tokens],
  },
  {
    dialect: 'Gemini',
    path: '/v1beta/models/m:batchEmbedContents',
    body: {
      requests: ['one', 'two'].map((text) => ({
        model: 'models/m',
        content: { parts: [{ text }] },
        outputDimensionality: 2,
      })),
    },
    vectorsOf: ({ embeddings, usageMetadata }) => [
      embeddings.map(({ values }) => values),
      usageMetadata.promptTokenCount,
    ],
  },
  {
    dialect: 'Ollama',
    path: '/api/embed',
    body: { model: 'm', input: ['one', 'two'], dimensions: 2 },
    vectorsOf: ({ embeddings, prompt_eval_count: count }) => [embeddings, count],
  },
]

const PAIRS = CALLERS.flatMap((caller) =>
  TARGETS.filter(({ dialect }) => dialect !== caller.dialect).map((target) => ({
    caller,
    target,
    name: `${caller.dialect} -> ${target.dialect}`,
  })),
)

it.each(PAIRS)(
  '$name: texts and vectors arrive in order, with their size and their tokens',
  async ({ caller, target }) => {
    aim(target.dialect)
    upstream.usual = answers(target.answer)
    const { status, body, sent, headers } = await ask(caller.path, caller.body)
    expect([status, upstream.requests[0]?.url, sent]).toEqual([200, target.path, target.asked])
    expect(caller.vectorsOf(body)).toEqual([VECTORS, 3])
    expect(headers.get('x-modelroute-dropped')).toBeNull()
    expect(JSON.stringify(upstream.requests[0]?.headers)).toContain('sk-real')
  },
)

describe('a caller that asks for one', () => {
  beforeEach(() => {
    aim('Ollama')
    upstream.usual = answers({ embeddings: [VECTORS[0]] })
  })

  test('of OpenAI gets a list of one, in base64 where it asked for that', async () => {
    const { body } = await ask('/v1/embeddings', { model: 'm', input: 'one', encoding_format: 'base64' })
    const bytes = Buffer.from(String(body.data[0]?.embedding), 'base64')
    expect([bytes.readFloatLE(0), bytes.readFloatLE(4), bytes.length, body.data.length]).toEqual([0.5, -0.25, 8, 1])
    expect(body).toMatchObject({ object: 'list', model: 'm', usage: { prompt_tokens: 0, total_tokens: 0 } })
  })

  test('of Gemini gets one embedding', async () => {
    const { body, headers } = await ask('/v1beta/models/m:embedContent', {
      content: { parts: [{ text: 'one' }] },
      taskType: 'RETRIEVAL_QUERY',
    })
    expect(body).toEqual({ embedding: { values: VECTORS[0] } })
    expect(headers.get('x-modelroute-dropped')).toBe('taskType')
  })

  test('of Ollama, at its older path, gets one embedding', async () => {
    aim('OpenAI')
    upstream.usual = answers({ data: [{ index: 0, embedding: VECTORS[0] }] })
    const { body, headers } = await ask('/api/embeddings', { model: 'm', prompt: 'one', keep_alive: '5m' })
    expect(body).toEqual({ embedding: VECTORS[0] })
    expect(headers.get('x-modelroute-dropped')).toBe('keep_alive')
  })
})

describe('what cannot be said', () => {
  it.each<[what: string, path: string, body: object, to: DialectName, words: string]>([
    ['tokens', '/v1/embeddings', { model: 'm', input: [1, 2] }, 'Ollama', '`input` holds tokens'],
    ['lists of tokens', '/v1/embeddings', { model: 'm', input: [[1], [2]] }, 'Gemini', '`input` holds tokens'],
    ['nothing', '/v1/embeddings', { model: 'm', input: [] }, 'Gemini', '`input` must be a text'],
    ['a number', '/v1/embeddings', { model: 'm', input: 7 }, 'Gemini', '`input` must be an array'],
    [
      'an unknown encoding',
      '/v1/embeddings',
      { model: 'm', input: 'a', encoding_format: 'int8' },
      'Ollama',
      'float, base64',
    ],
    [
      'several parts',
      '/v1beta/models/m:embedContent',
      { content: { parts: [{ text: 'a' }, { text: 'b' }] } },
      'OpenAI',
      '`content.parts` must be one part',
    ],
    [
      'an image',
      '/v1beta/models/m:embedContent',
      { content: { parts: [{ inlineData: { mimeType: 'image/png', data: 'x' } }] } },
      'OpenAI',
      '`content.parts[0].text` is missing',
    ],
    [
      'vectors of several sizes',
      '/v1beta/models/m:batchEmbedContents',
      { requests: [1, 2].map((size) => ({ content: { parts: [{ text: 'a' }] }, outputDimensionality: size })) },
      'OpenAI',
      'the same in all requests',
    ],
    [
      'anything to a vendor without embeddings',
      '/v1/embeddings',
      { model: 'm', input: 'a' },
      'Anthropic',
      'of its own dialect alone',
    ],
  ])('%s is refused with the name of the field', async (...[, path, body, to, words]) => {
    aim(to)
    const answer = await ask(path, body)
    expect([answer.status, answer.headers.get('x-modelroute-error')]).toEqual([400, 'not_translatable'])
    expect(answer.body.error.message).toContain(words)
    expect(upstream.requests).toHaveLength(0)
  })
})

describe('an answer that is none', () => {
  it.each([
    ['with a vector too few', { embeddings: [VECTORS[0]] }],
    ['with words in a vector', { embeddings: [VECTORS[0], ['a']] }],
    ['without vectors', { data: [] }],
  ])('%s is a failure of the target', async (_, answer) => {
    aim('Ollama')
    upstream.usual = answers(answer)
    const { status, headers } = await ask('/v1/embeddings', { model: 'm', input: ['one', 'two'] })
    expect([status, headers.get('x-modelroute-error')]).toEqual([502, 'targets_failed'])
  })

  test('but an error keeps its status and its sentence', async () => {
    aim('Gemini')
    upstream.usual = answers({ error: { code: 400, message: 'too long', status: 'INVALID_ARGUMENT' } }, 400)
    const { status, body } = await ask('/v1/embeddings', { model: 'm', input: 'one' })
    expect([status, body.error.message, body.error.type]).toEqual([400, 'too long', 'invalid_request_error'])
  })
})

test('two thousand vectors, which are longer than is held at once, come whole', async () => {
  aim('Ollama')
  const vectors = Array.from({ length: 2000 }, (_, index) => Array.from({ length: 64 }, (__, at) => (index + at) / 3))
  upstream.usual = answers({ embeddings: vectors })
  const { body } = await ask('/v1/embeddings', { model: 'm', input: vectors.map((_, index) => `text ${index}`) })
  expect(body.data.map(({ embedding }) => embedding)).toEqual(vectors)
})
