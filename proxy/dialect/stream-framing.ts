// The three ways in which answers come event by event, as far as passing them on needs: where whole events end in some
// bytes. Nothing is decoded here; the readers of sse.ts, ndjson.ts and json-array.ts do that for translation.
//
//   sse     server-sent events (WHATWG HTML): an event ends with an empty line; lines end with LF, CR or CRLF
//   lines   one JSON value a line
//   array   the elements of one JSON array, which grows
import type { Buffer } from 'node:buffer'
import type { StreamFormat } from './stream-format.ts'

export interface Framing {
  readonly name: 'sse' | 'lines' | 'array'
  /** Starts of the media types that such answers come with. */
  readonly mediaTypes: readonly string[]
  /** The offset after the last event that is whole, for bytes that begin where an event does; 0: none is. */
  endOfLastEvent(bytes: Buffer): number
  /** What ends an event that was begun, so that another can follow; null: nothing does. */
  readonly eventBreak: string | null
}

const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d

export const sseFraming: Framing = {
  name: 'sse',
  mediaTypes: ['text/event-stream'],
  endOfLastEvent: endOfLastSseEvent,
  eventBreak: '\n\n',
}

export const linesFraming: Framing = {
  name: 'lines',
  mediaTypes: ['application/x-ndjson', 'application/ndjson', 'application/jsonl', 'application/json', 'text/plain'],
  endOfLastEvent: (bytes) => bytes.lastIndexOf(LINE_FEED) + 1,
  eventBreak: '\n',
}

export const arrayFraming: Framing = {
  name: 'array',
  mediaTypes: ['application/json'],
  endOfLastEvent: endOfLastElement,
  eventBreak: null,
}

/** Whether an answer of this media type comes in the events of the format that was asked for. */
export function isStreamAnswer(contentType: unknown, format: StreamFormat | null): boolean {
  if (typeof contentType !== 'string') return false
  const types = (format?.framing ?? sseFraming).mediaTypes
  for (const type of types) if (contentType.startsWith(type)) return true
  return false
}

/** After the last empty line. In the common case a chunk ends with an event and nothing is searched. */
function endOfLastSseEvent(bytes: Buffer): number {
  const { length } = bytes
  if (bytes[length - 1] === LINE_FEED && bytes[length - 2] === LINE_FEED) return length
  for (let at = length - 1; at > 0; at -= 1) {
    const byte = bytes[at]
    if (byte !== LINE_FEED && byte !== CARRIAGE_RETURN) continue
    if (isBlankLineEnd(bytes, at)) return at + 1
  }
  return 0
}

/** Whether the line end at `at` closes an empty line. */
function isBlankLineEnd(bytes: Buffer, at: number): boolean {
  const previous = bytes[at - 1]
  if (bytes[at] === CARRIAGE_RETURN) {
    // The first half of a CRLF is not an end yet; a CR after a CR or LF at the end of a chunk may be just that.
    return (
      (previous === CARRIAGE_RETURN || previous === LINE_FEED) && at + 1 < bytes.length && bytes[at + 1] !== LINE_FEED
    )
  }
  if (previous === LINE_FEED) return true
  const beforePrevious = bytes[at - 2]
  return previous === CARRIAGE_RETURN && (beforePrevious === LINE_FEED || beforePrevious === CARRIAGE_RETURN)
}

/** Where the last event of some whole ones begins. */
export function startOfLastSseEvent(events: Buffer): number {
  let end = events.length
  while (end > 0 && (events[end - 1] === LINE_FEED || events[end - 1] === CARRIAGE_RETURN)) end -= 1
  return endOfLastSseEvent(events.subarray(0, end))
}

/** Elements are objects. The bytes begin outside of them: before the array, or behind one of its elements. */
function endOfLastElement(bytes: Buffer): number {
  let depth = 0
  let end = 0
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at]
    if (byte === QUOTE) at = endOfString(bytes, at)
    else if (byte === OPEN_BRACE || (byte === OPEN_BRACKET && depth > 0)) depth += 1
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      // The whole array, and the line end that some send after it.
      if (depth === 0) return bytes.length
      depth -= 1
      if (depth === 0) end = at + 1
    }
  }
  return end
}

/** The offset of the closing quote; the length when it has not come. */
function endOfString(bytes: Buffer, openingAt: number): number {
  let at = openingAt + 1
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1
  return at
}
