// A rule beside what the proxies were really given for it: which backends serve, with which share, in which tier.
//
//   ModelRoute spec (what was asked) + RoutingTable (what is in force) -> RuleView
//
// Pure. Shares count only backends that serve, as the proxy does it.
import type { ModelRouteRule } from '../../crds/model-route.ts'
import type { Route, RoutingTable } from '../../proxy/table/schema.ts'
import type { ModelRouteResource } from '../kube/source.ts'

export interface BackendView {
  readonly provider: string
  /** What the provider is asked for; null: the caller's own model. */
  readonly model: string | null
  readonly tier: number
  readonly weight: number
  /** Percent of its tier's calls; null when it does not serve. */
  readonly share: number | null
}

export interface RuleView {
  readonly name: string
  /** Empty: every model. */
  readonly models: readonly string[]
  /** Empty: every operation. */
  readonly operations: readonly string[]
  readonly backends: readonly BackendView[]
  /** Why no backend can serve; empty otherwise. */
  readonly unavailable: string
  /** False when no proxy has this rule: no pod is selected, or the ModelRoute is left out. */
  readonly isInForce: boolean
}

/** The rules of one ModelRoute in their order; none when its spec cannot be read. */
export function ruleViews(route: ModelRouteResource, tables: readonly RoutingTable[]): RuleView[] {
  const { namespace, name } = route.metadata
  return (route.spec?.rules ?? []).map((rule) => {
    const compiledName = `${namespace}/${name}/${rule.name}`
    const table = tables.find(({ routes }) => routes.some((compiled) => compiled.name === compiledName))
    const compiled = table?.routes.find((candidate) => candidate.name === compiledName)
    return toRuleView(rule, { namespace, table, compiled })
  })
}

interface InForce {
  readonly namespace: string
  readonly table: RoutingTable | undefined
  readonly compiled: Route | undefined
}

function toRuleView(rule: ModelRouteRule, inForce: InForce): RuleView {
  const { compiled } = inForce
  return {
    name: rule.name,
    models: rule.match.models ?? [],
    operations: rule.match.operations ?? [],
    backends: rule.backends
      .map((backend) => toBackendView(backend, inForce))
      .toSorted((one, other) => one.tier - other.tier),
    unavailable: compiled?.unavailable ?? '',
    isInForce: compiled !== undefined,
  }
}

function toBackendView(backend: ModelRouteRule['backends'][number], inForce: InForce): BackendView {
  const { providerRef, model, weight, tier } = backend
  return { provider: providerRef.name, model: model ?? null, tier, weight, share: shareOf(backend, inForce) }
}

function shareOf(backend: ModelRouteRule['backends'][number], { namespace, table, compiled }: InForce): number | null {
  const provider = `${namespace}/${backend.providerRef.name}`
  const serves = compiled?.backends.some(({ target, tier, weight }) => {
    const known = table?.targets[target]
    const isSame = known?.provider === provider && known.model === backend.model
    return isSame && tier === backend.tier && weight === backend.weight
  })
  if (compiled === undefined || serves !== true) return null
  const tierWeight = compiled.backends
    .filter(({ tier }) => tier === backend.tier)
    .reduce((sum, { weight }) => sum + weight, 0)
  return tierWeight === 0 ? 0 : Math.round((backend.weight / tierWeight) * 1000) / 10
}
