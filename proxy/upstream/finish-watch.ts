// Keeps the last chunks of an answer on their way to the caller, so that it can be told, once it has ended, why, and what
// it took: both stand in the last events (and Anthropic's count of the input in the first). Nothing is read while the
// stream flows, and nothing held up.
//
//   AnswerStream (provider) -> FinishWatch -> BodySink (caller)
import { Buffer } from 'node:buffer'
import type { FormatName, Usage } from '../dialect/neutral/chat.ts'
import type { Failure } from '../errors.ts'
import type { AnswerStream, FinishReason, FinishSource } from '../exchange.ts'
import { Relay } from '../relay.ts'
import type { Price } from '../table/strategy-schema.ts'
import { finishOfTail } from '../translation/finish.ts'
import { usageOf } from '../translation/usage.ts'

/** Reason, usage and the terminal event, each of which some providers write in two parts. */
export const KEPT_CHUNKS = 8

export class FinishWatch extends Relay implements FinishSource {
  readonly #format: FormatName
  readonly price: Price | null
  readonly #kept: Buffer[] = []
  /** Not among the last ones. */
  #first: Buffer | null = null
  #count = 0

  constructor(source: AnswerStream, { format, price }: { readonly format: FormatName; readonly price: Price | null }) {
    super(source)
    this.#format = format
    this.price = price
  }

  /** To be asked when the answer has ended well. */
  get reason(): FinishReason {
    return finishOfTail(Buffer.concat(this.#lastChunks()), this.#format) ?? 'unknown'
  }

  /** The same. */
  get usage(): Usage | null {
    const front = this.#first === null ? [] : [this.#first]
    return usageOf(Buffer.concat([...front, ...this.#lastChunks()]), this.#format)
  }

  #lastChunks(): readonly Buffer[] {
    const oldest = this.#count % KEPT_CHUNKS
    return [...this.#kept.slice(oldest), ...this.#kept.slice(0, oldest)]
  }

  write(chunk: Buffer): boolean {
    if (this.#count === KEPT_CHUNKS && this.#format === 'Anthropic') this.#first = this.#kept[0] ?? null
    this.#kept[this.#count % KEPT_CHUNKS] = chunk
    this.#count += 1
    return this.sink?.write(chunk) ?? true
  }

  end(fault: Failure | null): void {
    this.sink?.end(fault)
  }
}
