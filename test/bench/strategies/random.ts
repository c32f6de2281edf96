// Numbers that look random and are the same in each run (mulberry32), and times as calls have them.
export type Random = () => number

export function seeded(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

interface Spread {
  /** Of the logarithm. */
  readonly spread: number
  readonly random: Random
}

/** Log-normal with this mean. */
export function logNormal(mean: number, { spread, random }: Spread): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return mean * Math.exp(spread * normal - (spread * spread) / 2)
}
