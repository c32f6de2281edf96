// Watches the front of one answer's stream for the commit point (dialect/opening.ts): fed with chunks as they come, it
// says whether they may still be held. Held bytes are the caller's of this class and bounded there; reads events only,
// changes none. Not used after the commit point.
import type { Buffer } from 'node:buffer'
import type { FramingReader } from '../dialect/framing.ts'
import { OPENINGS, type OpeningPart, type ReadOpening } from '../dialect/opening.ts'
import { SseReader } from '../dialect/sse.ts'
import type { StreamFormat } from '../dialect/stream-format.ts'
import { createReader } from '../dialect/stream-reader.ts'

/** More than this is not held: it is committed, whatever it is. */
export const MAX_PREAMBLE_BYTES = 16 * 1024
/** Nor is anything held for longer than this. */
export const MAX_PREAMBLE_MS = 2_000

export class Preamble {
  readonly #readOpening: ReadOpening
  readonly #reader: FramingReader
  #errorData: Buffer | null = null

  constructor(readOpening: ReadOpening, reader: FramingReader = new SseReader(MAX_PREAMBLE_BYTES)) {
    this.#readOpening = readOpening
    this.#reader = reader
  }

  /** What the provider said of its error, once push() has said `error`. */
  get errorData(): Buffer | null {
    return this.#errorData
  }

  /** `preamble` for as long as the stream has shown nothing else. */
  push(chunk: Buffer): OpeningPart {
    for (const event of this.#reader.push(chunk)) {
      const part = this.#readOpening(event)
      if (part === 'error') this.#errorData = event.data
      if (part !== 'preamble') return part
    }
    return this.#reader.fault === null ? 'preamble' : 'content'
  }
}

/** Of a stream in the format that was asked for; of one that nobody asked for, what is not known is content. */
export function createPreamble(format: StreamFormat | null): Preamble {
  if (format === null) return new Preamble(OPENINGS['openai-chat'])
  return new Preamble(OPENINGS[format.name], createReader(format, MAX_PREAMBLE_BYTES))
}
