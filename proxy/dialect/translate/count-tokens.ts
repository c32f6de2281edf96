// A question for the tokens of a chat, between the two vendors that answer it: the chat in it is translated as any
// other, and what only shapes an answer is left out. Other vendors' tokens are counted otherwise: the number is the
// target's.
//
//   Anthropic  POST /messages/count_tokens        {model, messages, system, tools, ...}  ->  {input_tokens}
//   Gemini     POST /models/MODEL:countTokens     {generateContentRequest | contents}    ->  {totalTokens}
import type { Buffer } from 'node:buffer'
import { Reading } from '../neutral/field.ts'
import { parseReply, writeJson } from '../neutral/json-text.ts'
import { isObject, type JsonObject, type JsonValue } from '../neutral/json.ts'
import { translateRequest, type RefusedRequest } from './translate-request.ts'

export type CountingFormatName = 'Anthropic' | 'Gemini'

export interface CountingPair {
  readonly from: CountingFormatName
  readonly to: CountingFormatName
}

export type TranslatedCount =
  | { readonly kind: 'request'; readonly path: string; readonly body: JsonObject; readonly dropped: readonly string[] }
  | RefusedRequest

export function isCountingFormat(name: string): name is CountingFormatName {
  return name === 'Anthropic' || name === 'Gemini'
}

/** `model` is the target's name of it. */
export function translateCount(
  body: JsonValue,
  { from, to, model }: CountingPair & { readonly model: string },
): TranslatedCount {
  const translated = translateRequest(chatOf(body, from), { from, to, model, isStreaming: false })
  if (translated.kind === 'refused') return translated
  const { dropped } = translated
  return { kind: 'request', ...questionFor(translated.body, { to, model }), dropped }
}

/** Null: the body is no answer of the target's dialect. */
export function translateCounted(body: Buffer, { from }: CountingPair): Buffer | null {
  const parsed = parseReply(body)
  if (parsed.kind === 'fault' || !isObject(parsed.value)) return null
  const tokens = new Reading()
    .root(parsed.value)
    .member(from === 'Gemini' ? 'totalTokens' : 'input_tokens')
    .number()
  if (tokens === undefined) return null
  return writeJson(from === 'Gemini' ? { input_tokens: tokens } : { totalTokens: tokens })
}

/** Gemini has the chat whole, with its model, or its contents alone. */
function chatOf(body: JsonValue, from: CountingFormatName): JsonValue {
  if (from === 'Anthropic' || !isObject(body)) return body
  return body['generateContentRequest'] ?? body['generate_content_request'] ?? body
}

/** What Anthropic's question does not take: it shapes the answer, and not one token of the input. */
const OF_THE_ANSWER: ReadonlySet<string> = new Set([
  'max_tokens',
  'temperature',
  'top_p',
  'top_k',
  'stop_sequences',
  'stream',
  'metadata',
])

function questionFor(
  chat: JsonObject,
  { to, model }: Pick<CountingPair, 'to'> & { readonly model: string },
): { readonly path: string; readonly body: JsonObject } {
  if (to === 'Anthropic') {
    const kept = Object.entries(chat).filter(([name]) => !OF_THE_ANSWER.has(name))
    return { path: '/messages/count_tokens', body: Object.fromEntries(kept) }
  }
  const name = model.replace(/^models\//, '')
  const body = { generateContentRequest: { model: `models/${name}`, ...chat } }
  return { path: `/models/${encodeURIComponent(name)}:countTokens`, body }
}
