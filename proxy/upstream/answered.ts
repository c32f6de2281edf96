// What a provider's answer amounts to once it is whole: a good one, or a failure of some class with the pause that the
// provider asks for. Most answers are good and are told by their status and one byte search.
import { Buffer } from 'node:buffer'
import { decodeSmall } from '../encoding/small-body.ts'
import type { Answered } from '../exchange.ts'
import { classifyError } from './classify.ts'
import { askedWaitMs } from './retry-after.ts'

/** Some gateways answer an error with status 200; it is then the first member. */
const ERROR_START = /^\s*\{\s*"error"\s*:\s*["{]/
const ERROR_START_BYTES = 32
const ERROR_NAME = Buffer.from('"error"')
const OPEN_BRACE = 0x7b
const QUOTE = 0x22
const LOWER_E = 0x65

export function wholeAnswer(answered: Answered, body: Buffer, now: () => number): Answered {
  if (answered.status < 400 && !startsWithError(body)) return answered
  return failedAnswer(answered, body, now())
}

/** `errorBody` is the provider's error: the whole body, or an event's data. */
export function failedAnswer(answered: Answered, errorBody: Buffer, nowMs: number): Answered {
  const { status, headers } = answered
  const readable = decodeSmall(errorBody, headers['content-encoding'])
  return {
    ...answered,
    failureClass: classifyError(readable, status < 400 ? null : status),
    retryAfterMs: askedWaitMs({ headers, body: readable }, nowMs),
  }
}

function startsWithError(body: Buffer): boolean {
  // Nearly every answer begins with `{"` and another name, and is told by its third byte.
  if (body[0] === OPEN_BRACE && body[1] === QUOTE && body[2] !== LOWER_E) return false
  const front = body.subarray(0, ERROR_START_BYTES)
  return front.includes(ERROR_NAME) && ERROR_START.test(front.toString('latin1'))
}
