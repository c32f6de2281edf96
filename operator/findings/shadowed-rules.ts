// Rules that no call can reach, because an earlier rule takes every call that they could match: within one ModelRoute,
// and between those of one group of pods. What covers what is decided in shadow.ts.
import { type Finding, subjectOf } from '../finding.ts'
import type { NamespaceInputs } from '../gather.ts'
import { orderRoutes, type PodGroup, type ReadableRoute } from '../groups.ts'
import { coversCircumstances, coversOperations, shadows } from './shadow.ts'

/** Within one route always; between routes for the pods that both select. */
export function shadowedRules(inputs: NamespaceInputs, groups: readonly PodGroup[]): Finding[] {
  const alone = orderRoutes(inputs.routes).map((route) => [route])
  const together = groups.map((group) => group.routes)
  const places = new Map(alone.flatMap(([route]) => placesOf(route)))
  const found = new Map<string, Finding>()
  const work = { left: MAX_SHADOW_WORK }
  for (const finding of [...alone, ...together].flatMap((routes) => shadowedIn(routes, { work, places }))) {
    const key = `${finding.subject.name} ${finding.path}`
    found.set(key, found.get(key) ?? finding)
  }
  return [...found.values()]
}

/** Characters compared in one check; beyond it, shadows go unreported rather than cost the operator its second. */
const MAX_SHADOW_WORK = 10_000_000

function shadowedIn(routes: readonly ReadableRoute[], { work, places }: Looking): Finding[] {
  const rules = routes.flatMap((route) =>
    route.spec.rules.map((rule) => ({
      route,
      rule,
      index: places.get(placeKey(route, rule.name)) ?? 0,
      models: rule.match.models ?? [],
      operations: rule.match.operations ?? [],
    })),
  )
  return rules.flatMap((later, position) => {
    const winner = rules.slice(0, position).find((earlier) => {
      work.left -= 1 + lengthOf(earlier.models) * lengthOf(later.models)
      if (earlier.rule.mode === 'Shadow') return false
      const isWider = coversOperations(earlier, later) && coversCircumstances(earlier.rule.match, later.rule.match)
      return work.left >= 0 && isWider && shadows(earlier.models, later.models)
    })
    return winner ? [shadowed(later, winner)] : []
  })
}

interface Looking {
  readonly work: { left: number }
  /** Of each rule in its ModelRoute; the routes of a group are without the rules for other pods. */
  readonly places: ReadonlyMap<string, number>
}

function placesOf(route: ReadableRoute | undefined): (readonly [key: string, index: number])[] {
  return route?.spec.rules.map((rule, index) => [placeKey(route, rule.name), index] as const) ?? []
}

function placeKey({ resource }: ReadableRoute, rule: string): string {
  return `${resource.metadata.name}/${rule}`
}

function lengthOf(models: readonly string[]): number {
  return models.reduce((total, glob) => total + glob.length, 0)
}

interface PlacedRule {
  readonly route: ReadableRoute
  readonly rule: ReadableRoute['spec']['rules'][number]
  readonly index: number
}

function shadowed(later: PlacedRule, winner: PlacedRule): Finding {
  const isSameRoute = later.route === winner.route
  const where = isSameRoute ? '' : ` of ModelRoute "${winner.route.resource.metadata.name}"`
  const pods = isSameRoute ? '' : ' on the pods that both select'
  return {
    subject: subjectOf('ModelRoute', later.route.resource),
    path: `spec.rules[${later.index}]`,
    reason: 'RuleShadowed',
    message:
      `rule "${later.rule.name}" can never match${pods}: rule "${winner.rule.name}"${where} comes first and takes ` +
      'every call that it could match',
    severity: 'warning',
  }
}
