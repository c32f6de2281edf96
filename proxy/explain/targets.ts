// The targets of a call in the order in which they would be asked, with the numbers that put them there: the planner's
// ranking, then what is not well behind what is, as failover takes them.
import type { CompiledTable } from '../compiled-table.ts'
import type { Attempt, RoutedCall } from '../exchange.ts'
import { planAttempts, type PlannerDeps, rankTargets } from '../strategy/planner.ts'
import type { Health } from '../upstream/health.ts'
import type { StateOwners } from '../upstream/state-owners.ts'
import type { Explanation, TargetSeen } from './explanation.ts'

export interface TargetDeps extends PlannerDeps {
  readonly health: Pick<Health, 'order' | 'stateOf'>
  readonly owners: Pick<StateOwners, 'keepTogether'>
  readonly budget: Parameters<Health['order']>[1]
}

export function explainTargets(
  routed: RoutedCall,
  { plans }: CompiledTable,
  deps: TargetDeps,
): Pick<Explanation, 'strategy' | 'targets'> {
  const { call, route } = routed
  const planned = planAttempts(routed, plans, deps)
  const isStateful = call.received.place.operation === 'Response'
  const kept = isStateful ? deps.owners.keepTogether(call, planned) : planned
  const ordered = deps.health.order(kept, deps.budget)
  const plan = plans.of(route)
  const ranked = plan.fixed === null ? rankTargets(call, plan, deps) : []
  const seen = (attempt: Attempt, ordinal: number): TargetSeen => ({
    target: attempt.targetId,
    tier: route.backends.find(({ target }) => target === attempt.targetId)?.tier ?? null,
    score: ranked.find(({ candidate }) => candidate.attempt === attempt)?.score ?? null,
    state: deps.health.stateOf(attempt.targetId).state,
    passedOver: ordinal < route.failover.attempts ? null : `the rule allows ${route.failover.attempts} attempts`,
  })
  return {
    strategy: { name: route.strategy ?? 'Weight', unit: plan.strategy.unit },
    targets: [
      ...ordered.map(seen),
      ...planned.filter((attempt) => !ordered.includes(attempt)).map((attempt) => passedOver(attempt, deps)),
    ],
  }
}

function passedOver({ targetId }: Attempt, { health }: TargetDeps): TargetSeen {
  const { state } = health.stateOf(targetId)
  return {
    target: targetId,
    tier: null,
    score: null,
    state,
    passedOver: 'another provider holds what the call refers to',
  }
}
