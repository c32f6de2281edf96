// Which of a rule's calls may be answered later, as a proxy keeps it, and what of that can never happen. Pure. Both are
// used with every other part of a rule, by translate.ts and checks.ts.
import type { ModelRouteRule } from '../../crds/model-route.ts'
import { durationToMs } from '../../crds/shapes.ts'
import type { DialectName, Route } from '../../proxy/table/schema.ts'
import { toSchedule } from './match.ts'

export function toDeferred({ deferred }: Pick<ModelRouteRule, 'deferred'>): Pick<Route, 'deferred'> {
  if (deferred === undefined) return {}
  const { batchApi, offPeak, within, keep } = deferred
  return {
    deferred: {
      ...(batchApi && { collectMs: durationToMs(batchApi.collect) }),
      ...(offPeak && { offPeak: toSchedule(offPeak) }),
      withinMs: durationToMs(within),
      keepMs: durationToMs(keep),
    },
  }
}

export interface DeferredNote {
  readonly path: string
  readonly message: string
}

/** Dialects whose providers have a batch API that the proxy knows. */
const WITH_BATCH_API: ReadonlySet<DialectName> = new Set(['OpenAI', 'Anthropic'])

/** `dialects`: of the rule's backends, as far as their providers are there. */
export function notesOnDeferred(
  { deferred }: ModelRouteRule,
  dialects: readonly DialectName[],
): readonly DeferredNote[] {
  if (deferred?.batchApi === undefined) return []
  const { batchApi, offPeak, within } = deferred
  if (durationToMs(batchApi.collect) >= durationToMs(within)) {
    const message = `calls are collected for ${batchApi.collect} and have failed after ${within}: none would be sent`
    return [{ path: 'deferred.batchApi.collect', message }]
  }
  if (dialects.length === 0 || dialects.some((dialect) => WITH_BATCH_API.has(dialect))) return []
  const rest = offPeak === undefined ? 'every call is served at once' : 'every call waits for offPeak'
  const message = `no backend's provider has a batch API (OpenAI and Anthropic have): ${rest}`
  return [{ path: 'deferred.batchApi', message }]
}
