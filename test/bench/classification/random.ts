// Draws that are the same everywhere for the same seed, for training and judging.
import type { Sample } from './corpus.ts'

/** mulberry32: small, and the same everywhere. */
export function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

export function chunkOf(text: string, length: number, random: () => number): string {
  if (text.length <= length) return text
  const start = Math.floor(random() * (text.length - length))
  return text.slice(start, start + length)
}

/** Draws sources by the 0.6th power of their size, so that neither the largest nor the smallest decides. */
export function drawer(samples: readonly Sample[], random: () => number): () => Sample {
  const bySource = [...Map.groupBy(samples, ({ source }) => source).values()]
  const shares = bySource.map((files) => files.length ** 0.6)
  const total = shares.reduce((sum, share) => sum + share, 0)
  return () => {
    let left = random() * total
    const found = bySource.find((_, index) => (left -= shares[index] ?? 0) <= 0) ?? bySource[0] ?? []
    const sample = found[Math.floor(random() * found.length)]
    if (sample === undefined) throw new Error('no samples to draw from')
    return sample
  }
}
