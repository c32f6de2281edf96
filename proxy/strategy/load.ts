// Load: of two targets drawn at random by their weights, the one with fewer answers under way for its weight. Two and
// not all: proxies do not see each other's calls, and the least loaded of all would be everyone's choice at once. Pure.
import { drawByShare, splitSpares } from './draw.ts'
import type { Candidate, Draw, Ranked } from './strategy.ts'

export function byLoad(candidates: readonly Candidate[], { uniform }: Draw): readonly Ranked[] {
  const { active, spares } = splitSpares(candidates)
  const ranked = active.map((candidate) => ({ candidate, score: loadOf(candidate) }))
  const chosen = chooseOfTwo(ranked, uniform)
  const others = ranked.filter((each) => each !== chosen).toSorted((left, right) => left.score - right.score)
  const last = spares.map((candidate) => ({ candidate, score: loadOf(candidate) }))
  return [...(chosen === undefined ? [] : [chosen]), ...others, ...last]
}

/** Weight is capacity: a target of weight 2 takes twice as many before it is as loaded as one of weight 1. */
function loadOf({ facts, weight }: Candidate): number {
  return ((facts?.outstanding ?? 0) + 1) / Math.max(1, weight)
}

function chooseOfTwo(ranked: readonly Ranked[], uniform: number): Ranked | undefined {
  const shares = ranked.map(({ candidate }) => candidate.weight)
  const first = drawByShare(shares, uniform)
  const others = shares.map((share, index) => (index === first.index ? 0 : share))
  const second = ranked.length < 2 ? first : drawByShare(others, first.rest)
  const [one, other] = [ranked[first.index], ranked[second.index]]
  return one !== undefined && other !== undefined && other.score < one.score ? other : one
}
