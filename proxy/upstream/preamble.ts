// Watches the front of one answer's stream for the commit point (dialect/opening.ts): fed with chunks as they come, it
// says whether they may still be held. Held bytes are the caller's of this class and bounded there; reads events only,
// changes none. Not used after the commit point.
import type { Buffer } from 'node:buffer'
import type { FramingReader } from '../dialect/framing.ts'
import { OPENINGS, type OpeningPart, type ReadOpening } from '../dialect/opening.ts'
import { SseReader } from '../dialect/sse.ts'
import type { StreamFormat } from '../dialect/stream-format.ts'
import { createReader } from '../dialect/stream-reader.ts'
import type { FinishReason, FinishSource } from '../exchange.ts'
import { finishOfEvent, FORMAT_OF_STREAM } from '../translation/finish.ts'

/** More than this is not held: it is committed, whatever it is. */
export const MAX_PREAMBLE_BYTES = 16 * 1024
/** Nor is anything held for longer than this, but where a hedge may have its first token earlier (attempt.ts). */
export const MAX_PREAMBLE_MS = 2_000

type ReadFinish = (event: Buffer) => FinishReason | null

const neverAsked: ReadFinish = () => null

export class Preamble implements FinishSource {
  readonly #readOpening: ReadOpening
  readonly #reader: FramingReader
  readonly #readFinish: ReadFinish
  #errorData: Buffer | null = null
  #finish: FinishReason | null = null

  constructor(
    readOpening: ReadOpening,
    reader: FramingReader = new SseReader(MAX_PREAMBLE_BYTES),
    readFinish = neverAsked,
  ) {
    this.#readOpening = readOpening
    this.#reader = reader
    this.#readFinish = readFinish
  }

  /** Why the answer ends, where the first event with content says that it does; null: it goes on. */
  get reason(): FinishReason | null {
    return this.#finish
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
      if (part === 'content') this.#finish = this.#readFinish(event.data)
      if (part !== 'preamble') return part
    }
    return this.#reader.fault === null ? 'preamble' : 'content'
  }
}

/** Of a stream in the format that was asked for; of one that nobody asked for, what is not known is content. */
export function createPreamble(format: StreamFormat | null): Preamble {
  if (format === null) return new Preamble(OPENINGS['openai-chat'])
  const { name } = format
  const readFinish = (event: Buffer) => finishOfEvent(event, FORMAT_OF_STREAM[name])
  return new Preamble(OPENINGS[name], createReader(format, MAX_PREAMBLE_BYTES), readFinish)
}
