// Every provider that a ModelRoute names, with the place where it does: whose keys its pods need, and whose faults its
// status tells. Pure.
import type { ModelRouteSpec } from '../crds/model-route.ts'

export interface ProviderUseAt {
  readonly provider: string
  readonly path: string
}

export function referencedProviders({ rules, aliases = [], passthrough }: ModelRouteSpec): readonly ProviderUseAt[] {
  const place = (path: string, name: string) => ({ provider: name, path: `${path}.providerRef.name` })
  return [
    ...rules.flatMap(({ backends, canary }, ruleIndex) => [
      ...backends.map((use, index) => place(`spec.rules[${ruleIndex}].backends[${index}]`, use.providerRef.name)),
      ...(canary ? [place(`spec.rules[${ruleIndex}].canary`, canary.providerRef.name)] : []),
    ]),
    ...aliases.flatMap(({ backends = [] }, aliasIndex) =>
      backends.map((use, index) => place(`spec.aliases[${aliasIndex}].backends[${index}]`, use.providerRef.name)),
    ),
    ...(passthrough ? [place('spec.passthrough', passthrough.providerRef.name)] : []),
  ]
}
