// Latencies of one phase: every value is kept (no buckets), so a percentile is exact. Bounded; past the bound values
// are only counted, and the phases of the bench are too short to get there.

export const MAX_SAMPLES = 1 << 20

export class Samples {
  #values = new Float64Array(4096)
  #count = 0

  add(value: number): void {
    if (this.#count === MAX_SAMPLES) return
    if (this.#count === this.#values.length) {
      const larger = new Float64Array(this.#values.length * 2)
      larger.set(this.#values)
      this.#values = larger
    }
    this.#values[this.#count] = value
    this.#count += 1
  }

  get count(): number {
    return this.#count
  }

  /** The value that this share (0 to 1) of the samples does not exceed; NaN without samples. */
  percentile(share: number): number {
    const sorted = this.#values.slice(0, this.#count).sort()
    return sorted[Math.min(this.#count - 1, Math.floor(this.#count * share))] ?? Number.NaN
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}
