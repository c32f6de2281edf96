// Chance that comes out the same on every machine and in every run.

export type Random = () => number

/** mulberry32: uniform in [0, 1). */
export function seeded(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Ranks from 0, the one of rank r with a share of 1 / (r + 1) to the power of `exponent`. */
export function zipf(size: number, exponent: number, random: Random): () => number {
  const sums: number[] = []
  let sum = 0
  for (let rank = 1; rank <= size; rank += 1) sums.push((sum += rank ** -exponent))
  return () => {
    const drawn = random() * sum
    let [low, high] = [0, size - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((sums[middle] ?? 0) < drawn) low = middle + 1
      else high = middle
    }
    return low
  }
}

const WORDS =
  'order account parcel invoice password return refund garden engine window kitchen travel market school river ' +
  'letter number device screen battery ticket holiday doctor recipe contract license update server error network'

/** Plain text of so many words. */
export function wordsOf(count: number, random: Random): string {
  const words = WORDS.split(' ')
  return Array.from({ length: count }, () => words[Math.floor(random() * words.length)]).join(' ')
}
