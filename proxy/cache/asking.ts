// What a call brings to the cache and what it gets from it: the masked call with its rule and a way to ask the targets,
// and its answer with what the cache has to say of it. Types only.
import type { AnswerForCaller } from '../answer-for-caller.ts'
import type { Failure } from '../errors.ts'
import type { Attempt, BatchReport, CacheReport, Exchange, RoutedCall } from '../exchange.ts'
import type { MaskedCall } from '../redact/masking.ts'
import type { CacheRule } from '../table/cache-schema.ts'
import type { RoutingTable } from '../table/schema.ts'
import type { Led } from './flight/entrant.ts'
import type { Slots } from './slots.ts'

export interface Asking {
  readonly masked: MaskedCall
  readonly rule: CacheRule
  readonly table: RoutingTable
  /** As the caller sent them; what it says to the cache does not leave a pod that masks. */
  readonly rawHeaders: readonly string[]
  /** Asks the targets, for whoever waits by then. */
  readonly lead: (sending: RoutedCall) => Promise<LedCall>
}

export interface LedCall extends Led<Slots> {
  readonly batch?: BatchReport
}

export interface Served extends Pick<LedCall, 'attempt' | 'records' | 'batch'>, Pick<Exchange, 'flight'> {
  readonly result: AnswerForCaller | Failure
  readonly cache?: CacheReport
}

export const NO_ATTEMPT: { readonly attempt: Attempt | null; readonly records: Led<Slots>['records'] } = {
  attempt: null,
  records: [],
}
