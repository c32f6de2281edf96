// Latency: the share of a target is its expected time to the power of -SHARPNESS. A target that is a little slower gets
// a little less, so that many proxies that see the same never move to one target all at once; one that is much slower
// gets next to nothing. Pure.
//
//   expected = (first token + tokens x time per token) / (1 - failures)
//              of what is known; the less is known, the nearer to the best of the others
//
// What was not asked for long is thus tried again, a little: knowledge decays (decayed-mean.ts). Attempts that wait at
// this moment count with the time that they have waited, so that a target that hangs is noticed before it answers.
import type { Estimate } from './decayed-mean.ts'
import { drawByShare, splitSpares } from './draw.ts'
import type { TargetFacts } from './meters.ts'
import type { Candidate, Draw, Ranked } from './strategy.ts'

/** With 6, twice as slow is a 64th of the share (docs/strategies.md has what other values would give). */
export const SHARPNESS = 6
/** As much as this many samples are trusted half. */
const HALF_TRUST = 0.5
const MIN_MS = 1
/** A target that always fails is ejected; until then it counts as so many times slower. */
const MAX_FAILURE_RATE = 0.9
/** Where no answer has said how long it is. */
export const DEFAULT_OUTPUT_TOKENS = 250

export function byLatency(candidates: readonly Candidate[], draw: Draw): readonly Ranked[] {
  const { active, spares } = splitSpares(candidates)
  const expected = expectedTimes(active, draw.isStreaming)
  const ranked = active.map((candidate, index) => ({ candidate, score: expected[index] ?? MIN_MS }))
  const { index } = drawByShare(
    ranked.map(({ score }) => score ** -SHARPNESS),
    draw.uniform,
  )
  const others = ranked.filter((_, place) => place !== index).toSorted((left, right) => left.score - right.score)
  const last = spares.map((candidate) => ({ candidate, score: 0 }))
  return [...ranked.slice(index, index + 1), ...others, ...last]
}

/** In milliseconds, in the candidates' order. */
export function expectedTimes(candidates: readonly Candidate[], isStreaming: boolean): readonly number[] {
  const facts = candidates.map((candidate) => candidate.facts)
  const tokens = expectedTokens(facts)
  const first = blended(facts.map((known) => known?.[isStreaming ? 'firstTokenMs' : 'wholeMs']))
  const perToken = isStreaming ? blended(facts.map((known) => known?.tokenMs)) : []
  return facts.map((known, index) => {
    const soonest = Math.max(first[index] ?? 0, known?.waitingMs ?? 0)
    const wholeMs = soonest + tokens * (perToken[index] ?? 0)
    return Math.max(MIN_MS, wholeMs) / (1 - failureRateOf(known))
  })
}

/** Nothing is known: as good as the best. */
function blended(estimates: readonly (Estimate | undefined)[]): readonly number[] {
  const means = estimates.flatMap((each) => (each !== undefined && each.weight > 0 ? [each.mean] : []))
  const best = Math.min(...means)
  if (best === Infinity) return estimates.map(() => 0)
  return estimates.map((each) => (each === undefined ? best : best + (each.mean - best) * trust(each)))
}

function trust({ weight }: Estimate): number {
  return weight / (weight + HALF_TRUST)
}

function failureRateOf(facts: TargetFacts | null): number {
  if (facts === null) return 0
  const { failureRate } = facts
  return Math.min(MAX_FAILURE_RATE, failureRate.mean * trust(failureRate))
}

export function expectedTokens(facts: readonly (TargetFacts | null)[]): number {
  let sum = 0
  let weights = 0
  for (const known of facts) {
    if (known === null) continue
    const { mean, weight } = known.outputTokens
    sum += mean * weight
    weights += weight
  }
  return weights === 0 ? DEFAULT_OUTPUT_TOKENS : sum / weights
}
