// The bytes of an answer in the order in which they came, found by their distance from its beginning. What comes is
// copied into blocks: a stream of small events would cost five times its size as the pieces that it came in, and each
// of them would hold the read that it is a part of. Written once, read at any place by any number of readers; the front
// is given up when nobody will read it again. Knows nothing of readers, bounds or what the bytes say.
import { Buffer } from 'node:buffer'

const FIRST_BLOCK_BYTES = 1024
/** Blocks double up to this. */
export const MAX_BLOCK_BYTES = 64 * 1024

interface Block {
  readonly startsAt: number
  readonly bytes: Buffer
  sizeBytes: number
}

export class Tape {
  readonly #blocks: Block[] = []
  #endsAt = 0
  #heldBytes = 0

  /** Where the next byte will stand: all that ever came. */
  get endsAt(): number {
    return this.#endsAt
  }

  /** The memory of what is here now. */
  get heldBytes(): number {
    return this.#heldBytes
  }

  append(chunk: Buffer): void {
    let from = 0
    while (from < chunk.length) {
      const block = this.#blockWithRoom(chunk.length - from)
      const copied = chunk.copy(block.bytes, block.sizeBytes, from)
      block.sizeBytes += copied
      this.#endsAt += copied
      from += copied
    }
  }

  /** Bytes that nobody will read from here: only their place is kept. */
  skip(sizeBytes: number): void {
    this.#blocks.length = 0
    this.#heldBytes = 0
    this.#endsAt += sizeBytes
  }

  /** The bytes from there on, as many as stand together; empty at the end. They are the tape's own, never changed. */
  read(from: number): Buffer {
    const block = this.#blocks[this.#indexAt(from)]
    if (block === undefined) return Buffer.alloc(0)
    return block.bytes.subarray(from - block.startsAt, block.sizeBytes)
  }

  /** Gives up whole blocks in front of `place`. */
  dropBefore(place: number): void {
    let count = 0
    for (const { startsAt, sizeBytes, bytes } of this.#blocks) {
      if (startsAt + sizeBytes > place) break
      this.#heldBytes -= bytes.length
      count += 1
    }
    this.#blocks.splice(0, count)
  }

  /** All that is held, as one. */
  whole(): Buffer {
    return Buffer.concat(this.#blocks.map(({ bytes, sizeBytes }) => bytes.subarray(0, sizeBytes)))
  }

  #blockWithRoom(wantedBytes: number): Block {
    const last = this.#blocks.at(-1)
    if (last !== undefined && last.sizeBytes < last.bytes.length) return last
    const doubled = last === undefined ? FIRST_BLOCK_BYTES : last.bytes.length * 2
    const sizeBytes = Math.min(MAX_BLOCK_BYTES, Math.max(doubled, wantedBytes))
    // Of its own memory: a piece of Node's pool would keep all of the pool.
    const block = { startsAt: this.#endsAt, bytes: Buffer.allocUnsafeSlow(sizeBytes), sizeBytes: 0 }
    this.#blocks.push(block)
    this.#heldBytes += sizeBytes
    return block
  }

  /** Of the block that holds the place; -1: none does. */
  #indexAt(place: number): number {
    let low = 0
    let high = this.#blocks.length - 1
    while (low <= high) {
      const middle = (low + high) >> 1
      const block = this.#blocks[middle]
      if (block === undefined) return -1
      if (place < block.startsAt) high = middle - 1
      else if (place >= block.startsAt + block.sizeBytes) low = middle + 1
      else return middle
    }
    return -1
  }
}
