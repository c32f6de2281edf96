// What an attempt's outcome means for the call. Pure; classes and what follows from each: outcome-classes.ts.
//
//   outcome                  class listed:  target left | wait fits | neither            not listed
//   answered, no class       deliver
//   answered, with a class                  next        | wait      | by its class (1)   deliver
//   timedOut, unreachable,
//   broken                                  next        | wait      | giveUp             giveUp
//   refused (no key here)    next, listed or not; no target left: giveUp with its own failure
//   cancelled                giveUp: nobody waits
//
//   (1) the provider's own answer, or a refusal of ours where its answer is not for the application
import { failure, type Failure } from '../errors.ts'
import type { Answered, Attempt, Outcome, Verdict } from '../exchange.ts'
import type { FailoverClass, Route } from '../table/schema.ts'
import { classOf, OUTCOME_CLASSES } from './outcome-classes.ts'

export interface Situation {
  readonly attempt: Attempt
  readonly failover: Route['failover']
  /** False: no target is left, or the budget of extra attempts is spent. */
  readonly canTryNext: boolean
  /** Until a target that asked for a pause may be asked again; null: none did, or the caller cannot wait that long. */
  readonly waitMs: number | null
  /** The same where the wait does not fit: told to the caller. */
  readonly retryAfterMs: number | null
  /** Ends the sentence of a giveUp: how many targets were tried, and why no more. */
  readonly tried: string
}

export function judge(outcome: Outcome, situation: Situation): Verdict {
  switch (outcome.kind) {
    case 'cancelled':
      return { kind: 'giveUp', failure: failure('caller_gone', 'The application closed the connection.') }
    case 'refused':
      if (situation.canTryNext) return { kind: 'next', reason: outcome.failure.code }
      return { kind: 'giveUp', failure: outcome.failure }
    case 'answered':
    case 'timedOut':
    case 'unreachable':
    case 'broken':
      return judgeByClass(outcome, situation)
  }
}

type Tried = Exclude<Outcome, { kind: 'cancelled' | 'refused' }>

function judgeByClass(outcome: Tried, situation: Situation): Verdict {
  const failureClass = classOf(outcome)
  if (failureClass === null) return deliver(outcome)
  const isListed = situation.failover.on.includes(failureClass)
  if (isListed && situation.canTryNext) return { kind: 'next', reason: reasonOf(outcome) }
  if (isListed && situation.waitMs !== null) return { kind: 'wait', waitMs: situation.waitMs }
  const { exhausted } = OUTCOME_CLASSES[failureClass]
  const isOwnAnswerWanted = !isListed || exhausted === 'as it came'
  if (outcome.kind === 'answered' && isOwnAnswerWanted) return deliver(outcome)
  return { kind: 'giveUp', failure: exhaust(outcome, { failureClass, situation }) }
}

function deliver(outcome: Tried): Verdict {
  if (outcome.kind !== 'answered') throw new Error(`an attempt that ended as ${outcome.kind} has nothing to deliver`)
  return { kind: 'deliver', answered: outcome }
}

interface Judged {
  readonly failureClass: FailoverClass
  readonly situation: Situation
}

function exhaust(outcome: Tried, { failureClass, situation }: Judged): Failure {
  const { exhausted } = OUTCOME_CLASSES[failureClass]
  const { attempt, tried, retryAfterMs } = situation
  const message = `Target ${attempt.targetId} failed: ${reasonOf(outcome)}. ${tried}`
  const refusal = failure(exhausted === 'as it came' ? 'targets_failed' : exhausted, message)
  return retryAfterMs === null ? refusal : { ...refusal, retryAfterMs }
}

function reasonOf(outcome: Tried): string {
  switch (outcome.kind) {
    case 'answered':
      return answeredReason(outcome)
    case 'timedOut':
      return `the ${outcome.waitedFor} did not come within ${outcome.afterMs} ms`
    case 'unreachable':
    case 'broken':
      return outcome.reason
  }
}

/** Never the provider's own words: they may hold the call's. */
function answeredReason({ status, failureClass }: Answered): string {
  const how = status < 400 ? 'with an error in place of an answer' : `with status ${status}`
  const meaning = failureClass === null ? undefined : MEANINGS[failureClass]
  return `it answered ${how}${meaning === undefined ? '' : ` (${meaning})`}`
}

const MEANINGS: Partial<Readonly<Record<FailoverClass, string>>> = {
  RateLimited: 'rate limited',
  Overloaded: 'overloaded',
  Quota: 'its quota is used up',
  Auth: 'the key is refused',
}
