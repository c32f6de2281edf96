// Batches seen through the vendors' own libraries: what an application reads is the same as without them.
import { GoogleGenAI } from '@google/genai'
import { Ollama } from 'ollama'
import OpenAI from 'openai'
import { afterAll, beforeAll, beforeEach, expect, it, test } from 'vitest'
import { embeds, itemsOf, vectorOf } from '../support/embedding-models.ts'
import { makeTable, startProxy, type ProxyRig } from '../support/proxy-rig.ts'
import { Upstream } from '../support/upstream.ts'

const TEXTS = ['red', 'green apple', 'blue', 'a longer text of words']
const WORDS = [1, 2, 1, 5]

let upstream: Upstream
let rig: ProxyRig

beforeAll(async () => {
  upstream = await Upstream.start()
  upstream.usual = embeds()
  rig = await startProxy()
})

beforeEach(() => {
  upstream.requests.length = 0
})

afterAll(async () => {
  await rig.stop()
  await upstream.stop()
})

function aim(dialect: 'OpenAI' | 'Gemini' | 'Ollama'): string {
  const batch = { embeddings: { waitMs: 999, maxSize: TEXTS.length, maxTokens: 1000 } }
  rig.tables.swap(makeTable({ targets: { a: { url: upstream.url, dialect } }, routes: [{ backends: ['a'], batch }] }))
  return rig.url
}

const expected = TEXTS.map((text) => vectorOf(text))

it.each(['base64', 'float', undefined] as const)('OpenAI, with encoding_format %s', async (encoding) => {
  const client = new OpenAI({ baseURL: `${aim('OpenAI')}/v1`, apiKey: 'none' })
  const ask = (text: string) =>
    client.embeddings.create({ model: 'm', input: text, ...(encoding && { encoding_format: encoding }) })
  const replies = await Promise.all(TEXTS.map(ask))
  expect(upstream.requests.map((seen) => itemsOf(seen).length)).toEqual([TEXTS.length])
  const vectors = replies.map(({ data }) => data[0]?.embedding)
  // Base64 that an application asks for by name is not decoded by the library.
  const read = vectors.map((vector) => (typeof vector === 'string' ? floatsOf(vector) : vector))
  expect(read).toEqual(expected)
  expect(replies.map(({ data }) => data.map(({ index }) => index))).toEqual(TEXTS.map(() => [0]))
  expect(replies.reduce((sum, { usage }) => sum + usage.prompt_tokens, 0)).toBe(9)
})

function floatsOf(text: unknown): readonly number[] {
  const bytes = Buffer.from(String(text), 'base64')
  return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4))
}

test('Google', async () => {
  const client = new GoogleGenAI({ apiKey: 'none', httpOptions: { baseUrl: aim('Gemini') } })
  const replies = await Promise.all(TEXTS.map((text) => client.models.embedContent({ model: 'm', contents: text })))
  expect(upstream.requests.map((seen) => itemsOf(seen).length)).toEqual([TEXTS.length])
  expect(replies.map(({ embeddings }) => embeddings?.[0]?.values)).toEqual(expected)
})

test('Ollama', async () => {
  const client = new Ollama({ host: aim('Ollama') })
  const replies = await Promise.all(TEXTS.map((text) => client.embed({ model: 'm', input: text })))
  expect(upstream.requests.map((seen) => itemsOf(seen).length)).toEqual([TEXTS.length])
  expect(replies.map(({ embeddings }) => embeddings[0])).toEqual(expected)
  expect(replies.reduce((sum, { prompt_eval_count: count }) => sum + count, 0)).toBe(WORDS.reduce((a, b) => a + b, 0))
})
