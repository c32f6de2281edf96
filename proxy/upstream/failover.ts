// The loop over a call's attempts: send, judge, and go to the next target or wait where the verdict says so. Nothing is
// delivered before a verdict, so the caller never sees a failed attempt or the same text twice.
//
//   attempt -> judge -> deliver | giveUp
//      ^          |--- next: the following target
//      '----------'--- wait: no target is left; the one that is ready first, when it is
import { failure, type Failure } from '../errors.ts'
import type { Answered, Attempt, AttemptRecord, Outcome, RoutedCall, Verdict } from '../exchange.ts'
import { attemptOnce, type AttemptDeps } from './attempt.ts'
import { judge, type Situation } from './judge.ts'
import { classOf, OUTCOME_CLASSES } from './outcome-classes.ts'
import { deadlineOf, isWorthWaiting, retryCountOf } from './patience.ts'

export interface FailoverDeps extends AttemptDeps {
  /** Uniform in [0, 1). */
  readonly random: () => number
}

export interface Settled {
  /** The last one made; null when none could be. */
  readonly attempt: Attempt | null
  readonly result: Answered | Failure
  readonly records: readonly AttemptRecord[]
}

/** Up to this part of a pause is added to it, so that callers who failed together do not come back together. */
const JITTER = 0.25

export async function failover(routed: RoutedCall, attempts: readonly Attempt[], deps: FailoverDeps): Promise<Settled> {
  // A library's own retry is an extra attempt like ours, and there is one budget for both.
  if (retryCountOf(routed.call.received) === 0) deps.budget.recordCall()
  else deps.budget.recordExtra()
  const ordered = deps.health.order(attempts, deps.budget)
  const [first] = ordered
  if (first === undefined) return { attempt: null, result: noTarget(routed), records: [] }
  const course: Course = {
    routed,
    attempts: ordered,
    deps,
    records: [],
    made: 0,
    reached: 0,
    waitedMs: 0,
    readyFirst: null,
  }
  let attempt = first
  for (;;) {
    course.made += 1
    const outcome = await attemptOnce(routed, attempt, course)
    if (outcome.kind === 'answered' && outcome.failureClass === null) {
      return { attempt, result: outcome, records: course.records }
    }
    const verdict = judge(outcome, situationAfter(outcome, attempt, course))
    if (verdict.kind !== 'deliver') abandon(outcome)
    const following = await goOn(verdict, { course, outcome })
    if (following === null) return { attempt, result: resultOf(verdict), records: course.records }
    attempt = following
  }
}

/** What has happened in one call so far; lives as long as its loop. */
interface Course {
  readonly routed: RoutedCall
  readonly attempts: readonly Attempt[]
  readonly deps: FailoverDeps
  readonly records: AttemptRecord[]
  /** Attempts made; a repeat on a fresh connection is part of its attempt. */
  made: number
  /** Place in `attempts` of the furthest one made. */
  reached: number
  waitedMs: number
  /** Of the targets that failed in a way that passes, the one that is worth another attempt first. */
  readyFirst: { readonly attempt: Attempt; readonly atMs: number; readonly isAsked: boolean } | null
}

/** An answer that is not delivered and still arrives would hold its connection for ever. */
function abandon(outcome: Outcome): void {
  if (outcome.kind === 'answered' && 'start' in outcome.body) outcome.body.abandon()
}

function noTarget({ route }: RoutedCall): Failure {
  return failure('no_backend', `Rule ${route.name} has no target that can be tried.`)
}

/** The target of the next attempt, when it is time for it; null: the call is settled. */
async function goOn(
  verdict: Verdict,
  { course, outcome }: { readonly course: Course; readonly outcome: Outcome },
): Promise<Attempt | null> {
  if (verdict.kind === 'next') {
    if (!isFree(outcome)) course.deps.budget.recordExtra()
    course.reached += 1
    return course.attempts[course.reached] ?? null
  }
  if (verdict.kind !== 'wait' || course.readyFirst === null) return null
  const { attempt } = course.readyFirst
  course.deps.budget.recordExtra()
  course.waitedMs += verdict.waitMs
  course.readyFirst = null
  await pause(verdict.waitMs, course)
  return attempt
}

/** Ends early when the caller goes; the attempt that follows is then cancelled before it is sent. */
function pause(delayMs: number, { routed, deps }: Course): Promise<void> {
  const { caller } = routed.call.received
  return new Promise((resolve) => {
    const timer = deps.timers.start(delayMs, () => {
      caller.whenGone(null)
      resolve()
    })
    caller.whenGone(() => {
      timer.close()
      resolve()
    })
  })
}

function isFree(outcome: Outcome): boolean {
  const failureClass = classOf(outcome)
  return failureClass === null || OUTCOME_CLASSES[failureClass].isFree
}

function situationAfter(outcome: Outcome, attempt: Attempt, course: Course): Situation {
  const { routed, deps } = course
  const { failover: rules, timeouts } = routed.route
  const nowMs = deps.now()
  noteReadiness(outcome, attempt, { course, nowMs })
  const hasTime = timeouts.totalMs === undefined || nowMs - routed.call.received.receivedAtMs < timeouts.totalMs
  const hasAttempt = course.made < rules.attempts && hasTime
  const hasRoom = deps.budget.hasRoom()
  const hasTarget = course.reached + 1 < course.attempts.length
  const readyInMs = course.readyFirst === null ? null : Math.max(0, course.readyFirst.atMs - nowMs)
  const waitMs = readyInMs === null ? null : Math.ceil(readyInMs * (1 + JITTER * deps.random()))
  const canWait = waitMs !== null && hasAttempt && hasRoom && !hasTarget && fits(waitMs, { course, nowMs })
  return {
    attempt,
    failover: rules,
    canTryNext: hasTarget && hasAttempt && (hasRoom || isFree(outcome)),
    waitMs: canWait ? waitMs : null,
    retryAfterMs: course.readyFirst?.isAsked === true ? readyInMs : null,
    tried: describeTried(course, hasAttempt && !hasRoom),
  }
}

interface Moment {
  readonly course: Course
  readonly nowMs: number
}

function fits(waitMs: number, { course, nowMs }: Moment): boolean {
  return isWorthWaiting(waitMs, { deadlineMs: deadlineOf(course.routed), nowMs, waitedMs: course.waitedMs })
}

function noteReadiness(outcome: Outcome, attempt: Attempt, { course, nowMs }: Moment): void {
  const failureClass = classOf(outcome)
  if (failureClass === null) return
  const askedMs = outcome.kind === 'answered' ? outcome.retryAfterMs : null
  const { pauseMs } = OUTCOME_CLASSES[failureClass]
  const waitMs = askedMs ?? pauseMs
  if (waitMs === null) return
  const atMs = nowMs + waitMs
  if (course.readyFirst !== null && course.readyFirst.atMs <= atMs) return
  course.readyFirst = { attempt, atMs, isAsked: askedMs !== null }
}

function describeTried({ reached, made }: Course, isBudgetSpent: boolean): string {
  const targets = reached === 0 ? 'One target was tried' : `${reached + 1} targets were tried`
  const attempts = made > reached + 1 ? `, in ${made} attempts` : ''
  return `${targets}${attempts}${isBudgetSpent ? '; the budget of extra attempts is spent' : ''}.`
}

function resultOf(verdict: Verdict): Answered | Failure {
  switch (verdict.kind) {
    case 'deliver':
      return verdict.answered
    case 'giveUp':
      return verdict.failure
    case 'next':
    case 'wait':
      throw new Error(`judge() said ${verdict.kind} where nothing can follow`)
  }
}
