// What an attempt's outcome means for the call. Pure.
//
//   outcome                      class     class listed, a target left    otherwise
//   answered below 500           -         deliver                        deliver
//   answered 500 and above       Server    next                           listed: giveUp, else deliver
//   broken (began, then ended)   Server    next                           giveUp
//   unreachable                  Connect   next                           giveUp
//   timedOut                     Timeout   next                           giveUp
//   refused (no key here)        -         next, listed or not            giveUp with its own failure
//   cancelled                    -         giveUp: nobody waits
import { failure, type Failure } from '../errors.ts'
import type { Attempt, Outcome, Verdict } from '../exchange.ts'
import type { FailoverClass, Route } from '../table/schema.ts'

export interface Situation {
  readonly attempt: Attempt
  readonly failover: Route['failover']
  /** False: no target is left, or the budget of extra attempts is spent. */
  readonly canTryNext: boolean
  /** Ends the sentence of a giveUp: how many targets were tried, and why no more. */
  readonly tried: string
}

export function judge(outcome: Outcome, situation: Situation): Verdict {
  switch (outcome.kind) {
    case 'answered':
      if (outcome.status < 500 || !situation.failover.on.includes('Server'))
        return { kind: 'deliver', answered: outcome }
      return nextOrGiveUp(situation, {
        failureClass: 'Server',
        reason: `it answered with status ${outcome.status}`,
        isOverload: outcome.status === 503,
      })
    case 'broken':
      return nextOrGiveUp(situation, { failureClass: 'Server', reason: outcome.reason, isOverload: false })
    case 'unreachable':
      return nextOrGiveUp(situation, { failureClass: 'Connect', reason: outcome.reason, isOverload: false })
    case 'timedOut':
      return nextOrGiveUp(situation, {
        failureClass: 'Timeout',
        reason: `the ${outcome.waitedFor} did not come within ${outcome.afterMs} ms`,
        isOverload: false,
      })
    case 'refused':
      if (situation.canTryNext) return { kind: 'next', reason: outcome.failure.code, isOverload: false }
      return { kind: 'giveUp', failure: outcome.failure }
    case 'cancelled':
      return { kind: 'giveUp', failure: failure('caller_gone', 'The application closed the connection.') }
  }
}

interface Fault {
  readonly failureClass: FailoverClass
  readonly reason: string
  readonly isOverload: boolean
}

function nextOrGiveUp(situation: Situation, fault: Fault): Verdict {
  const { attempt, failover, canTryNext, tried } = situation
  const { reason, isOverload } = fault
  if (canTryNext && failover.on.includes(fault.failureClass)) return { kind: 'next', reason, isOverload }
  return { kind: 'giveUp', failure: exhausted(`Target ${attempt.targetId} failed: ${reason}. ${tried}`, isOverload) }
}

function exhausted(message: string, isOverload: boolean): Failure {
  return failure(isOverload ? 'targets_overloaded' : 'targets_failed', message)
}
