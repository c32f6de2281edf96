// What follows from each way in which an attempt can fail; the one table that judge, budget and health read.
//
//   exhausted   what the caller gets when no target is left: the provider's own answer, or this refusal. Its own
//               answer where the request decides (too long, filtered, faulty) or a key is refused
//   isFree      nothing was sent to a provider, so moving on multiplies no load and costs no budget
//   pauseMs     after which the same target is worth another attempt when no other is left and it names no time itself;
//               null: it will not be better in a moment
//   health      counts towards ejection, cools the target down for what it asked, or says nothing of the target. A
//               refused key does not count: the call after its change must not find the target ejected
import type { ErrorCode } from '../errors.ts'
import type { Outcome } from '../exchange.ts'
import type { FailoverClass } from '../table/schema.ts'

export interface ClassRule {
  readonly exhausted: ErrorCode | 'as it came'
  readonly isFree: boolean
  readonly pauseMs: number | null
  readonly health: 'counts' | 'cools' | 'no matter'
}

export const OUTCOME_CLASSES: Readonly<Record<FailoverClass, ClassRule>> = {
  Connect: { exhausted: 'targets_failed', isFree: true, pauseMs: 500, health: 'counts' },
  Dns: { exhausted: 'targets_failed', isFree: true, pauseMs: null, health: 'counts' },
  Tls: { exhausted: 'targets_failed', isFree: true, pauseMs: null, health: 'counts' },
  Timeout: { exhausted: 'targets_failed', isFree: false, pauseMs: null, health: 'counts' },
  Idle: { exhausted: 'targets_failed', isFree: false, pauseMs: null, health: 'counts' },
  Reset: { exhausted: 'targets_failed', isFree: false, pauseMs: 500, health: 'counts' },
  RateLimited: { exhausted: 'targets_rate_limited', isFree: false, pauseMs: 1000, health: 'cools' },
  Overloaded: { exhausted: 'targets_overloaded', isFree: false, pauseMs: 500, health: 'counts' },
  Quota: { exhausted: 'targets_failed', isFree: false, pauseMs: null, health: 'counts' },
  Auth: { exhausted: 'as it came', isFree: false, pauseMs: null, health: 'no matter' },
  ModelNotFound: { exhausted: 'as it came', isFree: false, pauseMs: null, health: 'no matter' },
  ContextLength: { exhausted: 'as it came', isFree: false, pauseMs: null, health: 'no matter' },
  ContentFilter: { exhausted: 'as it came', isFree: false, pauseMs: null, health: 'no matter' },
  Truncated: { exhausted: 'as it came', isFree: false, pauseMs: null, health: 'no matter' },
  BadRequest: { exhausted: 'as it came', isFree: false, pauseMs: null, health: 'no matter' },
  Server: { exhausted: 'targets_failed', isFree: false, pauseMs: 500, health: 'counts' },
}

/** Null: nothing failed, or nothing that a provider did. */
export function classOf(outcome: Outcome): FailoverClass | null {
  return outcome.kind === 'refused' || outcome.kind === 'cancelled' ? null : outcome.failureClass
}
