// Keeps the last chunks of an answer on their way to the caller, so that it can be told, once it has ended, why, and
// what it took: both stand in the last events (and Anthropic's count of the input in the first). Nothing is read while
// the stream flows, and nothing held up.
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
/** Chunks may be cut smaller than events: so many bytes are kept in any case. */
export const KEPT_BYTES = 4 * 1024
/** More small pieces than this are joined: each costs more than its bytes. */
const MAX_PIECES = 64
/** Of the beginning, once it is not among the last ones. */
const FRONT_BYTES = 2 * 1024

export class FinishWatch extends Relay implements FinishSource {
  readonly #format: FormatName
  readonly price: Price | null
  #last: Buffer[] = []
  #lastBytes = 0
  /** Anthropic's alone. */
  readonly #front: Buffer[] = []
  #frontBytes = 0

  constructor(source: AnswerStream, { format, price }: { readonly format: FormatName; readonly price: Price | null }) {
    super(source)
    this.#format = format
    this.price = price
  }

  /** To be asked when the answer has ended well. */
  get reason(): FinishReason {
    return finishOfTail(Buffer.concat(this.#last), this.#format) ?? 'unknown'
  }

  /** The same. */
  get usage(): Usage | null {
    return usageOf(Buffer.concat([...this.#front, ...this.#last]), this.#format)
  }

  write(chunk: Buffer): boolean {
    this.#last.push(chunk)
    this.#lastBytes += chunk.length
    this.#shorten()
    return this.sink?.write(chunk) ?? true
  }

  #shorten(): void {
    for (;;) {
      const [oldest] = this.#last
      const isNeeded = this.#last.length <= KEPT_CHUNKS || this.#lastBytes - (oldest?.length ?? 0) < KEPT_BYTES
      if (oldest === undefined || isNeeded) break
      this.#last.shift()
      this.#lastBytes -= oldest.length
      if (this.#format === 'Anthropic' && this.#frontBytes < FRONT_BYTES) this.#keepFront(oldest)
    }
    if (this.#last.length > MAX_PIECES) this.#last = [Buffer.concat(this.#last)]
  }

  #keepFront(chunk: Buffer): void {
    this.#front.push(chunk)
    this.#frontBytes += chunk.length
  }

  end(fault: Failure | null): void {
    this.sink?.end(fault)
  }
}
