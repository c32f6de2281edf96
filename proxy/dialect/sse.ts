// Reads an event stream (WHATWG HTML, section 9.2.6 "Interpreting an event stream") from bytes in chunks cut anywhere:
// lines end with LF, CR or CRLF (a CR at a chunk's end ends its line at once; an LF that follows belongs to it), one
// space after the colon is optional, several `data` lines join with LF, comments and unknown fields are skipped, a BOM
// at the start is skipped, and an event without its blank line is not an event.
//
// Finds lines by the platform's byte search and hands out slices of the chunks. Does not look into the data.
import { Buffer } from 'node:buffer'
import { eventTooLarge, MAX_EVENT_BYTES, type FramingFault, type FramingReader, type SourceEvent } from './framing.ts'
import { Hold } from './hold.ts'

const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const SPACE = 0x20
const COLON = 0x3a
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])
const DATA = Buffer.from('data')
const EVENT = Buffer.from('event')
const LINE_FEED_BYTES = Buffer.from([LINE_FEED])

export class SseReader implements FramingReader {
  readonly #maxEventBytes: number
  readonly #hold = new Hold()
  fault: FramingFault | null = null
  /** All offsets count from the start of the event that is being read. */
  #lineStart = 0
  #searchFrom = 0
  #dataSpans: number[] = []
  #name: string | null = null
  #isAtStart = true
  #mustSkipLineFeed = false

  constructor(maxEventBytes: number = MAX_EVENT_BYTES) {
    this.#maxEventBytes = maxEventBytes
  }

  push(chunk: Buffer): readonly SourceEvent[] {
    if (this.fault !== null || chunk.length === 0) return []
    const bytes = this.#hold.join(this.#withoutHalfLineEnd(chunk))
    const events: SourceEvent[] = []
    const eventStart = this.#readLines(bytes, events)
    if (bytes.length - eventStart > this.#maxEventBytes) {
      this.fault = eventTooLarge(this.#maxEventBytes)
      this.#hold.take()
      return events
    }
    this.#searchFrom = bytes.length - eventStart
    this.#hold.keepFrom(bytes, eventStart)
    return events
  }

  end(): readonly SourceEvent[] {
    this.#hold.take()
    return []
  }

  #withoutHalfLineEnd(chunk: Buffer): Buffer {
    if (!this.#mustSkipLineFeed) return chunk
    this.#mustSkipLineFeed = false
    return chunk[0] === LINE_FEED ? chunk.subarray(1) : chunk
  }

  /** Reads every whole line and returns where the unfinished event starts. */
  #readLines(bytes: Buffer, events: SourceEvent[]): number {
    let eventStart = 0
    let lineStart = this.#lineStart
    let nextReturn = bytes.indexOf(CARRIAGE_RETURN, this.#searchFrom)
    let nextFeed = bytes.indexOf(LINE_FEED, this.#searchFrom)
    while (nextFeed !== -1 || nextReturn !== -1) {
      const isFeed = nextReturn === -1 || (nextFeed !== -1 && nextFeed < nextReturn)
      const lineEnd = isFeed ? nextFeed : nextReturn
      const next = isFeed ? lineEnd + 1 : this.#afterReturn(bytes, lineEnd)
      if (lineEnd - eventStart > this.#maxEventBytes) break
      if (this.#readLine(bytes, { eventStart, start: lineStart, end: lineEnd })) {
        this.#dispatch(bytes, eventStart, events)
        eventStart = next
      }
      lineStart = next
      if (nextFeed !== -1 && nextFeed < next) nextFeed = bytes.indexOf(LINE_FEED, next)
      if (nextReturn !== -1 && nextReturn < next) nextReturn = bytes.indexOf(CARRIAGE_RETURN, next)
    }
    this.#lineStart = lineStart - eventStart
    return eventStart
  }

  #afterReturn(bytes: Buffer, at: number): number {
    if (at + 1 === bytes.length) this.#mustSkipLineFeed = true
    return bytes[at + 1] === LINE_FEED ? at + 2 : at + 1
  }

  /** True when the line is blank: the event is complete. */
  #readLine(
    bytes: Buffer,
    line: { readonly eventStart: number; readonly start: number; readonly end: number },
  ): boolean {
    const { eventStart, end } = line
    let { start } = line
    if (this.#isAtStart) {
      this.#isAtStart = false
      if (bytes.subarray(start, start + 3).equals(BYTE_ORDER_MARK)) start += 3
    }
    if (start === end) return true
    if (isField(bytes, start, { name: DATA, end })) {
      this.#dataSpans.push(valueStart(bytes, start + DATA.length, end) - eventStart, end - eventStart)
    } else if (isField(bytes, start, { name: EVENT, end })) {
      const name = bytes.toString('utf8', valueStart(bytes, start + EVENT.length, end), end)
      this.#name = name === '' ? null : name
    }
    return false
  }

  #dispatch(bytes: Buffer, eventStart: number, events: SourceEvent[]): void {
    if (this.#dataSpans.length > 0) {
      events.push({ name: this.#name, data: joined(bytes, eventStart, this.#dataSpans) })
      this.#dataSpans = []
    }
    this.#name = null
  }
}

function isField(bytes: Buffer, start: number, field: { readonly name: Buffer; readonly end: number }): boolean {
  const { name, end } = field
  const nameEnd = start + name.length
  if (nameEnd > end || (nameEnd < end && bytes[nameEnd] !== COLON)) return false
  for (let offset = 0; offset < name.length; offset += 1) if (bytes[start + offset] !== name[offset]) return false
  return true
}

function valueStart(bytes: Buffer, nameEnd: number, end: number): number {
  if (nameEnd === end) return end
  return nameEnd + 1 < end && bytes[nameEnd + 1] === SPACE ? nameEnd + 2 : nameEnd + 1
}

function joined(bytes: Buffer, eventStart: number, spans: readonly number[]): Buffer {
  const [start = 0, end = 0] = spans
  if (spans.length === 2) return bytes.subarray(eventStart + start, eventStart + end)
  const parts: Buffer[] = []
  for (let index = 0; index < spans.length; index += 2) {
    if (index > 0) parts.push(LINE_FEED_BYTES)
    parts.push(bytes.subarray(eventStart + (spans[index] ?? 0), eventStart + (spans[index + 1] ?? 0)))
  }
  return Buffer.concat(parts)
}
