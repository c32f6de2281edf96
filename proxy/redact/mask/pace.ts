// How long the masking of one body may take, and when it lets others run: a large body gives the event loop back after
// each millisecond of work, a small one is done at once.

/** Bodies up to this are masked without a pause. */
export const LEAST_PACED_BYTES = 256 * 1024
export const YIELD_AFTER_MS = 1
const LIMIT_MS = 2_000
const LIMIT_MS_PER_MEBIBYTE = 1_000
const MEBIBYTE = 1024 * 1024

export interface PaceDeps {
  /** Milliseconds, with fractions. */
  readonly now: () => number
  /** Runs when the event loop has done what is at hand. */
  readonly afterTurn: (run: () => void) => void
  /** Called with every step of work, for whoever watches that it goes on. */
  readonly beat?: () => void
}

export class Pace {
  readonly #deps: PaceDeps
  readonly #endsAtMs: number
  readonly #isPaced: boolean
  #resumedAtMs: number

  constructor(sizeBytes: number, deps: PaceDeps) {
    this.#deps = deps
    this.#isPaced = sizeBytes > LEAST_PACED_BYTES
    this.#resumedAtMs = deps.now()
    this.#endsAtMs = this.#resumedAtMs + timeLimitMs(sizeBytes)
  }

  get isOver(): boolean {
    return this.#deps.now() > this.#endsAtMs
  }

  /** Null: go on. */
  rest(): Promise<void> | null {
    this.#deps.beat?.()
    if (!this.#isPaced || this.#deps.now() - this.#resumedAtMs < YIELD_AFTER_MS) return null
    return new Promise((resolve) =>
      this.#deps.afterTurn(() => {
        this.#resumedAtMs = this.#deps.now()
        this.#deps.beat?.()
        resolve()
      }),
    )
  }
}

export function timeLimitMs(sizeBytes: number): number {
  return LIMIT_MS + (sizeBytes / MEBIBYTE) * LIMIT_MS_PER_MEBIBYTE
}
