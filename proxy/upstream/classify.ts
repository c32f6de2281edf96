// What kind of failure a provider's refusal is, from its status and its body together: 429 alone may mean "later" or
// "never", 400 alone "wrong", "too long" or "not allowed". The codes and wordings, with their sources, are the table of
// dialect/neutral/error-classes.ts; here they meet the details that need a whole body. Pure.
import type { Buffer } from 'node:buffer'
import { parseReply } from '../dialect/neutral/json-text.ts'
import { isObject, type JsonValue } from '../dialect/neutral/json.ts'
import { formatOf } from '../dialect/translate/formats.ts'
import type { ErrorClass, FormatName } from '../dialect/neutral/chat.ts'
import { retryDelayMs, type ReplyHeaders } from './retry-after.ts'

/** A larger body is no error object, and is judged by its status. */
export const MAX_ERROR_BODY_BYTES = 64 * 1024

export interface Refusal {
  /** 400 and above. */
  readonly status: number
  /** By lower-case name. */
  readonly headers: ReplyHeaders
  /** Decoded; empty where it could not be read. */
  readonly body: Buffer
}

export interface Classified {
  readonly class: ErrorClass
  /** How long the provider asks to wait; null when it does not say. */
  readonly retryDelayMs: number | null
}

export function classify(refusal: Refusal, dialect: FormatName, nowMs: number): Classified {
  const { status, headers, body } = refusal
  const parsed = body.length <= MAX_ERROR_BODY_BYTES ? parseReply(body) : null
  const value: JsonValue = parsed?.kind === 'json' ? parsed.value : null
  const first: JsonValue | undefined = Array.isArray(value) ? (value as readonly JsonValue[])[0] : value
  const error = formatOf(dialect).readError({ status, body: isObject(first) ? first : null })
  const delay = retryDelayMs({ headers, body: value }, nowMs)
  const isGoogleLimit = dialect === 'Gemini' && error.class === 'rateLimited'
  const isSpent = isGoogleLimit && delay === null && saysSpent(first, error.message)
  return { class: isSpent ? 'quota' : error.class, retryDelayMs: delay }
}

/**
 * Google's 429 says "exceeded your current quota" for a minute's limit too. With a delay to wait it is a limit that
 * passes, whatever its name; without one, a limit per day or the wording alone is a quota that is used up.
 */
function saysSpent(body: JsonValue | undefined, message: string): boolean {
  const error = isObject(body) ? body['error'] : undefined
  const details = isObject(error) ? JSON.stringify(error['details'] ?? null).slice(0, MAX_ERROR_BODY_BYTES) : ''
  return /per_?day/i.test(details) || /exceeded your current quota|per day/i.test(message)
}
