// How long a provider asks to wait before the next try, from wherever it says so. Pure; the time comes in.
//
// In this order, the first that is there and can be read counts:
//   retry-after-ms                          milliseconds                          (openai-node reads it first)
//   retry-after                             seconds, or a date                    (RFC 9110 section 10.2.3)
//   error.details[] RetryInfo.retryDelay    "34.07s", {seconds, nanos}            (Google API error model)
//   x-ratelimit-reset-*                     durations: 1s, 6m0s, 20ms             (OpenAI, Azure, Groq)
//   anthropic-ratelimit-*-reset             RFC 3339 timestamps                   (Anthropic rate limits)
//   x-ratelimit-reset, ratelimit-reset      seconds, or a moment as a number      (others)
//   error.message "try again in 1.2s"       a duration in words                   (OpenAI, Google)
// Of several limits, those count that are used up; where that is not said, the longest.
import type { JsonValue } from '../dialect/neutral/json.ts'
import { isObject } from '../dialect/neutral/json.ts'
import { durationMs, momentMs, secondsMs } from './durations.ts'

/** Whoever asks for more than this is not waited for, and not asked again before it is over. */
export const LONGEST_DELAY_MS = 24 * 60 * 60 * 1000

export type ReplyHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

export interface RefusalReply {
  /** By lower-case name. */
  readonly headers: ReplyHeaders
  /** The body as JSON; null where it is none. */
  readonly body: JsonValue
}

/** Milliseconds from now, 0 to LONGEST_DELAY_MS; null when the provider does not say. */
export function retryDelayMs({ headers, body }: RefusalReply, nowMs: number): number | null {
  const delay =
    millisecondsOf(header(headers, 'retry-after-ms')) ??
    retryAfter(header(headers, 'retry-after'), nowMs) ??
    retryInfo(body) ??
    limitReset(headers, OPENAI, durationOrSeconds) ??
    limitReset(headers, ANTHROPIC, (text) => momentMs(text, nowMs)) ??
    plainReset(header(headers, 'x-ratelimit-reset') ?? header(headers, 'ratelimit-reset'), nowMs) ??
    wordedDelay(body)
  return delay === null ? null : Math.min(Math.max(Math.ceil(delay), 0), LONGEST_DELAY_MS)
}

const OPENAI: LimitNames = {
  pattern: /^x-ratelimit-reset-(.+)$/,
  remaining: (name) => `x-ratelimit-remaining-${name}`,
}

const ANTHROPIC: LimitNames = {
  pattern: /^anthropic-(?:priority-)?ratelimit-(.+)-reset$/,
  remaining: (name) => `anthropic-ratelimit-${name}-remaining`,
}

function header(headers: ReplyHeaders, name: string): string | null {
  const value = headers[name]
  return (typeof value === 'string' ? value : value?.[0])?.trim() ?? null
}

function millisecondsOf(text: string | null): number | null {
  const seconds = secondsMs(text)
  return seconds === null ? null : seconds / 1000
}

function retryAfter(text: string | null, nowMs: number): number | null {
  return secondsMs(text) ?? (text === null ? null : momentMs(text, nowMs))
}

interface LimitNames {
  readonly pattern: RegExp
  remaining(name: string): string
}

type DelayOf = (text: string) => number | null

function limitReset(headers: ReplyHeaders, names: LimitNames, delayOf: DelayOf): number | null {
  const all: number[] = []
  const usedUp: number[] = []
  for (const name of Object.keys(headers)) {
    const limit = names.pattern.exec(name)?.[1]
    const text = limit === undefined ? null : header(headers, name)
    const delay = text === null ? null : delayOf(text)
    if (limit === undefined || delay === null) continue
    const left = Number(header(headers, names.remaining(limit)) ?? Number.NaN)
    all.push(delay)
    // Azure says -1 for a limit that it does not count.
    if (left === 0) usedUp.push(delay)
  }
  const counting = usedUp.length > 0 ? usedUp : all
  return counting.length === 0 ? null : Math.max(...counting)
}

function durationOrSeconds(text: string): number | null {
  return durationMs(text) ?? secondsMs(text)
}

/** Seconds from now, or a moment in seconds or milliseconds since 1970: told apart by their size. */
function plainReset(text: string | null, nowMs: number): number | null {
  const number = text !== null && /^\d{1,16}(?:\.\d+)?$/.test(text) ? Number(text) : null
  if (number === null) return text === null ? null : durationMs(text)
  if (number >= 1e12) return number - nowMs
  return number >= 1e9 ? number * 1000 - nowMs : number * 1000
}

/** The error object, also in an array of one, as Google answers on streams. */
function errorOf(body: JsonValue): JsonValue | undefined {
  const holder: JsonValue | undefined = Array.isArray(body) ? (body as readonly JsonValue[])[0] : body
  return isObject(holder) ? holder['error'] : undefined
}

function retryInfo(body: JsonValue): number | null {
  const error = errorOf(body)
  const details = isObject(error) ? error['details'] : undefined
  if (!Array.isArray(details)) return null
  for (const detail of details as readonly JsonValue[]) {
    const type = isObject(detail) ? detail['@type'] : undefined
    if (!isObject(detail) || typeof type !== 'string' || !type.endsWith('google.rpc.RetryInfo')) continue
    const delay = detail['retryDelay']
    if (typeof delay === 'string') return durationMs(delay)
    if (isObject(delay)) return Number(delay['seconds'] ?? 0) * 1000 + Number(delay['nanos'] ?? 0) / 1e6 || null
  }
  return null
}

const WORDED = /(?:retry|try again) in (\d[\d.]*(?:ms|[smhd])(?:\d[\d.]*(?:ms|[smhd]))*)/i

function wordedDelay(body: JsonValue): number | null {
  const error = errorOf(body)
  const message = isObject(error) ? error['message'] : error
  const text = typeof message === 'string' ? WORDED.exec(message.slice(0, 2000))?.[1] : undefined
  return text === undefined ? null : durationMs(text)
}
