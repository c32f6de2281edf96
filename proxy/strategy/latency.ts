// Latency: the share of a target is its expected time to the power of -SHARPNESS. A target that is a little slower gets
// a little less, so that many proxies that see the same never move to one target all at once; one that is much slower
// gets next to nothing. Pure.
//
//   expected = (first token + tokens x time per token) x more load than usual / (1 - failures)
//              of what is known; the less is known, the nearer to the best of the others
//
// What was not asked for long is thus tried again, a little: knowledge decays (decayed-mean.ts). Attempts that wait at
// this moment count with the time that they have waited, so that a target that hangs is noticed before it answers.
import type { Estimate } from './decayed-mean.ts'
import { drawByShare, splitSpares } from './draw.ts'
import type { TargetFacts } from './meters.ts'
import type { Candidate, Draw, Ranked } from './strategy.ts'

/** With 8, twice as slow is a 256th of the share (docs/strategies.md has what other values would give). */
export const SHARPNESS = 8
/** What a target takes that was never asked, or not for long, as a multiple of the best: one in seven calls, of two. */
const UNTRIED = 1.25
/** As much as this many samples are trusted half. */
const HALF_TRUST = 0.5
const MIN_MS = 1
/** Answers at once that say nothing of load. */
const EASY_LOAD = 4
/** A target that always fails is ejected; until then it counts as so many times slower. */
const MAX_FAILURE_RATE = 0.9
/** Where no answer has said how long it is. */
export const DEFAULT_OUTPUT_TOKENS = 250

export function byLatency(candidates: readonly Candidate[], draw: Draw): readonly Ranked[] {
  return rankByLatency(candidates, draw, SHARPNESS)
}

/** The same with another sharpness, for simulations of what it does. */
export function rankByLatency(candidates: readonly Candidate[], draw: Draw, sharpness: number): readonly Ranked[] {
  const { active, spares } = splitSpares(candidates)
  const expected = expectedTimes(active, draw.isStreaming)
  const ranked = active.map((candidate, index) => ({ candidate, score: expected[index] ?? MIN_MS }))
  const { index } = drawByShare(sharesOf(expected, sharpness), draw.uniform)
  const others = ranked.filter((_, place) => place !== index).toSorted((left, right) => left.score - right.score)
  const last = spares.map((candidate) => ({ candidate, score: 0 }))
  return [...ranked.slice(index, index + 1), ...others, ...last]
}

/** By their ratio to the best, so that no power of a long time becomes 0. */
function sharesOf(expected: readonly number[], sharpness: number): readonly number[] {
  const best = Math.min(...expected)
  return expected.map((time) => (best / time) ** sharpness)
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
    return (Math.max(MIN_MS, wholeMs) * cautionOf(known)) / (1 - failureRateOf(known))
  })
}

/** Nothing is known: nearly as good as the best, so that it is tried, by few of many proxies at first. */
function blended(estimates: readonly (Estimate | undefined)[]): readonly number[] {
  const means = estimates.flatMap((each) => (each !== undefined && each.weight > 0 ? [each.mean] : []))
  const best = Math.min(...means)
  if (best === Infinity) return estimates.map(() => 0)
  const assumed = best * UNTRIED
  return estimates.map((each) => (each === undefined ? assumed : assumed + (each.mean - assumed) * trust(each)))
}

function trust({ weight }: Estimate): number {
  return weight / (weight + HALF_TRUST)
}

/**
 * Times are known for the load at which they were measured: for more than that, the worst is assumed, that each answer
 * takes longer in proportion. So a share grows step by step, as fast as answers show that the target bears it.
 */
function cautionOf(facts: TargetFacts | null): number {
  if (facts === null || facts.usuallyOutstanding.weight === 0) return 1
  return Math.max(1, (facts.outstanding + EASY_LOAD) / (facts.usuallyOutstanding.mean + EASY_LOAD))
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
