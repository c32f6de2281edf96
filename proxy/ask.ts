// From a masked call to its answer: out of the cache where the rule has one, else from a target.
//
//   [cache] -> plan -> (send -> judge)* -> in the caller's dialect, with the caller's own values
//
// Hits make no plan; rules without a cache know nothing of it.
import { answerForCaller, saidToCaller } from './answer-for-caller.ts'
import type { BatchingOnDemand } from './batch/batching-on-demand.ts'
import type { SettledCall } from './batch/member.ts'
import type { Served } from './cache/asking.ts'
import type { CachingOnDemand } from './cache/caching-on-demand.ts'
import { attemptsThatHold } from './classify/holding.ts'
import type { CompiledTable } from './compiled-table.ts'
import type { RoutedCall } from './exchange.ts'
import type { MaskedCall } from './redact/masking.ts'
import type { Meters } from './strategy/meters.ts'
import { planAttempts, type PlannerDeps } from './strategy/planner.ts'
import type { TranslationDeps } from './translation/answer.ts'
import type { FailoverDeps } from './upstream/failover.ts'

export interface AskDeps extends FailoverDeps, TranslationDeps, PlannerDeps {
  readonly meters: Pick<Meters, 'begin' | 'factsOf'>
  readonly caching: Pick<CachingOnDemand, 'serve' | 'prepare'>
  readonly batching: Pick<BatchingOnDemand, 'settle'>
}

export interface InHand {
  /** As the caller said it: a conversation is told by its own words. */
  readonly routed: RoutedCall
  readonly masked: MaskedCall
  readonly compiled: CompiledTable
}

export async function serveCall(inHand: InHand, deps: AskDeps): Promise<Served> {
  const { routed, masked, compiled } = inHand
  const { cache: rule } = routed.route
  if (rule !== undefined) {
    const { rawHeaders } = routed.call.received
    const lead = async (sending: RoutedCall) => {
      const asked = await askTargets(inHand, sending, deps)
      return { ...asked, result: saidToCaller(asked.result, sending.call, deps) }
    }
    const served = await deps.caching.serve({ masked, rule, table: compiled.table, rawHeaders, lead })
    if (served !== null) return served
  }
  const asked = await askTargets(inHand, masked.routed, deps)
  return { ...asked, result: answerForCaller(asked.result, masked, deps) }
}

/** `sending`: the masked call, for its own caller or for several. */
async function askTargets(
  { routed, masked, compiled }: InHand,
  sending: RoutedCall,
  deps: AskDeps,
): Promise<SettledCall> {
  const holding = attemptsThatHold(planAttempts(routed, compiled.plans, deps), routed)
  const attempts = holding instanceof Promise ? await holding : holding
  if ('kind' in attempts) return { attempt: null, result: attempts, records: [] }
  return deps.batching.settle(sending === masked.routed ? masked : { ...masked, routed: sending }, attempts, deps)
}
