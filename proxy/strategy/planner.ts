// Which targets a call may try, in order: tier after tier, inside a tier as the rule's strategy says, a canary before
// them for its share of the conversations.
//
//   RoutedCall -> plan -> Attempt[] -> (too small: classify) -> (not well: health) -> failover
//
// Gathers the facts and draws the number; the strategies are pure. The same ranking with its numbers is what explain
// shows. How many of the targets are tried is failover's.
import type { Attempt, Call, RoutedCall } from '../exchange.ts'
import type { Meters } from './meters.ts'
import { saltOf } from './rendezvous.ts'
import { priceOf, type Option, type RulePlan, type RulePlans } from './rule-plan.ts'
import { stickyKeyOf } from './sticky-key.ts'
import type { Candidate, Draw, Ranked } from './strategy.ts'

/** For a prompt that nobody has counted. */
const DEFAULT_INPUT_TOKENS = 1000

export interface PlannerDeps {
  readonly meters: Pick<Meters, 'factsOf'>
  /** Uniform in [0, 1). */
  readonly random: () => number
}

export function planAttempts(routed: RoutedCall, plans: RulePlans, deps: PlannerDeps): readonly Attempt[] {
  const plan = plans.of(routed.route)
  if (plan.fixed !== null) return plan.fixed
  return rankTargets(routed.call, plan, deps).map(({ candidate }) => candidate.attempt)
}

export function rankTargets(call: Call, plan: RulePlan, deps: PlannerDeps): readonly Ranked[] {
  const draw = drawFor(call, plan, deps)
  return plan.tiers.flatMap((options) => rankTier(options, { call, plan, draw, deps }))
}

function drawFor(call: Call, { strategy, route }: RulePlan, { random }: PlannerDeps): Draw {
  const salt = strategy.needsKey ? saltOf(stickyKeyOf(call, route.sticky, () => String(random())).key) : ''
  return {
    uniform: strategy.needsKey ? 0 : random(),
    salt,
    isStreaming: call.isStreaming,
    inputTokens: DEFAULT_INPUT_TOKENS,
  }
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
  const candidates = options.map(({ attempt, weight }): Candidate => ({
    attempt,
    weight,
    price: priceOf(attempt.target, call.model),
    facts: needsFacts ? deps.meters.factsOf(attempt.targetId) : null,
  }))
  const [only] = candidates
  return candidates.length === 1 && only ? [{ candidate: only, score: 0 }] : strategy.rank(candidates, draw)
}
