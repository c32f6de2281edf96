// An answer or an error of the provider, complete -> the same in the caller's dialect. Pure.
// Streams are stream-translator.ts's work.
import type { Buffer } from 'node:buffer'
import type { AnswerContext } from '../neutral/format.ts'
import { formatOf } from './formats.ts'
import { parseReply, writeJson } from '../neutral/json-text.ts'
import { isObject } from '../neutral/json.ts'
import type { ChatAnswer, ChatError } from '../neutral/chat.ts'
import type { Pair } from './settle.ts'

export type TranslatedAnswer =
  | { readonly kind: 'answer'; readonly body: Buffer; readonly answer: ChatAnswer }
  /** A failure told with a status of success. */
  | ({ readonly kind: 'error' } & TranslatedError)
  /** The provider's body is no answer of its dialect. */
  | { readonly kind: 'unreadable' }

/** `from` is the provider's dialect, `to` the caller's. */
export function translateAnswer(body: Buffer, { from, to }: Pair, context: AnswerContext): TranslatedAnswer {
  const parsed = parseReply(body)
  if (parsed.kind === 'fault' || !isObject(parsed.value)) return { kind: 'unreadable' }
  const failure = formatOf(from).readFailure?.(parsed.value) ?? null
  if (failure !== null) return { kind: 'error', ...writeError(failure, to), error: failure }
  const answer = formatOf(from).readAnswer(parsed.value, context)
  if (answer === null) return { kind: 'unreadable' }
  return { kind: 'answer', body: writeJson(formatOf(to).writeAnswer(answer, context)), answer }
}

export interface TranslatedError {
  readonly status: number
  readonly body: Buffer
  readonly error: ChatError
}

/** Bodies that are not JSON (a gateway's page of HTML) keep their status and get a plain sentence. */
export function translateError(
  reply: { readonly status: number; readonly body: Buffer },
  { from, to }: Pair,
): TranslatedError {
  const parsed = parseReply(reply.body)
  // Google answers errors of streams as an array of one.
  const value = parsed.kind === 'json' ? (Array.isArray(parsed.value) ? parsed.value[0] : parsed.value) : null
  const error = formatOf(from).readError({ status: reply.status, body: isObject(value) ? value : null })
  return { ...writeError(error, to), error }
}

export function writeError(error: ChatError, to: Pair['to']): { readonly status: number; readonly body: Buffer } {
  const { status, body } = formatOf(to).writeError(error)
  return { status, body: writeJson(body) }
}
