// From a backend of a rule to the target that a table carries: where its provider is, what it is asked for, and what
// the provider says of the model. Pure.
import type { BackendSpec } from '../../crds/backend.ts'
import type { ModelProviderSpec } from '../../crds/model-provider.ts'
import type { Backend, Target } from '../../proxy/table/schema.ts'
import { toContextTokens } from './context-tokens.ts'
import type { NamespaceInputs } from '../gather.ts'
import { toOutputLimits } from './output-limits.ts'
import { toPrices } from './prices.ts'
import { boundedId, keyOf, resolveProvider } from '../resolve.ts'
import { toHealth } from './target-health.ts'

export type NamedTarget = readonly [id: string, target: Target]

/** A list of backends as far as their providers can be used, and why the others cannot. */
export interface UsedBackends {
  readonly backends: readonly Backend[]
  readonly targets: readonly NamedTarget[]
  readonly broken: readonly string[]
}

export function useBackends(inputs: NamespaceInputs, list: readonly BackendSpec[]): UsedBackends {
  const backends: Backend[] = []
  const targets: NamedTarget[] = []
  const broken: string[] = []
  for (const { providerRef, model, weight, tier } of list) {
    const target = useTarget(inputs, { provider: providerRef.name, model })
    if (target.kind === 'broken') broken.push(target.message)
    else {
      targets.push(target.named)
      backends.push({ target: target.named[0], weight, tier })
    }
  }
  return { backends, targets, broken }
}

export interface TargetRef {
  readonly provider: string
  readonly model: string | undefined
}

export function useTarget(inputs: NamespaceInputs, { provider, model }: TargetRef) {
  const use = resolveProvider(inputs, provider)
  if (use.kind === 'broken') return { kind: 'broken', message: use.problem.message } as const
  return { kind: 'usable', named: nameTarget(inputs.namespace, { provider, model, spec: use.spec }) } as const
}

export interface TargetParts extends TargetRef {
  readonly spec: ModelProviderSpec
}

export function nameTarget(namespace: string, { provider, spec, model }: TargetParts): NamedTarget {
  const key = keyOf(namespace, spec)
  const listed = model === undefined && spec.models.length > 0 ? { models: spec.models.map((each) => each.name) } : {}
  const target: Target = {
    provider: `${namespace}/${provider}`,
    dialect: spec.dialect,
    url: spec.url.replace(/\/+$/, ''),
    ...(model === undefined ? listed : { model }),
    ...toOutputLimits(spec, model),
    ...toContextTokens(spec, model),
    ...toPrices(spec, model),
    ...(key === null ? {} : { credential: key.id }),
    ...toHealth(spec),
  }
  return [boundedId([target.provider, ...(model === undefined ? [] : [model])].join('/')), target]
}

/** A table's sentence is this long at most. */
const MAX_SENTENCE_LENGTH = 1024

export function toUnavailable(reasons: readonly string[]): string {
  return [...new Set(reasons)].join('; ').slice(0, MAX_SENTENCE_LENGTH)
}
