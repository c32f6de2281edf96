// OpenAI's responses (platform.openai.com, API reference): POST /responses, streamed as named events with a running
// `sequence_number`, which end with response.completed, .incomplete or .failed and have no `[DONE]`. The last event
// repeats the whole answer, so that it may be long: it is known by its beginning.
import { Buffer } from 'node:buffer'
import type { Failure } from '../errors.ts'
import { readBody } from './read-body.ts'
import { endOf, type StreamFormat } from './stream-format.ts'
import { sseFraming, startOfLastSseEvent } from './stream-framing.ts'

const HEAD_BYTES = 96
const DONE = /(?:^|[\r\n])data: ?\[DONE\]\s*$/
const ERROR_EVENT = /(?:^|[\r\n])(?:event: ?error[\r\n]|data: ?\{"type": ?"error")/
const MAX_ERROR_EVENT_BYTES = 16 * 1024
const SEQUENCE = /"sequence_number": ?(\d{1,15})/g

/** Streams of named events, by a pattern for the names that the last one may have. */
export function namedEvents(lastNames: string): StreamFormat {
  const lastEvent = new RegExp(`^\\s*(?:event: ?(?:${lastNames})[\\r\\n]|data: ?\\{"type": ?"(?:${lastNames})")`)
  const beginsLastEvent = (start: Buffer) => lastEvent.test(start.toString('latin1', 0, HEAD_BYTES))
  return {
    name: 'openai-responses',
    framing: sseFraming,
    endsWithBody: false,
    endsStream: (events) => beginsLastEvent(events.subarray(startOfLastSseEvent(events))),
    beginsLastEvent,
    holdsLastEvent: (events) => holdsLastEvent(events, beginsLastEvent),
    endsWithError: (events) => ERROR_EVENT.test(endOf(events, MAX_ERROR_EVENT_BYTES)),
    errorEvent,
  }
}

export const openAiResponsesStream = namedEvents('response\\.(?:completed|incomplete|failed)')

export const openAiResponse = {
  operation: 'Response',
  readCall: readBody({ model: 'model', conversation: 'input', streams: 'whenTrue', stream: openAiResponsesStream }),
} as const

/** Some servers of this format end with `[DONE]` all the same, or with a comment. */
function holdsLastEvent(events: Buffer, beginsLastEvent: (start: Buffer) => boolean): boolean {
  if (DONE.test(endOf(events, HEAD_BYTES))) return true
  let rest = events
  while (rest.length > 0) {
    const start = startOfLastSseEvent(rest)
    if (beginsLastEvent(rest.subarray(start))) return true
    if (rest[start] !== ':'.charCodeAt(0)) return false
    rest = rest.subarray(0, start)
  }
  return false
}

function errorEvent({ code, message }: Failure, last: Buffer | null): Buffer {
  const numbers = last === null ? [] : [...endOf(last, MAX_ERROR_EVENT_BYTES).matchAll(SEQUENCE)]
  const before = numbers.at(-1)?.[1]
  const event = { type: 'error', code, message, param: null, sequence_number: before ? Number(before) + 1 : 0 }
  return Buffer.from(`event: error\ndata: ${JSON.stringify(event)}\n\n`)
}
