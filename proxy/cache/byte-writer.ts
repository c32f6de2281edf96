// Bytes that are put together piece by piece for one hash: one buffer that is used again for every call, so that a key
// of a short call makes no garbage. One writer belongs to one owner, who finishes with it before it begins anew.
import { Buffer } from 'node:buffer'

/** What is kept between two calls; a longer text has a buffer of its own, for once. */
export const KEPT_BYTES = 256 * 1024
/** Below it a loop is cheaper than the call into the platform. */
const SHORT_BYTES = 24

export class ByteWriter {
  #kept: Buffer
  #bytes: Buffer
  #at = 0

  constructor() {
    this.#kept = Buffer.allocUnsafeSlow(KEPT_BYTES)
    this.#bytes = this.#kept
  }

  begin(): void {
    this.#bytes = this.#kept
    this.#at = 0
  }

  /** Until the next begin(). */
  written(): Buffer {
    return this.#bytes.subarray(0, this.#at)
  }

  byte(value: number): void {
    this.#reserve(1)
    this.#bytes[this.#at++] = value
  }

  /** Little end first, seven bits a byte, so that every number has one spelling. */
  count(value: number): void {
    this.#reserve(8)
    let rest = value
    while (rest >= 128) {
      this.#bytes[this.#at++] = (rest % 128) | 128
      rest = Math.floor(rest / 128)
    }
    this.#bytes[this.#at++] = rest
  }

  copy(source: Buffer, start: number, end: number): void {
    const length = end - start
    this.#reserve(length)
    if (length > SHORT_BYTES) {
      source.copy(this.#bytes, this.#at, start, end)
      this.#at += length
      return
    }
    for (let at = start; at < end; at += 1) this.#bytes[this.#at++] = source[at] ?? 0
  }

  /** Its length first, so that no two lists of texts have the same bytes. */
  text(text: string): void {
    const length = Buffer.byteLength(text)
    this.count(length)
    this.#reserve(length)
    this.#at += this.#bytes.write(text, this.#at)
  }

  #reserve(more: number): void {
    const needed = this.#at + more
    if (needed <= this.#bytes.length) return
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2))
    this.#bytes.copy(grown, 0, 0, this.#at)
    this.#bytes = grown
  }
}
