// Choosing one of several by their shares with a single random number, and what is left of that number for the next
// choice. Pure.
import type { Candidate } from './strategy.ts'

export interface Drawn {
  readonly index: number
  /** Uniform in [0, 1) again: where in the chosen share the number lay. */
  readonly rest: number
}

/** Shares need not add up to anything; all of them 0 are as good as all equal. */
export function drawByShare(shares: readonly number[], uniform: number): Drawn {
  const total = shares.reduce((sum, share) => sum + share, 0)
  if (total <= 0)
    return drawByShare(
      shares.map(() => 1),
      uniform,
    )
  let left = uniform * total
  let last = 0
  for (const [index, share] of shares.entries()) {
    if (share <= 0) continue
    if (left < share) return { index, rest: left / share }
    left -= share
    last = index
  }
  return { index: last, rest: 0 }
}

/** Spares (weight 0) are asked after all others. */
export function splitSpares(candidates: readonly Candidate[]) {
  const active = candidates.filter(({ weight }) => weight > 0)
  if (active.length === 0) return { active: candidates, spares: [] }
  return { active, spares: candidates.filter(({ weight }) => weight === 0) }
}
