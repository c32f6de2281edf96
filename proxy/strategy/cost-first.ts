// Cost: the cheapest target first, by the prompt's tokens and as many tokens of output as answers have had of late. One
// without a price comes after all that have one; among equals, weights decide. Pure. Whether a target is well, and
// whether it can hold the call, is asked behind this.
import { drawByShare, splitSpares } from './draw.ts'
import { expectedTokens } from './latency.ts'
import type { Candidate, Draw, Ranked } from './strategy.ts'

export function byCost(candidates: readonly Candidate[], draw: Draw): readonly Ranked[] {
  const { active, spares } = splitSpares(candidates)
  const outputTokens = expectedTokens(candidates.map(({ facts }) => facts))
  const cost = ({ price, inputTokens }: Candidate) =>
    price === null ? Infinity : inputTokens * price.input + outputTokens * price.output
  const ranked = (list: readonly Candidate[]) =>
    list
      .map((candidate) => ({ candidate, score: cost(candidate) }))
      .toSorted((left, right) => (left.score === right.score ? 0 : left.score - right.score))
  return [...drawAmongCheapest(ranked(active), draw.uniform), ...ranked(spares)]
}

function drawAmongCheapest(ranked: readonly Ranked[], uniform: number): readonly Ranked[] {
  const cheapest = ranked.filter(({ score }) => score === ranked[0]?.score)
  if (cheapest.length < 2) return ranked
  const { index } = drawByShare(
    cheapest.map(({ candidate }) => candidate.weight),
    uniform,
  )
  const chosen = cheapest[index]
  return chosen === undefined ? ranked : [chosen, ...ranked.filter((each) => each !== chosen)]
}
