// The names under which a rule asks other backends than its own: the aliases of its ModelRoute, and, where it keeps
// explicit models, the models that its providers list. Pure.
//
//   alias "fast"      -> its backends                            (not in a rule that lists "fast" in match.models)
//   explicit "gpt-5"  -> the providers of the rule that list it  (never for auto, nor for an alias)
import type { AliasSpec } from '../../crds/aliases.ts'
import type { BackendSpec } from '../../crds/backend.ts'
import type { ModelRouteRule, ModelRouteSpec } from '../../crds/model-route.ts'
import type { Route } from '../../proxy/table/schema.ts'
import { MAX_NAMED_LISTS } from '../../proxy/table/strategy-schema.ts'
import type { NamespaceInputs } from '../gather.ts'
import { resolveProvider } from '../resolve.ts'
import { type NamedTarget, toUnavailable, useBackends } from './target.ts'

export interface NamedLists {
  readonly named: Pick<Route, 'named'>
  readonly targets: readonly NamedTarget[]
}

interface Ruling {
  readonly spec: ModelRouteSpec
  readonly rule: ModelRouteRule
}

type List = NonNullable<Route['named']>[number]

interface Compiled {
  readonly list: List
  readonly targets: readonly NamedTarget[]
}

export function toNamed(inputs: NamespaceInputs, { spec, rule }: Ruling): NamedLists {
  const aliases = (spec.aliases ?? []).filter(({ name }) => !isDecidedBy(rule, name))
  const lists = [
    ...aliases.map((alias) => aliasList(inputs, { alias, spec })),
    ...explicitLists(inputs, { spec, rule }),
  ].slice(0, MAX_NAMED_LISTS)
  const named = lists.length === 0 ? {} : { named: lists.map(({ list }) => list) }
  return { named, targets: lists.flatMap(({ targets }) => targets) }
}

/** A rule that lists a name itself says with its own backends who answers it. */
export function isDecidedBy({ match }: Pick<ModelRouteRule, 'match'>, name: string): boolean {
  return match.models?.includes(name) === true
}

/** The backends of an alias, or of the one that it is the same as. */
export function backendsOf({ backends, sameAs }: AliasSpec, { aliases = [] }: ModelRouteSpec): readonly BackendSpec[] {
  return backends ?? aliases.find(({ name }) => name === sameAs)?.backends ?? []
}

function aliasList(
  inputs: NamespaceInputs,
  { alias, spec }: { readonly alias: AliasSpec; readonly spec: ModelRouteSpec },
): Compiled {
  const { backends, targets, broken } = useBackends(inputs, backendsOf(alias, spec))
  const unavailable = backends.length === 0 ? { unavailable: toUnavailable(broken) } : {}
  return { list: { models: [alias.name], backends, ...unavailable }, targets }
}

/** One list for the models of the same providers; a provider that comes twice counts where it is asked first. */
function explicitLists(inputs: NamespaceInputs, { spec, rule }: Ruling): readonly Compiled[] {
  if (rule.explicitModels !== 'Keep') return []
  const byModel = new Map<string, BackendSpec[]>()
  for (const backend of rule.backends.toSorted((one, other) => one.tier - other.tier)) {
    for (const model of modelsOf(inputs, backend.providerRef.name)) {
      const list = byModel.get(model) ?? []
      // As the application wrote it: the provider's own target, which puts no model in its place.
      const { model: _model, ...own } = backend
      const isThere = list.some(({ providerRef }) => providerRef.name === backend.providerRef.name)
      if (!isThere) list.push(own)
      byModel.set(model, list)
    }
  }
  const asked = [...byModel].filter(([model]) => !isAlias(spec, model))
  const groups = Map.groupBy(asked, ([, list]) => JSON.stringify(list))
  return [...groups.values()].map((group) => explicitList(inputs, group))
}

function explicitList(
  inputs: NamespaceInputs,
  group: readonly (readonly [model: string, list: readonly BackendSpec[]])[],
): Compiled {
  const { backends, targets } = useBackends(inputs, group[0]?.[1] ?? [])
  return { list: { models: group.map(([model]) => model), backends }, targets }
}

function isAlias({ aliases = [] }: ModelRouteSpec, model: string): boolean {
  return aliases.some(({ name }) => name === model)
}

function modelsOf(inputs: NamespaceInputs, provider: string): readonly string[] {
  const use = resolveProvider(inputs, provider)
  return use.kind === 'broken' ? [] : use.spec.models.map(({ name }) => name).filter((name) => name !== 'auto')
}
