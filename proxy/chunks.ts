// A body as it arrives, piece by piece. A Buffer costs 512 bytes beside its own; a body that is sent byte by byte
// would take five hundred times its size: small pieces are joined as they come, which keeps the cost of any body near
// its size. A body of one piece is not copied.
import { Buffer } from 'node:buffer'

/** So many pieces are joined into one block; a block of small pieces is small as well, but there are few of them. */
export const PIECES_PER_BLOCK = 1024

export class Chunks {
  readonly #blocks: Buffer[] = []
  #pieces: Buffer[] = []

  push(piece: Buffer): void {
    this.#pieces.push(piece)
    if (this.#pieces.length < PIECES_PER_BLOCK) return
    this.#blocks.push(Buffer.concat(this.#pieces))
    this.#pieces = []
  }

  /** Buffers held now. */
  get count(): number {
    return this.#blocks.length + this.#pieces.length
  }

  whole(): Buffer {
    const [only] = this.#pieces
    if (only !== undefined && this.count === 1) return only
    return Buffer.concat([...this.#blocks, ...this.#pieces])
  }
}
