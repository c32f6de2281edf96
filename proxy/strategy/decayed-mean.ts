// A mean that forgets: each sample loses half of its weight in HALF_LIFE_MS, and all together never weigh more than
// MAX_WEIGHT samples, so that a change shows after so many calls however many there were before. The weight says how
// much is known: none of a target that was never asked, less and less of one that was asked long ago.
export const HALF_LIFE_MS = 60_000
export const MAX_WEIGHT = 32

export interface Estimate {
  readonly mean: number
  /** In samples, at the moment it was asked for; 0: nothing is known. */
  readonly weight: number
}

export const UNKNOWN: Estimate = { mean: 0, weight: 0 }

export class DecayedMean {
  #mean = 0
  #weight = 0
  #atMs = 0

  add(sample: number, nowMs: number): void {
    this.#weight = Math.min(this.#weightAt(nowMs), MAX_WEIGHT - 1) + 1
    this.#mean += (sample - this.#mean) / this.#weight
    this.#atMs = nowMs
  }

  at(nowMs: number): Estimate {
    return { mean: this.#mean, weight: this.#weightAt(nowMs) }
  }

  /** A clock that goes back takes no knowledge away. */
  #weightAt(nowMs: number): number {
    return this.#weight * 2 ** (-Math.max(0, nowMs - this.#atMs) / HALF_LIFE_MS)
  }
}
