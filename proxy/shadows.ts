// What the shadow rules of a table would have done with a call: which of them would have taken it, and whether it would
// have gone elsewhere. Costs a call nothing where the table has none; sends nothing.
//
//   RoutedCall -> shadow rules before its own that hold -> first target of each, compared -> Trail.shadows -> metrics
import type { CompiledTable } from './compiled-table.ts'
import type { RoutedCall } from './exchange.ts'
import { planAttempts, type PlannerDeps } from './strategy/planner.ts'
import { askedBy, circumstancesOf } from './table/match.ts'

export interface ShadowReport {
  readonly route: string
  /** The target that it would have been sent to; null: the rule has none. */
  readonly targetId: string | null
  /** Whether the call's own rule sends it there too. */
  readonly isSame: boolean
}

/** Null: no shadow rule would have taken the call. */
export function shadowsOf(
  routed: RoutedCall,
  { matcher, plans }: CompiledTable,
  deps: PlannerDeps,
): readonly ShadowReport[] | null {
  const shadows = matcher.shadowsFor(askedBy(routed.call), circumstancesOf(routed.call))
  if (shadows.length === 0) return null
  const draw = deps.random()
  // Without what the planner counts: these calls are not made.
  const drawn: PlannerDeps = { meters: deps.meters, canaries: deps.canaries, random: () => draw }
  const firstOf = (one: RoutedCall) => planAttempts(one, plans, drawn)[0]?.targetId ?? null
  const own = firstOf(routed)
  return shadows.map((route) => {
    const targetId = firstOf({ ...routed, route })
    return { route: route.name, targetId, isSame: targetId === own }
  })
}
