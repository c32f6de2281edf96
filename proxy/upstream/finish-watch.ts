// Keeps the last chunks of an answer on their way to the caller, so that it can be told, once it has ended, why: the
// reason stands in the last events. Nothing is read while the stream flows, and nothing held up.
//
//   AnswerStream (provider) -> FinishWatch -> BodySink (caller)
import { Buffer } from 'node:buffer'
import type { FormatName } from '../dialect/neutral/chat.ts'
import type { Failure } from '../errors.ts'
import type { AnswerStream, FinishReason, FinishSource } from '../exchange.ts'
import { Relay } from '../relay.ts'
import { finishOfTail } from '../translation/finish.ts'

/** Reason, usage and the terminal event, each of which some providers write in two parts. */
export const KEPT_CHUNKS = 8

export class FinishWatch extends Relay implements FinishSource {
  readonly #format: FormatName
  readonly #kept: Buffer[] = []
  #count = 0

  constructor(source: AnswerStream, format: FormatName) {
    super(source)
    this.#format = format
  }

  /** To be asked when the answer has ended well. */
  get reason(): FinishReason {
    const oldest = this.#count % KEPT_CHUNKS
    const inOrder = [...this.#kept.slice(oldest), ...this.#kept.slice(0, oldest)]
    return finishOfTail(Buffer.concat(inOrder), this.#format) ?? 'unknown'
  }

  write(chunk: Buffer): boolean {
    this.#kept[this.#count % KEPT_CHUNKS] = chunk
    this.#count += 1
    return this.sink?.write(chunk) ?? true
  }

  end(fault: Failure | null): void {
    this.sink?.end(fault)
  }
}
