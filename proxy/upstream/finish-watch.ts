// Keeps the last chunks of an answer on their way to the caller, so that it can be told, once it has ended, why: the
// reason stands in the last events. Nothing is read while the stream flows, and nothing held up.
//
//   AnswerStream (provider) -> FinishWatch -> BodySink (caller)
import { Buffer } from 'node:buffer'
import type { FormatName } from '../dialect/neutral/chat.ts'
import type { AnswerStream, BodySink, FinishReason, FinishSource } from '../exchange.ts'
import type { Failure } from '../errors.ts'
import { finishOfTail } from '../translation/finish.ts'

/** Reason, usage and the terminal event, each of which some providers write in two parts. */
export const KEPT_CHUNKS = 8

export class FinishWatch implements AnswerStream, BodySink, FinishSource {
  readonly #source: AnswerStream
  readonly #format: FormatName
  readonly #kept: Buffer[] = []
  #count = 0
  #sink: BodySink | null = null

  constructor(source: AnswerStream, format: FormatName) {
    this.#source = source
    this.#format = format
  }

  /** To be asked when the answer has ended well. */
  get reason(): FinishReason {
    const oldest = this.#count % KEPT_CHUNKS
    const inOrder = [...this.#kept.slice(oldest), ...this.#kept.slice(0, oldest)]
    return finishOfTail(Buffer.concat(inOrder), this.#format) ?? 'unknown'
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
    this.#kept[this.#count % KEPT_CHUNKS] = chunk
    this.#count += 1
    return this.#sink?.write(chunk) ?? true
  }

  end(fault: Failure | null): void {
    this.#sink?.end(fault)
  }

  cut(fault: Failure): void {
    this.#sink?.cut(fault)
  }
}
