// ModelRoutes of one pod that want some of the same calls, where nothing but their age says which one gets them: both
// select by labels, or both are for everybody. A route for some pods beside one for all is meant so, and no finding.
// Pure; told once for two routes, on the one that loses.
import type { ModelRouteRule } from '../../crds/model-route.ts'
import { type Finding, subjectOf } from '../finding.ts'
import type { PodGroup, ReadableRoute } from '../groups.ts'
import { selectsEverything } from '../selector.ts'
import { coversCircumstances, coversOperations, globsMeet, shadows } from './shadow.ts'

/** Pairs of rules compared in one check; beyond them overlaps go unreported. */
const MAX_PAIRS = 200_000

export function overlappingRoutes(groups: readonly PodGroup[]): Finding[] {
  const found = new Map<string, Finding>()
  const work = { left: MAX_PAIRS }
  for (const [earlier, later] of groups.flatMap(({ routes }) => pairsOf(routes))) {
    const key = `${earlier.resource.metadata.name} ${later.resource.metadata.name}`
    const finding = found.has(key) ? null : overlapOf(earlier, later, work)
    if (finding !== null) found.set(key, finding)
  }
  return [...found.values()]
}

type Pair = readonly [earlier: ReadableRoute, later: ReadableRoute]

function pairsOf(routes: readonly ReadableRoute[]): readonly Pair[] {
  return routes.flatMap((later, index) =>
    routes
      .slice(0, index)
      .filter((earlier) => rankOf(earlier) === rankOf(later))
      .map((earlier): Pair => [earlier, later]),
  )
}

function rankOf({ spec }: ReadableRoute): boolean {
  return selectsEverything(spec.podSelector)
}

function overlapOf(earlier: ReadableRoute, later: ReadableRoute, work: { left: number }): Finding | null {
  for (const [index, rule] of later.spec.rules.entries()) {
    const taker = earlier.spec.rules.find((other) => (work.left -= 1) >= 0 && mayMeet(other, rule))
    if (taker === undefined) continue
    const message =
      `rule "${rule.name}" and rule "${taker.name}" of ModelRoute "${earlier.resource.metadata.name}" take some of ` +
      'the same calls on the pods that both select, and the older ModelRoute gets them: tell them apart by models, ' +
      'operations, headers or labels, or put the rules into one ModelRoute in the order that is meant'
    const subject = subjectOf('ModelRoute', later.resource)
    return { subject, path: `spec.rules[${index}].match`, reason: 'RulesOverlap', message, severity: 'warning' }
  }
  return null
}

/** False only where no call can be both. Headers and schedules of two rules may always hold together. */
function mayMeet({ match: one, mode }: ModelRouteRule, { match: other }: ModelRouteRule): boolean {
  if (mode === 'Shadow' || isWhollyTaken(one, other)) return false
  const lowest = Math.max(one.contextTokens?.min ?? 0, other.contextTokens?.min ?? 0)
  const highest = Math.min(one.contextTokens?.max ?? Infinity, other.contextTokens?.max ?? Infinity)
  return (
    lowest <= highest &&
    meet(one.operations, other.operations) &&
    meet(one.content, other.content) &&
    !hasOtherHeader(one, other) &&
    globsMeet(one.models ?? [], other.models ?? [])
  )
}

/** That is a finding of its own (shadowed-rules.ts). */
function isWhollyTaken(one: ModelRouteRule['match'], other: ModelRouteRule['match']): boolean {
  const operations = coversOperations({ operations: one.operations ?? [] }, { operations: other.operations ?? [] })
  return operations && coversCircumstances(one, other) && shadows(one.models ?? [], other.models ?? [])
}

function meet(one: readonly string[] = [], other: readonly string[] = []): boolean {
  return one.length === 0 || other.length === 0 || one.some((each) => other.includes(each))
}

/** One header cannot have two values. */
function hasOtherHeader({ headers = [] }: ModelRouteRule['match'], { headers: others = [] }: ModelRouteRule['match']) {
  return headers.some(({ name, value }) =>
    others.some(
      (other) => other.name === name && value !== undefined && other.value !== undefined && other.value !== value,
    ),
  )
}
