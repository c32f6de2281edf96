// A chat, or a request for embeddings, for a target of another dialect: its path, headers and body in that dialect, and what has to be known of it
// when the answer comes. What the target cannot express is refused, naming the field, or dropped and named.
//
//   Call -> parseJson -> translateRequest -> TranslatedCall | Failure
import type { Buffer } from 'node:buffer'
import { parseJson, writeJson } from '../dialect/neutral/json-text.ts'
import type { Pair } from '../dialect/translate/settle.ts'
import { translateRequest } from '../dialect/translate/translate-request.ts'
import { failure, type Failure } from '../errors.ts'
import type { StreamFormat } from '../dialect/stream-format.ts'
import type { Attempt, Call, Translation } from '../exchange.ts'
import { headerOf } from '../raw-headers.ts'
import type { EmbeddingFormatName } from '../dialect/translate/embeddings/embedding.ts'
import { isEmbeddingFormat, translateEmbedding } from '../dialect/translate/embeddings/translate-embedding.ts'
import { callerFormat, embeddingFormat, targetFormat } from './formats.ts'

export interface TranslatedCall {
  readonly kind: 'translated'
  /** Below the target's version prefix, with its query. */
  readonly path: string
  readonly headers: string[]
  readonly body: Buffer
  readonly stream: StreamFormat | null
  readonly isAnswerRead: true
  readonly translation: Translation
}

/** The caller's other headers belong to its own vendor. */
const KEPT_HEADERS = ['user-agent', 'x-request-id', 'traceparent', 'tracestate', 'baggage']
const ANTHROPIC_VERSION = '2023-06-01'

export function translateCall(call: Call, attempt: Attempt): TranslatedCall | Failure {
  const { place, body } = call.received
  const { targetId, target } = attempt
  const vectors = embeddingFormat(place)
  if (vectors !== null) return translateEmbeddingCall(call, { attempt, from: vectors })
  const from = callerFormat(place)
  const { name: to, stream } = targetFormat(target.dialect)
  if (from === null) return notTranslatable(call, { targetId, target })
  const parsed = parseJson(body)
  if (parsed.kind === 'fault') return failure('body_not_json', `The request body ${parsed.sentence}.`)
  const settings = { from, to, model: target.model ?? call.model, isStreaming: call.isStreaming }
  const translated = translateRequest(parsed.value, settings)
  if (translated.kind === 'refused') {
    const message = `Target ${targetId} speaks ${target.dialect}. ${translated.sentence}`
    return failure('not_translatable', message)
  }
  const { dropped, adjusted, wantsStreamUsage } = translated
  return {
    kind: 'translated',
    path: translated.path,
    headers: headersFor(call, { to, from }),
    body: writeJson(translated.body),
    stream: call.isStreaming ? stream : null,
    isAnswerRead: true,
    translation: { from, to, stream, dropped, adjusted, wantsStreamUsage, embedding: null },
  }
}

function translateEmbeddingCall(
  call: Call,
  { attempt, from }: { readonly attempt: Attempt; readonly from: EmbeddingFormatName },
): TranslatedCall | Failure {
  const { targetId, target } = attempt
  const { name: to, stream } = targetFormat(target.dialect)
  if (!isEmbeddingFormat(to)) {
    return failure('not_translatable', `Target ${targetId} speaks ${target.dialect}, which has no embeddings.`)
  }
  const parsed = parseJson(call.received.body)
  if (parsed.kind === 'fault') return failure('body_not_json', `The request body ${parsed.sentence}.`)
  const translated = translateEmbedding(parsed.value, { from, to, model: target.model ?? call.model })
  if (translated.kind === 'refused') {
    return failure('not_translatable', `Target ${targetId} speaks ${target.dialect}. ${translated.sentence}`)
  }
  const { path, body, dropped, shape } = translated
  return {
    kind: 'translated',
    path,
    headers: headersFor(call, { to, from }),
    body: writeJson(body),
    stream: null,
    isAnswerRead: true,
    translation: { from, to, stream, dropped, adjusted: [], wantsStreamUsage: false, embedding: shape },
  }
}

function notTranslatable({ received }: Call, { targetId, target }: Pick<Attempt, 'targetId' | 'target'>): Failure {
  const { operation, dialect } = received.place
  const message =
    `Target ${targetId} speaks ${target.dialect}: a call of operation ${operation ?? 'unknown'} in the dialect ` +
    `${dialect.name} goes to providers of its own dialect alone.`
  return failure('not_translatable', message)
}

function headersFor({ received, isStreaming }: Call, { to }: Pair): string[] {
  const headers = ['content-type', 'application/json', 'accept-encoding', 'identity']
  for (const name of KEPT_HEADERS) {
    const value = headerOf(received.rawHeaders, name)
    if (value !== null) headers.push(name, value)
  }
  if (to === 'Anthropic') headers.push('anthropic-version', ANTHROPIC_VERSION)
  if (to === 'Prompt' && isStreaming) headers.push('x-stream', 'true')
  return headers
}
