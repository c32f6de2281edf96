// How long a provider asks to be left alone, in every form that is met. Pure. The first that is given counts:
//
//   retry-after-ms            OpenAI, Azure
//   retry-after               seconds or an HTTP date (RFC 9110 section 10.2.3)
//   RetryInfo.retryDelay      Gemini, in the body's details: "37s"
//   *ratelimit*-reset*        durations (OpenAI: 6m0s, 20ms), dates (Anthropic, RFC 3339), seconds or epochs (others)
//   "try again in 20s"        in the message
import { readErrorBody } from './error-body.ts'
import type { Buffer } from 'node:buffer'

/** A longer one is taken for this. */
export const MAX_ASKED_WAIT_MS = 24 * 60 * 60 * 1000

export interface FailedAnswer {
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

const WORDED_DELAY = /(?:try again|retry) (?:in|after) ((?:\d+(?:\.\d+)? ?(?:ms|h|m|s)){1,4})/i

type Headers = FailedAnswer['headers']

/** Null: it does not say. */
export function askedWaitMs({ headers, body }: FailedAnswer, nowMs: number): number | null {
  const words = readErrorBody(body)
  const waitMs =
    numberOf(textOf(headers, 'retry-after-ms')) ??
    retryAfterMs(textOf(headers, 'retry-after'), nowMs) ??
    durationMs(/"retryDelay":"([^"]+)"/.exec(words.details)?.[1]) ??
    resetMs(headers, nowMs) ??
    durationMs(WORDED_DELAY.exec(words.message)?.[1])
  return waitMs === null ? null : Math.min(MAX_ASKED_WAIT_MS, Math.max(0, Math.ceil(waitMs)))
}

function textOf(headers: Headers, name: string): string | undefined {
  const value = headers[name]
  return (typeof value === 'string' ? value : value?.[0])?.trim()
}

function numberOf(text: string | undefined): number | null {
  return text !== undefined && /^\d+(\.\d+)?$/.test(text) ? Number(text) : null
}

function retryAfterMs(text: string | undefined, nowMs: number): number | null {
  const seconds = numberOf(text)
  return seconds === null ? (durationMs(text) ?? dateMs(text, nowMs)) : seconds * 1000
}

function dateMs(text: string | undefined, nowMs: number): number | null {
  const atMs = text === undefined || !/\d{4}/.test(text) ? Number.NaN : Date.parse(text)
  return Number.isNaN(atMs) ? null : atMs - nowMs
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** `1s`, `6m0s`, `20ms`, `1.5s`. */
function durationMs(text: string | undefined): number | null {
  if (text === undefined || !/^(\d+(\.\d+)? ?(ms|h|m|s) ?){1,4}$/.test(text)) return null
  let totalMs = 0
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?) ?(ms|h|m|s)/g)) {
    totalMs += Number(amount) * (UNIT_MS[unit ?? ''] ?? 0)
  }
  return totalMs
}

/** Limits that are used up decide, the latest of them; where none says so, the one that is first to be lifted. */
function resetMs(headers: Headers, nowMs: number): number | null {
  const usedUp: number[] = []
  const others: number[] = []
  for (const name in headers) {
    if (!name.includes('ratelimit') || !name.includes('reset')) continue
    const waitMs = oneResetMs(textOf(headers, name), nowMs)
    if (waitMs === null) continue
    const left = numberOf(textOf(headers, name.replace('reset', 'remaining')))
    if (left === 0) usedUp.push(waitMs)
    else others.push(waitMs)
  }
  if (usedUp.length > 0) return Math.max(...usedUp)
  return others.length > 0 ? Math.min(...others) : null
}

const FIRST_EPOCH_SECOND = 1_000_000_000
const FIRST_EPOCH_MS = FIRST_EPOCH_SECOND * 1000

function oneResetMs(text: string | undefined, nowMs: number): number | null {
  const number = numberOf(text)
  if (number === null) return durationMs(text) ?? dateMs(text, nowMs)
  if (number >= FIRST_EPOCH_MS) return number - nowMs
  return number >= FIRST_EPOCH_SECOND ? number * 1000 - nowMs : number * 1000
}
