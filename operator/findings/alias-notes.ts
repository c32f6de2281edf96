// What is found about the aliases of a ModelRoute, and about rules that hand a name on which no provider knows. Pure;
// all of it is warnings, since the calls that it speaks of are few. checks.ts makes Findings of it.
import type { ModelRouteRule, ModelRouteSpec } from '../../crds/model-route.ts'
import { isDecidedBy } from '../rules/named.ts'
import { shadows } from './shadow.ts'
import type { StrategyNote } from '../rules/strategy.ts'

/** `listedBy`: the providers of the namespace that list a model of this name. Paths are below the spec. */
export function notesOnAliases(
  spec: ModelRouteSpec,
  listedBy: (model: string) => readonly string[],
): readonly StrategyNote[] {
  const { aliases = [], rules } = spec
  return aliases.flatMap(({ name }, index) => {
    const at = (reason: string, message: string) => ({ path: `aliases[${index}]`, reason, message })
    const owners = listedBy(name)
    const takers = rules.filter(({ match }) => shadows(match.models ?? [], [name]))
    const deciders = takers.filter((rule) => isDecidedBy(rule, name))
    return [
      ...(owners.length === 0 ? [] : [at('AliasShadowsModel', shadowsModel(name, owners))]),
      ...(takers.length === 0 ? [at('AliasUnreachable', unreachable(name))] : []),
      ...deciders.map((rule) => at('AliasIgnored', ignored(name, rule))),
    ]
  })
}

function shadowsModel(name: string, [first, ...more]: readonly string[]): string {
  const others = more.length === 0 ? '' : ` and ${more.length} more`
  return `alias "${name}" is also a model of ModelProvider "${first}"${others}: calls that ask for it mean the alias`
}

function unreachable(name: string): string {
  return `no rule of this ModelRoute takes calls for alias "${name}": add a rule without match.models, or one whose patterns match it`
}

function ignored(name: string, rule: ModelRouteRule): string {
  return `rule "${rule.name}" lists alias "${name}" in match.models, so that its own backends answer and not the alias's`
}

/** A provider would be asked for a model called "auto". */
export function notesOnAuto({ match, backends }: ModelRouteRule): readonly StrategyNote[] {
  if (match.models?.includes('auto') !== true) return []
  return backends.flatMap(({ providerRef, model }, index) => {
    if (model !== undefined) return []
    const message =
      `it takes model "auto", and its backend on ModelProvider "${providerRef.name}" has no model, so that the ` +
      'provider would be asked for "auto": give the backend a model'
    return [{ path: `backends[${index}]`, reason: 'AutoWithoutModel', message }]
  })
}
