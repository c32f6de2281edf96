// Cuts a stream of events into its events as bytes, framing included, and says where the data of each stands; unlike
// the readers of dialect/, which hand out the data alone. What is not changed is passed on byte by byte.
import { Buffer } from 'node:buffer'
import type { Span } from '../../exchange.ts'
import type { Framing } from '../../dialect/stream-framing.ts'
import { MAX_EVENT_BYTES } from '../../dialect/framing.ts'
import { Hold } from '../../dialect/hold.ts'
import { endOfString } from '../walk/bytes.ts'

const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const QUOTE = 0x22
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const DATA = Buffer.from('data:')
const LINE_FEED_BYTES = Buffer.from('\n')

export interface RawEvent {
  readonly bytes: Buffer
  /** Where its data stands; several lines of one event. Empty: it has none. */
  readonly lines: readonly Span[]
}

type Cut = (bytes: Buffer) => readonly RawEvent[]

const CUTS: Readonly<Record<Framing['name'], Cut>> = { sse: cutSse, lines: cutLines, array: cutArray }

export class RawEvents {
  readonly #framing: Framing
  readonly #hold = new Hold()

  constructor(framing: Framing) {
    this.#framing = framing
  }

  push(chunk: Buffer): readonly RawEvent[] {
    const bytes = this.#hold.join(chunk)
    const end = this.#framing.endOfLastEvent(bytes)
    if (bytes.length - end > MAX_EVENT_BYTES) {
      // Too long to be read: it passes with its placeholders.
      this.#hold.take()
      return [...CUTS[this.#framing.name](bytes.subarray(0, end)), { bytes: bytes.subarray(end), lines: [] }]
    }
    this.#hold.keepFrom(bytes, end)
    return end === 0 ? [] : CUTS[this.#framing.name](bytes.subarray(0, end))
  }

  /** What has no end of its own: the last line may lack its line feed. */
  end(): readonly RawEvent[] {
    const bytes = this.#hold.take()
    return bytes.length === 0 ? [] : CUTS[this.#framing.name](bytes)
  }
}

/** The data of an event in one piece. */
export function dataOf({ bytes, lines }: RawEvent): Buffer {
  const [first] = lines
  if (first === undefined) return bytes.subarray(0, 0)
  if (lines.length === 1) return bytes.subarray(first.start, first.end)
  const parts = lines.flatMap(({ start, end }) => [LINE_FEED_BYTES, bytes.subarray(start, end)])
  return Buffer.concat(parts.slice(1))
}

/** The same as text. */
export function dataTextOf(event: RawEvent): string {
  const [first] = event.lines
  if (event.lines.length === 1 && first !== undefined) return event.bytes.toString('utf8', first.start, first.end)
  return dataOf(event).toString('utf8')
}

/** The event with other data. Line ends inside of data of several lines were spaces of its JSON. */
export function withData({ bytes, lines }: RawEvent, data: Buffer): Buffer {
  const first = lines[0]
  const last = lines.at(-1)
  if (first === undefined || last === undefined) return bytes
  const line = lines.length === 1 ? data : Buffer.from(data.toString('utf8').replaceAll('\n', ' '))
  return Buffer.concat([bytes.subarray(0, first.start), line, bytes.subarray(last.end)])
}

function cutSse(bytes: Buffer): readonly RawEvent[] {
  const events: RawEvent[] = []
  let eventStart = 0
  let lines: Span[] = []
  let lineStart = 0
  while (lineStart < bytes.length) {
    const lineEnd = endOfLine(bytes, lineStart)
    const next = afterLine(bytes, lineEnd)
    if (lineEnd === lineStart) {
      events.push(event(bytes, { start: eventStart, end: next }, lines))
      eventStart = next
      lines = []
    } else if (isData(bytes, lineStart)) {
      const start = lineStart + DATA.length
      lines.push({ start: bytes[start] === 0x20 ? start + 1 : start, end: lineEnd })
    }
    lineStart = next
  }
  if (eventStart < bytes.length) events.push(event(bytes, { start: eventStart, end: bytes.length }, lines))
  return events
}

function isData(bytes: Buffer, start: number): boolean {
  for (let offset = 0; offset < DATA.length; offset += 1) if (bytes[start + offset] !== DATA[offset]) return false
  return true
}

function event(bytes: Buffer, { start, end }: Span, lines: readonly Span[]): RawEvent {
  if (start === 0 && end === bytes.length) return { bytes, lines }
  const moved = start === 0 ? lines : lines.map((line) => ({ start: line.start - start, end: line.end - start }))
  return { bytes: bytes.subarray(start, end), lines: moved }
}

function endOfLine(bytes: Buffer, from: number): number {
  const feed = bytes.indexOf(LINE_FEED, from)
  const end = feed === -1 ? bytes.length : feed
  // In a chunk of many events the next CR may be far away, so that it is not looked for behind the line.
  if (bytes[end - 1] !== CARRIAGE_RETURN && feed !== -1 && !bytes.subarray(from, end).includes(CARRIAGE_RETURN))
    return end
  for (let at = from; at < end; at += 1) if (bytes[at] === CARRIAGE_RETURN) return at
  return end
}

function afterLine(bytes: Buffer, end: number): number {
  return bytes[end] === CARRIAGE_RETURN && bytes[end + 1] === LINE_FEED ? end + 2 : end + 1
}

function cutLines(bytes: Buffer): readonly RawEvent[] {
  const events: RawEvent[] = []
  for (let start = 0; start < bytes.length;) {
    const feed = bytes.indexOf(LINE_FEED, start)
    const end = feed === -1 ? bytes.length : feed + 1
    const text = feed === -1 ? end : feed
    const last = bytes[text - 1] === CARRIAGE_RETURN ? text - 1 : text
    const lines = last > start ? [{ start: 0, end: last - start }] : []
    events.push({ bytes: bytes.subarray(start, end), lines })
    start = end
  }
  return events
}

/** Each element with what stands before it; what follows the last one is an event without data. */
function cutArray(bytes: Buffer): readonly RawEvent[] {
  const events: RawEvent[] = []
  let start = 0
  let depth = 0
  let elementStart = -1
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at]
    if (byte === QUOTE) at = endOfString(bytes, at) - 1
    else if (byte === OPEN_BRACE || (byte === OPEN_BRACKET && depth > 0)) {
      if (depth === 0) elementStart = at
      depth += 1
    } else if (byte === CLOSE_BRACE || (byte === CLOSE_BRACKET && depth > 0)) {
      depth -= 1
      if (depth > 0) continue
      const lines = [{ start: elementStart - start, end: at + 1 - start }]
      events.push({ bytes: bytes.subarray(start, at + 1), lines })
      start = at + 1
    }
  }
  if (start < bytes.length) events.push({ bytes: bytes.subarray(start), lines: [] })
  return events
}
