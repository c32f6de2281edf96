// A rule's canary as a table carries it, and what is found about it. Pure. Its moment and its steps are made numbers;
// which of them is in force, and whether it goes on, is each proxy's to say.
import type { CanarySpec } from '../../crds/canary.ts'
import type { ModelRouteRule } from '../../crds/model-route.ts'
import { durationToMs } from '../../crds/shapes.ts'
import type { Route } from '../../proxy/table/schema.ts'
import type { NamespaceInputs } from '../gather.ts'
import type { StrategyNote } from './strategy.ts'
import { type NamedTarget, useTarget } from './target.ts'

export interface CompiledCanary {
  readonly canary: Pick<Route, 'canary'>
  readonly targets: readonly NamedTarget[]
}

/** Nothing of a canary whose provider cannot be used: the rule's own backends then answer all calls. */
export function toCanary(inputs: NamespaceInputs, { canary }: Pick<ModelRouteRule, 'canary'>): CompiledCanary {
  if (canary === undefined) return { canary: {}, targets: [] }
  const use = useTarget(inputs, { provider: canary.providerRef.name, model: canary.model })
  if (use.kind === 'broken') return { canary: {}, targets: [] }
  const { start, steps, stopWhen } = canary
  const compiled = {
    target: use.named[0],
    startMs: Date.parse(start),
    steps: steps.map(({ percent, for: duration }) => ({ percent, forMs: durationToMs(duration) })),
    stopWhen,
  }
  return { canary: { canary: compiled }, targets: [use.named] }
}

export function notesOnCanary({ canary, backends }: ModelRouteRule): readonly StrategyNote[] {
  if (canary === undefined) return []
  const isOwn = backends.some((own) => own.providerRef.name === canary.providerRef.name && own.model === canary.model)
  return [...(isOwn ? [withoutBaseline()] : []), ...(isIdle(canary) ? [idle()] : [])]
}

function withoutBaseline(): StrategyNote {
  const message =
    'the canary is one of the backends of the rule, so that there is nothing to hold it against: take it out of ' +
    'backends until the canary has ended'
  return { path: 'canary', reason: 'CanaryWithoutBaseline', message }
}

function isIdle({ steps }: CanarySpec): boolean {
  return steps.every(({ percent }) => percent === 0)
}

function idle(): StrategyNote {
  return {
    path: 'canary.steps',
    reason: 'CanaryIdle',
    message: 'every step of the canary is 0 percent: it gets no call',
  }
}
