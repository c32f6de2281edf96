// Gemini's streams (ai.google.dev, streamGenerateContent): server-sent events with alt=sse, else one JSON array that
// grows. The events have no last one: the answer is complete when a finish or block reason has been told, and the array
// when it is closed.
import { Buffer } from 'node:buffer'
import { statusOf, type Failure } from '../errors.ts'
import { endOf, endOfText, type StreamFormat } from './stream-format.ts'
import { arrayFraming, sseFraming } from './stream-framing.ts'

const FINISH_REASON = Buffer.from('"finishReason"')
const BLOCK_REASON = Buffer.from('"blockReason"')
const CLOSE_BRACKET = ']'.charCodeAt(0)
const MAX_ERROR_EVENT_BYTES = 16 * 1024

/** By status; google.rpc.Code. */
const STATUSES: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  408: 'DEADLINE_EXCEEDED',
  413: 'INVALID_ARGUMENT',
  429: 'RESOURCE_EXHAUSTED',
  499: 'CANCELLED',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
}

export const geminiSseStream: StreamFormat = {
  name: 'gemini-sse',
  framing: sseFraming,
  endsWithBody: false,
  endsStream: holdsReason,
  beginsLastEvent: holdsReason,
  holdsLastEvent: holdsReason,
  endsWithError: (events) => /(?:^|[\r\n])data: ?\{\s*"error"/.test(endOf(events, MAX_ERROR_EVENT_BYTES)),
  errorEvent: (fault) => Buffer.from(`data: ${JSON.stringify(geminiError(fault))}\r\n\r\n`),
}

export const geminiArrayStream: StreamFormat = {
  name: 'gemini-array',
  framing: arrayFraming,
  endsWithBody: false,
  endsStream: (events) => events[endOfText(events) - 1] === CLOSE_BRACKET,
  beginsLastEvent: () => false,
  holdsLastEvent: (events) => events[endOfText(events) - 1] === CLOSE_BRACKET,
  // An array that is not closed is an error for its reader in any case.
  endsWithError: () => false,
  errorEvent: (fault, last) => Buffer.from(`${last === null ? '[' : ','}\n${JSON.stringify(geminiError(fault))}\n]`),
}

/** Names of members: inside of text their quotes would be escaped. */
function holdsReason(events: Buffer): boolean {
  return events.includes(FINISH_REASON) || events.includes(BLOCK_REASON)
}

export function geminiError({ code, message }: Failure): object {
  const status = statusOf(code)
  return {
    error: { code: status, message, status: STATUSES[status] ?? (status < 500 ? 'INVALID_ARGUMENT' : 'INTERNAL') },
  }
}
