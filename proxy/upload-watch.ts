// Gives up uploads that stand still. One timer for all of them, because nearly every body is there with its head and a
// timer of its own would be work for nothing: an upload is given up at the second sweep that finds it unmoved, so after
// one to two times UPLOAD_IDLE_MS without a byte. No timer runs while nothing is uploaded.
import type { Timer, Timers } from './upstream/timers.ts'

export const UPLOAD_IDLE_MS = 30_000

export interface Upload {
  /** To be set with every chunk. */
  isMoving: boolean
}

export class UploadWatch {
  readonly #timers: Timers
  /** Bounded by the connections that callers hold. */
  readonly #uploads = new Map<Upload, () => void>()
  #timer: Timer | null = null

  constructor(timers: Timers) {
    this.#timers = timers
  }

  /** `onStill` runs once, unless the upload is removed before. */
  add(onStill: () => void): Upload {
    const upload = { isMoving: true }
    this.#uploads.set(upload, onStill)
    if (this.#timer === null) this.#timer = this.#timers.start(UPLOAD_IDLE_MS, () => this.#sweep())
    return upload
  }

  remove(upload: Upload): void {
    this.#uploads.delete(upload)
  }

  #sweep(): void {
    this.#timer = null
    for (const [upload, onStill] of this.#uploads) {
      if (upload.isMoving) {
        upload.isMoving = false
      } else {
        this.#uploads.delete(upload)
        onStill()
      }
    }
    if (this.#uploads.size > 0) this.#timer = this.#timers.start(UPLOAD_IDLE_MS, () => this.#sweep())
  }
}
