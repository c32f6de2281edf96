// A provider of embeddings in three dialects whose vectors say which text they are of, with the limits and the tempers
// of real ones: at most so many items in a call, items that it refuses, tokens counted. For tests and benchmarks alike.
import { createHash } from 'node:crypto'
import { answers, type Behaviour, type SeenRequest } from './upstream.ts'

export interface EmbeddingModel {
  readonly dimensions?: number
  /** A call with more is refused with 400. */
  readonly maxItems?: number
  /** Items with this in them are refused, and the whole call with them. */
  readonly refuses?: { readonly word: string; readonly status: number }
}

type Item = string | readonly number[]

/** Exact as 32-bit floats, so that base64 and decimals say the same; negative, tiny and whole numbers among them. */
export function vectorOf(item: Item, dimensions = 8): readonly number[] {
  const digest = createHash('sha512').update(JSON.stringify(item)).digest()
  return Array.from({ length: dimensions }, (_, index) =>
    Math.fround((digest[index % 64] ?? 0) / 64 - 2 + index / 1024),
  )
}

/** As the stub counts them: one for each word, and for each number of a list. */
export function tokensOf(item: Item): number {
  return typeof item === 'string' ? item.split(/\s+/).length : item.length
}

export function base64Of(vector: readonly number[]): string {
  return Buffer.from(Float32Array.from(vector).buffer).toString('base64')
}

interface Asked {
  readonly model?: string
  readonly input?: string | readonly Item[]
  readonly prompt?: string
  readonly dimensions?: number
  readonly encoding_format?: 'float' | 'base64'
  readonly content?: GeminiContent
  readonly requests?: readonly { readonly model?: string; readonly content: GeminiContent }[]
}

interface GeminiContent {
  readonly parts: readonly { readonly text: string }[]
}

export function itemsOf({ body }: Pick<SeenRequest, 'body'>): readonly Item[] {
  const { input, prompt, content, requests } = JSON.parse(body) as Asked
  if (requests !== undefined) return requests.map((request) => textOf(request.content))
  if (content !== undefined) return [textOf(content)]
  if (prompt !== undefined) return [prompt]
  if (typeof input === 'string') return [input]
  const isTokens = typeof input?.[0] === 'number'
  return isTokens ? [input as unknown as readonly number[]] : (input ?? [])
}

function textOf({ parts }: GeminiContent): string {
  return parts.map(({ text }) => text).join('')
}

/** Answers in the dialect of the path that it is asked at. */
export function embeds(model: EmbeddingModel = {}): Behaviour {
  return (response, request) => {
    const items = itemsOf(request)
    const refusal = refusalOf(items, model)
    if (refusal !== null) return answers(refusal.body, refusal.status)(response, request)
    return answers(answerTo(request, items, model.dimensions))(response, request)
  }
}

function refusalOf(items: readonly Item[], { maxItems = 2048, refuses }: EmbeddingModel) {
  const said = (message: string, status: number) => ({
    status,
    body: { error: { message, type: status < 500 ? 'invalid_request_error' : 'server_error', code: null } },
  })
  if (items.length > maxItems) return said(`at most ${maxItems} items`, 400)
  const bad = items.find((item) => refuses !== undefined && String(item).includes(refuses.word))
  return bad === undefined ? null : said(`cannot embed ${JSON.stringify(bad)}`, refuses?.status ?? 400)
}

function answerTo({ url, body }: SeenRequest, items: readonly Item[], dimensions?: number): object {
  const asked = JSON.parse(body) as Asked
  const vectors = items.map((item) => vectorOf(item, asked.dimensions ?? dimensions))
  const tokens = items.reduce((sum: number, item) => sum + tokensOf(item), 0)
  const embeddings = vectors.map((values) => ({ values }))
  if (url.includes(':batchEmbedContents')) return { embeddings, usageMetadata: { promptTokenCount: tokens } }
  if (url.includes(':embedContent')) return { embedding: embeddings[0], usageMetadata: { promptTokenCount: tokens } }
  if (url.endsWith('/api/embed')) {
    return { model: asked.model, embeddings: vectors, total_duration: 9, load_duration: 1, prompt_eval_count: tokens }
  }
  const isBase64 = asked.encoding_format === 'base64'
  const data = vectors.map((vector, index) => {
    return { object: 'embedding', index, embedding: isBase64 ? base64Of(vector) : vector }
  })
  const usage = { prompt_tokens: tokens, total_tokens: tokens }
  return { object: 'list', data, model: asked.model, usage }
}
