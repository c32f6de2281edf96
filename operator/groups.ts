// Which pods share a table: the pods of a namespace that the same ordered set of ModelRoutes selects.
//
//   routes + pods -> orderRoutes -> groupPods -> PodGroup[] -> translate (a table each), checks (shadowed rules)
// Rules that look for labels of the pod (match.podLabels) are decided here: a pod's table has those that hold.
//
// Order of routes on one pod: non-empty selectors first, then oldest creationTimestamp, then name. A pod that no
// route selects is in a group with none, so that its proxy gets an empty table and not silence.
import { createHash } from 'node:crypto'
import type { NamespaceInputs, UsableRoute } from './gather.ts'
import type { ProxyPod } from './kube/source.ts'
import type { ModelRouteSpec } from '../crds/model-route.ts'
import { selects, selectsEverything, type Labels } from './selector.ts'

/** A route that has a spec to work with. */
export type ReadableRoute = UsableRoute & { readonly spec: ModelRouteSpec }

export interface PodGroup {
  /** Hash of the ordered route names: stable while the view is. */
  readonly id: string
  readonly routes: readonly ReadableRoute[]
  readonly pods: readonly ProxyPod[]
}

export function groupPods(inputs: Pick<NamespaceInputs, 'namespace' | 'routes' | 'pods'>): readonly PodGroup[] {
  const ordered = orderRoutes(inputs.routes)
  const rulesFor = createRuleFilter()
  const groups = new Map<string, { routes: readonly ReadableRoute[]; pods: ProxyPod[] }>()
  for (const pod of inputs.pods) {
    const selected = ordered.filter((route) => selects(route.spec.podSelector, pod.labels))
    const routes = selected.map((route) => rulesFor(route, pod.labels))
    const id = groupId(inputs.namespace, routes)
    const group = groups.get(id)
    if (group) group.pods.push(pod)
    else groups.set(id, { routes, pods: [pod] })
  }
  return [...groups].map(([id, group]) => ({ id, ...group })).toSorted((one, other) => compareText(one.id, other.id))
}

/**
 * A route with the rules that look for labels this pod has: the route itself where all of its rules are for the pod,
 * and one and the same value for all pods that have the same rules of it, so that it is compiled once.
 */
function createRuleFilter(): (route: ReadableRoute, labels: Labels) => ReadableRoute {
  const known = new Map<ReadableRoute, Map<string, ReadableRoute>>()
  return (route, labels) => {
    const kept = route.spec.rules.filter(({ match }) => selects({ matchLabels: match.podLabels }, labels))
    if (kept.length === route.spec.rules.length) return route
    const key = kept.map(({ name }) => name).join(' ')
    const variants = known.get(route) ?? new Map<string, ReadableRoute>()
    const variant = variants.get(key) ?? { ...route, spec: { ...route.spec, rules: kept } }
    known.set(route, variants.set(key, variant))
    return variant
  }
}

/** Routes without a usable spec are left out. */
export function orderRoutes(routes: readonly UsableRoute[]): readonly ReadableRoute[] {
  return routes.filter(isReadable).toSorted(compareRoutes)
}

function isReadable(route: UsableRoute): route is ReadableRoute {
  return route.spec !== null
}

function compareRoutes(one: ReadableRoute, other: ReadableRoute): number {
  const [a, b] = [one.resource.metadata, other.resource.metadata]
  return (
    Number(selectsEverything(one.spec.podSelector)) - Number(selectsEverything(other.spec.podSelector)) ||
    compareText(a.creationTimestamp, b.creationTimestamp) ||
    compareText(a.name, b.name)
  )
}

/** By code unit, not by locale: every replica must come to the same order. */
export function compareText(one: string, other: string): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}

/** Where rules look for labels, those that are left tell groups apart. */
function rulesByLabels({ spec }: ReadableRoute): readonly string[] {
  return spec.rules.filter(({ match }) => match.podLabels !== undefined).map(({ name }) => name)
}

function groupId(namespace: string, routes: readonly ReadableRoute[]): string {
  const names = routes.map((route) => [route.resource.metadata.name, ...rulesByLabels(route)].join(' '))
  return createHash('sha256')
    .update([namespace, ...names].join('\n'))
    .digest('hex')
    .slice(0, 16)
}
