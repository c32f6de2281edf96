// Reads the elements of one JSON array from bytes in chunks cut anywhere, one event per element, as Gemini streams
// without `alt=sse`: a pretty-printed array that grows. Text that is one object instead of an array (an error answer)
// comes out as one event. Follows strings and brackets only; whether an element is valid JSON is its reader's business.
import type { Buffer } from 'node:buffer'
import { eventTooLarge, MAX_EVENT_BYTES, type FramingFault, type FramingReader, type SourceEvent } from './framing.ts'
import { Hold } from './hold.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d

type Place = 'before' | 'between' | 'bare' | 'nested' | 'string' | 'escape' | 'after'

export class JsonArrayReader implements FramingReader {
  readonly #maxEventBytes: number
  readonly #hold = new Hold()
  fault: FramingFault | null = null
  #place: Place = 'before'
  #depth = 0
  #isLoneValue = false

  constructor(maxEventBytes: number = MAX_EVENT_BYTES) {
    this.#maxEventBytes = maxEventBytes
  }

  /** Whether the array's closing bracket has come. */
  get isComplete(): boolean {
    return this.#place === 'after'
  }

  push(chunk: Buffer): readonly SourceEvent[] {
    if (this.fault !== null || chunk.length === 0) return []
    const readFrom = this.#hold.length
    const bytes = this.#hold.join(chunk)
    const events: SourceEvent[] = []
    const start = this.#readElements(bytes, readFrom, events)
    if (bytes.length - start > this.#maxEventBytes) this.fault ??= eventTooLarge(this.#maxEventBytes)
    if (this.fault === null) this.#hold.keepFrom(bytes, start)
    else this.#hold.take()
    return events
  }

  /** An unfinished element is given out too: that it is cut is its reader's finding. */
  end(): readonly SourceEvent[] {
    const tail = this.#hold.take()
    return tail.length === 0 ? [] : [{ name: null, data: tail }]
  }

  /** Returns where the unfinished element starts; the end when none has begun. */
  #readElements(bytes: Buffer, readFrom: number, events: SourceEvent[]): number {
    let start = readFrom === 0 ? -1 : 0
    for (let at = readFrom; at < bytes.length && this.fault === null; at += 1) {
      const byte = bytes[at] ?? 0
      const wasInside = isInside(this.#place)
      this.#step(byte)
      const isInsideNow = isInside(this.#place)
      if (!wasInside && isInsideNow) start = at
      if (!wasInside || isInsideNow) continue
      // A number or word ends before the byte that ends it, everything else with it.
      const end = byte === COMMA || (byte === CLOSE_BRACKET && this.#place === 'after') || isSpace(byte) ? at : at + 1
      if (end - start > this.#maxEventBytes) break
      events.push({ name: null, data: bytes.subarray(start, end) })
      start = -1
    }
    return start === -1 ? bytes.length : start
  }

  #step(byte: number): void {
    switch (this.#place) {
      case 'before':
        if (!isSpace(byte) && !isMark(byte)) this.#begin(byte)
        return
      case 'between':
        if (byte === CLOSE_BRACKET) this.#place = 'after'
        else if (byte !== COMMA && !isSpace(byte)) this.#enter(byte)
        return
      case 'bare':
        if (byte === CLOSE_BRACKET) this.#place = 'after'
        else if (byte === COMMA || isSpace(byte)) this.#place = 'between'
        return
      case 'nested':
        this.#stepNested(byte)
        return
      case 'string':
        if (byte === BACKSLASH) this.#place = 'escape'
        else if (byte === QUOTE) this.#leave()
        return
      case 'escape':
        this.#place = 'string'
        return
      case 'after':
        return
    }
  }

  #begin(byte: number): void {
    if (byte === OPEN_BRACKET) {
      this.#place = 'between'
    } else if (byte === OPEN_BRACE) {
      this.#isLoneValue = true
      this.#enter(byte)
    } else {
      this.fault = { code: 'not_an_array', message: 'The stream is not a JSON array.' }
    }
  }

  #enter(byte: number): void {
    this.#depth = 0
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      this.#depth = 1
      this.#place = 'nested'
    } else {
      this.#place = byte === QUOTE ? 'string' : 'bare'
    }
  }

  #stepNested(byte: number): void {
    if (byte === QUOTE) this.#place = 'string'
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) this.#depth += 1
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      this.#depth -= 1
      if (this.#depth === 0) this.#leave()
    }
  }

  /** After a closing quote or bracket. */
  #leave(): void {
    if (this.#depth > 0) this.#place = 'nested'
    else this.#place = this.#isLoneValue ? 'after' : 'between'
  }
}

function isInside(place: Place): boolean {
  return place === 'bare' || place === 'nested' || place === 'string' || place === 'escape'
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}

/** The bytes of a UTF-8 byte order mark. */
function isMark(byte: number): boolean {
  return byte === 0xef || byte === 0xbb || byte === 0xbf
}
