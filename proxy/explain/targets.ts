// The targets of a call in the order in which they would be asked, with the numbers that put them there: the planner's
// ranking, then what is not well behind what is, as failover takes them.
import { attemptsThatHold, fitOf } from '../classify/holding.ts'
import type { CompiledTable } from '../compiled-table.ts'
import type { Attempt, Call, RoutedCall } from '../exchange.ts'
import { planAttempts, type PlannerDeps, rankTargets } from '../strategy/planner.ts'
import type { Health } from '../upstream/health.ts'
import type { StateOwners } from '../upstream/state-owners.ts'
import type { Explanation, TargetSeen } from './explanation.ts'

export interface TargetDeps extends PlannerDeps {
  readonly health: Pick<Health, 'order' | 'stateOf'>
  readonly owners: Pick<StateOwners, 'keepTogether'>
  readonly budget: Parameters<Health['order']>[1]
}

export async function explainTargets(
  routed: RoutedCall,
  { plans }: CompiledTable,
  deps: TargetDeps,
): Promise<Pick<Explanation, 'strategy' | 'targets' | 'failure'>> {
  const { call, route } = routed
  // Without what the planner counts: an explanation is no call.
  const asked: PlannerDeps = { meters: deps.meters, canaries: deps.canaries, random: deps.random }
  const ranked = planAttempts(routed, plans, asked)
  const holding = await attemptsThatHold(ranked, routed)
  const planned = 'kind' in holding ? [] : holding
  const isStateful = call.received.place.operation === 'Response'
  const kept = isStateful ? deps.owners.keepTogether(call, planned) : planned
  const ordered = deps.health.order(kept, deps.budget)
  const scores = plans.of(route).fixed === null ? rankTargets(call, plans.of(route), asked) : []
  const seen = (attempt: Attempt, passedOver: string | null): TargetSeen => ({
    target: attempt.targetId,
    tier: route.backends.find(({ target }) => target === attempt.targetId)?.tier ?? null,
    score: scores.find(({ candidate }) => candidate.attempt === attempt)?.score ?? null,
    state: deps.health.stateOf(attempt.targetId).state,
    passedOver,
  })
  const { attempts } = route.failover
  return {
    failure: 'kind' in holding ? { code: holding.code, message: holding.message } : null,
    strategy: { name: route.strategy ?? 'Weight', unit: plans.of(route).strategy.unit },
    targets: [
      ...ordered.map((attempt, index) =>
        seen(attempt, index < attempts ? null : `the rule allows ${attempts} attempts`),
      ),
      ...ranked.filter((attempt) => !ordered.includes(attempt)).map((attempt) => seen(attempt, whyNot(attempt, call))),
    ],
  }
}

function whyNot(attempt: Attempt, call: Call): string {
  const fit = fitOf(attempt, call)
  if (fit === null || fit.promptTokens + fit.answerTokens <= fit.limit)
    return 'another provider holds what it refers to'
  return `too small: ${fit.promptTokens} tokens and ${fit.answerTokens} for the answer, of ${fit.limit}`
}
