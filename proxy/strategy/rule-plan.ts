// What is worked out once per rule and not once per call: its targets by tier, with where they are reached and what
// they cost, and the whole order where the rule leaves no choice.
//
//   Route -> compileRulePlan -> RulePlan -> planner.ts, for each call
import type { Attempt, TargetEndpoint } from '../exchange.ts'
import type { Backend, Canary, Route, RoutingTable, Target } from '../table/schema.ts'
import type { Price } from '../table/strategy-schema.ts'
import { seedOf } from './rendezvous.ts'
import { STRATEGY_RULES, type StrategyRule } from './strategy.ts'

export interface PlanTargets {
  readonly table: Pick<RoutingTable, 'targets'>
  readonly endpoints: ReadonlyMap<string, TargetEndpoint>
}

/** A backend of a rule; `weight` as the rule gives it. */
export interface Option {
  readonly attempt: Attempt
  readonly weight: number
  readonly seed: number
}

export interface CanaryPlan {
  readonly attempt: Attempt
  /** Other than the one that its target has among the backends of other rules. */
  readonly seed: number
  readonly canary: Canary
}

export interface RulePlan {
  readonly route: Route
  readonly strategy: StrategyRule
  /** In rising order; tiers with no target are left out. */
  readonly tiers: readonly (readonly Option[])[]
  /** Null: calls differ in their order. */
  readonly fixed: readonly Attempt[] | null
  readonly canary: CanaryPlan | null
}

/** True when no tier has two backends: every conversation then goes the same way. */
export function isFixedOrder({ backends }: Pick<Route, 'backends'>): boolean {
  return new Set(backends.map(({ tier }) => tier)).size === backends.length
}

export function compileRulePlan(route: Route, targets: PlanTargets): RulePlan {
  const tiers = tiersOf(route.backends, targets)
  const canary = canaryOf(route, targets)
  const isFixed = canary === null && isFixedOrder(route)
  return {
    route,
    strategy: STRATEGY_RULES[route.strategy ?? 'Weight'],
    tiers,
    fixed: isFixed ? tiers.flat().map(({ attempt }) => attempt) : null,
    canary,
  }
}

function tiersOf(backends: readonly Backend[], targets: PlanTargets): readonly (readonly Option[])[] {
  const byTier = new Map<number, Option[]>()
  for (const { target, weight, tier } of backends) {
    const attempt = attemptAt(target, targets)
    if (attempt === null) continue
    const options = byTier.get(tier) ?? []
    options.push({ attempt, weight, seed: seedOf(target) })
    byTier.set(tier, options)
  }
  return [...byTier].toSorted(([one], [other]) => one - other).map(([, options]) => options)
}

function canaryOf({ canary }: Route, targets: PlanTargets): CanaryPlan | null {
  const attempt = canary === undefined ? null : attemptAt(canary.target, targets)
  return canary === undefined || attempt === null ? null : { attempt, canary, seed: seedOf(`canary ${canary.target}`) }
}

function attemptAt(targetId: string, { table, endpoints }: PlanTargets): Attempt | null {
  const target = table.targets[targetId]
  const endpoint = endpoints.get(targetId)
  return target === undefined || endpoint === undefined ? null : { targetId, target, endpoint }
}

/** Of the model that the target is asked for; null: nobody says what it costs. */
export function priceOf({ prices, model }: Target, asked: string): Price | null {
  const name = model ?? asked
  return prices !== undefined && Object.hasOwn(prices, name) ? (prices[name] ?? null) : null
}

/** The plans of one table, each made when its rule is first asked for. */
export class RulePlans {
  readonly #targets: PlanTargets
  /** By rule: bounded by the table, and gone with it. */
  readonly #plans = new WeakMap<Route, RulePlan>()

  constructor(targets: PlanTargets) {
    this.#targets = targets
  }

  of(route: Route): RulePlan {
    const known = this.#plans.get(route)
    if (known !== undefined) return known
    const plan = compileRulePlan(route, this.#targets)
    this.#plans.set(route, plan)
    return plan
  }
}
