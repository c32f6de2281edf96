// Keeps the unfinished end of a byte stream until the rest of it arrives, for the incremental readers beside it.
// In the common case (a chunk ends where an event ends) nothing is copied; a long event that arrives in many small
// chunks costs one copy of each byte on average, because the storage doubles.
//
//   chunk -> join() -> bytes to read -> keepFrom(first byte that is not read for good)
import { Buffer } from 'node:buffer'

const FIRST_STORAGE_BYTES = 4096

export class Hold {
  #storage = Buffer.alloc(0)
  #length = 0

  get length(): number {
    return this.#length
  }

  /** What was kept, followed by the chunk. The chunk itself when nothing was kept. */
  join(chunk: Buffer): Buffer {
    if (this.#length === 0) return chunk
    const length = this.#length + chunk.length
    if (length > this.#storage.length) this.#grow(length)
    chunk.copy(this.#storage, this.#length)
    this.#length = length
    return this.#storage.subarray(0, length)
  }

  /** Keeps the joined bytes from `at` on. Slices of earlier bytes stay as they are. */
  keepFrom(joined: Buffer, at: number): void {
    if (at === 0 && joined.buffer === this.#storage.buffer && joined.byteOffset === this.#storage.byteOffset) return
    const rest = joined.subarray(at)
    this.#length = rest.length
    if (rest.length === 0) {
      this.#storage = Buffer.alloc(0)
      return
    }
    // A fresh storage, since slices of the old one are out in the world.
    this.#storage = Buffer.allocUnsafeSlow(Math.max(FIRST_STORAGE_BYTES, rest.length))
    rest.copy(this.#storage)
  }

  take(): Buffer {
    const kept = this.#storage.subarray(0, this.#length)
    this.#storage = Buffer.alloc(0)
    this.#length = 0
    return kept
  }

  #grow(length: number): void {
    const storage = Buffer.allocUnsafeSlow(Math.max(length, this.#storage.length * 2))
    this.#storage.copy(storage, 0, 0, this.#length)
    this.#storage = storage
  }
}
