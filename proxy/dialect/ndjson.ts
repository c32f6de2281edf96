// Reads newline-delimited JSON from bytes in chunks cut anywhere: one event per line that is not blank. A CR before the
// LF belongs to the line's end. The last line needs no LF. Does not look into the lines.
import type { Buffer } from 'node:buffer'
import { eventTooLarge, MAX_EVENT_BYTES, type FramingFault, type FramingReader, type SourceEvent } from './framing.ts'
import { Hold } from './hold.ts'

const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const SPACE = 0x20
const TAB = 0x09

export class NdjsonReader implements FramingReader {
  readonly #maxEventBytes: number
  readonly #hold = new Hold()
  fault: FramingFault | null = null

  constructor(maxEventBytes: number = MAX_EVENT_BYTES) {
    this.#maxEventBytes = maxEventBytes
  }

  push(chunk: Buffer): readonly SourceEvent[] {
    if (this.fault !== null || chunk.length === 0) return []
    const searchFrom = this.#hold.length
    const bytes = this.#hold.join(chunk)
    const events: SourceEvent[] = []
    let lineStart = 0
    let lineEnd = bytes.indexOf(LINE_FEED, searchFrom)
    while (lineEnd !== -1) {
      if (lineEnd - lineStart > this.#maxEventBytes) break
      addLine(bytes.subarray(lineStart, lineEnd), events)
      lineStart = lineEnd + 1
      lineEnd = bytes.indexOf(LINE_FEED, lineStart)
    }
    if (bytes.length - lineStart > this.#maxEventBytes) this.fault = eventTooLarge(this.#maxEventBytes)
    if (this.fault === null) this.#hold.keepFrom(bytes, lineStart)
    else this.#hold.take()
    return events
  }

  end(): readonly SourceEvent[] {
    const events: SourceEvent[] = []
    addLine(this.#hold.take(), events)
    return events
  }
}

function addLine(line: Buffer, events: SourceEvent[]): void {
  const end = line[line.length - 1] === CARRIAGE_RETURN ? line.length - 1 : line.length
  for (let at = 0; at < end; at += 1) {
    const byte = line[at]
    if (byte === SPACE || byte === TAB) continue
    events.push({ name: null, data: line.subarray(at, end) })
    return
  }
}
