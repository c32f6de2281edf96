// A chat, a question for its tokens, or one for embeddings, for a target of another dialect: its path, headers and
// body in that dialect, and what has to be known of it when the answer comes. What the target cannot express is
// refused, naming the field, or dropped and named.
//
//   Call -> wayTo -> parseJson -> say -> TranslatedCall | Failure
import type { Buffer } from 'node:buffer'
import type { FormatName } from '../dialect/neutral/chat.ts'
import { parseJson, writeJson } from '../dialect/neutral/json-text.ts'
import type { JsonObject, JsonValue } from '../dialect/neutral/json.ts'
import { isCountingFormat, translateCount, type CountingPair } from '../dialect/translate/count-tokens.ts'
import {
  isEmbeddingFormat,
  translateEmbedding,
  type EmbeddingPair,
} from '../dialect/translate/embeddings/translate-embedding.ts'
import type { Pair } from '../dialect/translate/settle.ts'
import { translateRequest, type RefusedRequest } from '../dialect/translate/translate-request.ts'
import { failure, type Failure } from '../errors.ts'
import type { StreamFormat } from '../dialect/stream-format.ts'
import type { Attempt, Call, Place, Translation } from '../exchange.ts'
import { headerOf } from '../raw-headers.ts'
import { callerFormat, countingFormat, embeddingFormat, targetFormat } from './formats.ts'

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
  const { target } = attempt
  const { name: to, stream } = targetFormat(target.dialect)
  const way = wayTo(to, call.received.place)
  if (way === null) return refuse(attempt, noWay(call, to))
  const parsed = parseJson(call.received.body)
  if (parsed.kind === 'fault') return failure('body_not_json', `The request body ${parsed.sentence}.`)
  const said = say(parsed.value, way, { model: target.model ?? call.model, isStreaming: call.isStreaming })
  if (said.kind === 'refused') return refuse(attempt, said.sentence)
  const { path, body, asks, dropped, adjusted = [], wantsStreamUsage = false } = said
  return {
    kind: 'translated',
    path,
    headers: headersFor(call, way),
    body: writeJson(body),
    stream: call.isStreaming ? stream : null,
    isAnswerRead: true,
    translation: { from: way.from, to: way.to, stream, dropped, adjusted, wantsStreamUsage, asks },
  }
}

/** What is asked, and in which formats it is said on both sides. */
type Way =
  | ({ readonly kind: 'chat' } & Pair)
  | ({ readonly kind: 'count' } & CountingPair)
  | ({ readonly kind: 'vectors' } & EmbeddingPair)

/** Null: the target cannot be asked that. */
function wayTo(to: FormatName, place: Place): Way | null {
  const chat = callerFormat(place)
  if (chat !== null) return { kind: 'chat', from: chat, to }
  const count = countingFormat(place)
  if (count !== null) return isCountingFormat(to) ? { kind: 'count', from: count, to } : null
  const vectors = embeddingFormat(place)
  return vectors !== null && isEmbeddingFormat(to) ? { kind: 'vectors', from: vectors, to } : null
}

interface Said {
  readonly kind: 'said'
  readonly path: string
  readonly body: JsonObject
  readonly asks: Translation['asks']
  readonly dropped: readonly string[]
  readonly adjusted?: readonly string[]
  readonly wantsStreamUsage?: boolean
}

function say(
  value: JsonValue,
  way: Way,
  { model, isStreaming }: { readonly model: string; readonly isStreaming: boolean },
): Said | RefusedRequest {
  switch (way.kind) {
    case 'chat': {
      const chat = translateRequest(value, { ...way, model, isStreaming })
      return chat.kind === 'refused' ? chat : { ...chat, kind: 'said', asks: 'chat' }
    }
    case 'count': {
      const question = translateCount(value, { ...way, model })
      return question.kind === 'refused' ? question : { ...question, kind: 'said', asks: 'count' }
    }
    case 'vectors': {
      const texts = translateEmbedding(value, { ...way, model })
      return texts.kind === 'refused' ? texts : { ...texts, kind: 'said', asks: texts.shape }
    }
  }
}

function refuse({ targetId, target }: Attempt, sentence: string): Failure {
  return failure('not_translatable', `Target ${targetId} speaks ${target.dialect}. ${sentence}`)
}

function noWay({ received }: Call, to: FormatName): string {
  const { operation, dialect } = received.place
  return (
    `A call of operation ${operation ?? 'unknown'} in the dialect ${dialect.name} cannot be said in ${to}: ` +
    'it goes to providers of its own dialect alone.'
  )
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
