// Which targets a call may try, in order: tier after tier, inside a tier as the rule's strategy says, a canary before
// them for its share of the conversations.
//
//   RoutedCall -> plan -> Attempt[] -> (too small: classify) -> (not well: health) -> failover
//
// A conversation is the canary's when its hash lies below the canary's percent, so that a growing share takes new ones
// and gives none back. The others never go there: what fails for a few must not become everyone's second choice.
//
// Gathers the facts and draws the number; the strategies are pure. The same ranking with its numbers is what explain
// shows. How many of the targets are tried is failover's.
import type { Attempt, Call, RoutedCall } from '../exchange.ts'
import type { Canaries } from './canaries.ts'
import type { Meters } from './meters.ts'
import { NO_SALT, saltOf, uniformOf } from './rendezvous.ts'
import { priceOf, type Option, type RulePlan, type RulePlans } from './rule-plan.ts'
import { stickyKeyOf } from './sticky-key.ts'
import type { Candidate, Draw, Ranked } from './strategy.ts'

/** For a prompt that nobody has counted. */
const DEFAULT_INPUT_TOKENS = 1000

export interface PlannerDeps {
  readonly meters: Pick<Meters, 'factsOf'>
  readonly canaries: Pick<Canaries, 'percentOf'>
  /** Uniform in [0, 1). */
  readonly random: () => number
  /** A call lacks what its rule keeps calls together by. */
  readonly onMissingKey?: (route: string) => void
}

export function planAttempts(routed: RoutedCall, plans: RulePlans, deps: PlannerDeps): readonly Attempt[] {
  const plan = plans.of(routed.route)
  if (plan.fixed !== null) return plan.fixed
  const ranked = rankTargets(routed.call, plan, deps).map(({ candidate }) => candidate.attempt)
  return isForCanary(routed.call, plan, deps) && plan.canary ? [plan.canary.attempt, ...ranked] : ranked
}

export function isForCanary(call: Call, { route, canary }: RulePlan, { canaries, random }: PlannerDeps): boolean {
  if (canary === null) return false
  const percent = canaries.percentOf(route, canary.canary)
  if (percent === 0 || percent === 100) return percent === 100
  const { key } = stickyKeyOf(call, route.sticky, () => String(random()))
  return uniformOf(canary.seed, saltOf(key)) * 100 < percent
}

export function rankTargets(call: Call, plan: RulePlan, deps: PlannerDeps): readonly Ranked[] {
  const draw = drawFor(call, plan, deps)
  return plan.tiers.flatMap((options) => rankTier(options, { call, plan, draw, deps }))
}

function drawFor(call: Call, { strategy, route }: RulePlan, { random, onMissingKey }: PlannerDeps): Draw {
  const { isStreaming } = call
  if (!strategy.needsKey) return { uniform: random(), salt: NO_SALT, isStreaming }
  const { key, isMissing } = stickyKeyOf(call, route.sticky, () => String(random()))
  if (isMissing) onMissingKey?.(route.name)
  return { uniform: 0, salt: saltOf(key), isStreaming }
}

interface Ranking {
  readonly call: Call
  readonly plan: RulePlan
  readonly draw: Draw
  readonly deps: PlannerDeps
}

/** A tier of one target is asked for nothing. */
function rankTier(options: readonly Option[], { call, plan, draw, deps }: Ranking): readonly Ranked[] {
  const { strategy } = plan
  const needsFacts = strategy.needsFacts && options.length > 1
  const candidates = options.map(({ attempt, weight, seed }): Candidate => ({
    attempt,
    weight,
    seed,
    price: priceOf(attempt.target, call.model),
    facts: needsFacts ? deps.meters.factsOf(attempt.targetId) : null,
    inputTokens: strategy.needsTokens ? promptTokens(call, attempt) : 0,
  }))
  const [only] = candidates
  return candidates.length === 1 && only ? [{ candidate: only, score: 0 }] : strategy.rank(candidates, draw)
}

function promptTokens({ facts, model }: Call, { target }: Attempt): number {
  return facts?.promptTokens(target.model ?? model) ?? DEFAULT_INPUT_TOKENS
}
