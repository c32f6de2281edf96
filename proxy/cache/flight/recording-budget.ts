// The memory that all recordings of this proxy may take together. One that gets none keeps what its readers still need
// and is neither joined nor stored any more: the calls go on as they would without it.

/** Of all recordings under way. */
export const MAX_RECORDINGS_BYTES = 64 * 1024 * 1024

export class RecordingBudget {
  readonly #maxBytes: number
  #heldBytes = 0

  constructor(maxBytes: number = MAX_RECORDINGS_BYTES) {
    this.#maxBytes = maxBytes
  }

  get heldBytes(): number {
    return this.#heldBytes
  }

  get hasRoom(): boolean {
    return this.#heldBytes < this.#maxBytes
  }

  /** A recording says by how much it grew or, below zero, shrank. */
  move(bytes: number): void {
    this.#heldBytes += bytes
  }
}
