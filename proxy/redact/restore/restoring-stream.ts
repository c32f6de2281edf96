// The last stage of an answer on its way to the caller: bytes in, the same bytes with values in place of this call's
// placeholders out. A stream of events goes event by event; another long body is collected first, within a bound.
//
//   AnswerStream (provider, translation, guard) -> RestoringStream -> BodySink (caller)
import { Buffer } from 'node:buffer'
import { failure, type Failure } from '../../errors.ts'
import type { AnswerStream, BodySink } from '../../exchange.ts'
import { restoreDocument, type DocumentOptions } from './document-restorer.ts'
import { EventRestorer, type EventOptions } from './event-restorer.ts'
import { RawEvents } from './raw-events.ts'

export const MAX_COLLECTED_BYTES = 32 * 1024 * 1024

export class RestoringStream implements AnswerStream, BodySink {
  readonly #source: AnswerStream
  readonly #raw: RawEvents
  readonly #events: EventRestorer
  #sink: BodySink | null = null

  constructor(source: AnswerStream, options: EventOptions) {
    this.#source = source
    this.#raw = new RawEvents(options.format.framing)
    this.#events = new EventRestorer(options)
  }

  start(sink: BodySink): void {
    this.#sink = sink
    this.#source.start(this)
  }

  resume(): void {
    this.#source.resume()
  }

  abandon(): void {
    this.#source.abandon()
  }

  write(chunk: Buffer): boolean {
    return this.#pass(this.#raw.push(chunk).flatMap((event) => this.#events.push(event)))
  }

  end(fault: Failure | null): void {
    this.#flush()
    this.#sink?.end(fault)
  }

  cut(fault: Failure): void {
    this.#flush()
    this.#sink?.cut(fault)
  }

  #flush(): void {
    this.#pass([...this.#raw.end().flatMap((event) => this.#events.push(event)), ...this.#events.end()])
  }

  #pass(parts: readonly Buffer[]): boolean {
    const [only] = parts
    if (only === undefined) return true
    return this.#sink?.write(parts.length === 1 ? only : Buffer.concat(parts)) ?? true
  }
}

export class WholeRestoring implements AnswerStream, BodySink {
  readonly #source: AnswerStream
  readonly #options: DocumentOptions
  #chunks: Buffer[] = []
  #sizeBytes = 0
  #sink: BodySink | null = null

  constructor(source: AnswerStream, options: DocumentOptions) {
    this.#source = source
    this.#options = options
  }

  start(sink: BodySink): void {
    this.#sink = sink
    this.#source.start(this)
  }

  resume(): void {
    this.#source.resume()
  }

  abandon(): void {
    this.#source.abandon()
  }

  write(chunk: Buffer): boolean {
    this.#sizeBytes += chunk.length
    if (this.#sizeBytes <= MAX_COLLECTED_BYTES) this.#chunks.push(chunk)
    return true
  }

  end(fault: Failure | null): void {
    if (this.#sizeBytes > MAX_COLLECTED_BYTES) {
      this.#chunks = []
      const message = `The answer is longer than ${MAX_COLLECTED_BYTES} bytes, and values could not be put back.`
      return this.cut(failure('stream_cut', message))
    }
    this.#sink?.write(restoreDocument(Buffer.concat(this.#chunks), this.#options))
    this.#sink?.end(fault)
  }

  cut(fault: Failure): void {
    this.#sink?.cut(fault)
  }
}

/** A stream that has come to its end already. */
export function restoreEvents(body: Buffer, options: EventOptions): Buffer {
  const raw = new RawEvents(options.format.framing)
  const events = new EventRestorer(options)
  const parts = [...raw.push(body), ...raw.end()].flatMap((event) => events.push(event))
  return Buffer.concat([...parts, ...events.end()])
}
