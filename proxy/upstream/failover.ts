// The loop over a call's attempts: send, judge, and go to the next target or wait where the verdict says so. Nothing is
// delivered before a verdict, so the caller never sees a failed attempt or the same text twice.
//
//   attempt -> judge -> deliver | giveUp
//      ^          |--- next: the following target, or the one that was asked beside this one (hedge.ts)
//      '----------'--- wait: no target is left; the one that is ready first, when it is
//
// An answer that was cut off or filtered is kept while another target is asked: it is better than none.
import type { Caller } from '../caller.ts'
import { failure, type Failure } from '../errors.ts'
import type { Answered, Attempt, AttemptRecord, Outcome, RoutedCall, Verdict } from '../exchange.ts'
import { attemptOnce, type AttemptDeps, type Ended } from './attempt.ts'
import { toldOfEjections } from './ejected.ts'
import { abandon, Contest } from './hedge.ts'
import { judge, type Situation } from './judge.ts'
import { classOf, OUTCOME_CLASSES } from './outcome-classes.ts'
import { deadlineOf, isWorthWaiting, retryCountOf } from './patience.ts'
import type { StateOwners } from './state-owners.ts'

export interface FailoverDeps extends AttemptDeps {
  /** Uniform in [0, 1). */
  readonly random: () => number
  readonly owners: Pick<StateOwners, 'keepTogether' | 'watch'>
}

export interface Settled {
  /** The last one made; null when none could be. */
  readonly attempt: Attempt | null
  readonly result: Answered | Failure
  readonly records: readonly AttemptRecord[]
}

/** Up to this part of a pause is added to it, so that callers who failed together do not come back together. */
const JITTER = 0.25

export function failover(routed: RoutedCall, planned: readonly Attempt[], deps: FailoverDeps): Promise<Settled> {
  const isStateful = routed.call.received.place.operation === 'Response'
  return isStateful ? whereItsStateIs(routed, planned, deps) : attemptInTurn(routed, planned, deps)
}

async function whereItsStateIs(routed: RoutedCall, planned: readonly Attempt[], deps: FailoverDeps): Promise<Settled> {
  const { call } = routed
  const settled = await attemptInTurn(routed, deps.owners.keepTogether(call, planned), deps)
  const { attempt, result } = settled
  if (attempt === null || result.kind === 'failure') return settled
  return { ...settled, result: deps.owners.watch(result, { call, attempts: planned, attempt }) }
}

async function attemptInTurn(routed: RoutedCall, attempts: readonly Attempt[], deps: FailoverDeps): Promise<Settled> {
  // A library's own retry is an extra attempt like ours, and there is one budget for both.
  if (retryCountOf(routed.call.received) === 0) deps.budget.recordCall()
  else deps.budget.recordExtra()
  const ordered = deps.health.order(attempts, deps.budget)
  const [first] = ordered
  if (first === undefined) return { attempt: null, result: noTarget(routed), records: [] }
  const course = startCourse(routed, ordered, deps)
  let following: Attempt | null = first
  for (;;) {
    const ended = await nextEnded(following, course)
    const { attempt, outcome } = ended
    if (outcome.kind === 'answered' && outcome.failureClass === null) return settle(course, ended, outcome)
    const verdict = judge(outcome, situationAfter(outcome, attempt, course))
    // A hedge must never cost what the first target would have answered: while one is under way, no failure is told.
    const isOtherUnderWay = course.contest?.isRunning === true && outcome.kind !== 'cancelled'
    if (verdict.kind === 'deliver' && (!isOtherUnderWay || isAnswer(verdict.answered))) {
      return settle(course, ended, verdict.answered)
    }
    keepOrAbandon(ended, course, verdict)
    following = null
    if (isOtherUnderWay) continue
    following = await goOn(verdict, { course, outcome })
    if (following === null)
      return settle(course, ended, toldOfEjections(resultOf(verdict), { ...deps, ...course, nowMs: deps.now() }))
  }
}

/** What has happened in one call so far; lives as long as its loop. */
interface Course {
  readonly routed: RoutedCall
  readonly attempts: readonly Attempt[]
  readonly deps: FailoverDeps
  readonly caller: Caller
  readonly records: AttemptRecord[]
  /** Null: the rule has one attempt at a time, and nothing to keep. */
  contest: Contest | null
  /** Attempts made; a repeat on a fresh connection is part of its attempt. */
  made: number
  /** Place in `attempts` of the furthest one made. */
  reached: number
  waitedMs: number
  /** Of the targets that failed in a way that passes, the one that is worth another attempt first. */
  readyFirst: { readonly attempt: Attempt; readonly atMs: number; readonly isAsked: boolean } | null
  /** What is given when nothing better comes. */
  kept: Kept | null
}

interface Kept {
  readonly attempt: Attempt
  readonly outcome: Answered
}

function startCourse(routed: RoutedCall, attempts: readonly Attempt[], deps: FailoverDeps): Course {
  const { hedgeAfterMs = null, on } = routed.route.failover
  const { caller } = routed.call.received
  const begun = { made: 0, reached: 0, waitedMs: 0, readyFirst: null, kept: null, contest: null }
  const course: Course = { routed, attempts, deps, caller, records: [], ...begun }
  // Only these can come to keep an answer (isAnswer).
  if (hedgeAfterMs !== null || on.includes('ContentFilter') || on.includes('Truncated')) {
    const takeHedge = (silent: Attempt) => takeHedgeTarget(silent, course)
    course.contest = new Contest({ routed, deps, hedgeAfterMs, takeHedge })
  }
  return course
}

/** `attempt` is made now; null: one is under way. */
function nextEnded(attempt: Attempt | null, course: Course): Promise<Ended> {
  const { contest } = course
  if (attempt !== null) course.made += 1
  if (contest !== null) {
    if (attempt !== null) contest.start(attempt)
    return contest.next()
  }
  if (attempt === null) throw new Error('no attempt is under way, and none was to be made')
  return attemptOnce(course.routed, attempt, course)
}

/** The following target, or the silent one once more: only one that is well, and only where the budget has room. */
function takeHedgeTarget(silent: Attempt, course: Course): Attempt | null {
  const { deps, routed } = course
  const nowMs = deps.now()
  const hasAttempt = course.made < routed.route.failover.attempts
  if (!hasAttempt || !isWorthWaiting(0, { deadlineMs: deadlineOf(routed), nowMs, waitedMs: 0 })) return null
  const isWell = (attempt: Attempt | undefined) =>
    attempt !== undefined && deps.health.stateOf(attempt.targetId).state === 'well'
  const next = course.attempts[course.reached + 1]
  const hedge = isWell(next) ? next : isWell(silent) ? silent : undefined
  if (hedge === undefined || !deps.budget.hasRoom()) return null
  deps.budget.recordExtra()
  course.made += 1
  if (hedge === next) course.reached += 1
  return hedge
}

/** A kept answer is better than a failure, unless nobody waits for either. */
function settle(course: Course, ended: Ended, result: Answered | Failure): Settled | Promise<Settled> {
  const { kept, contest, caller, records } = course
  const isBad = result.kind === 'failure' || result.status >= 400
  if (kept !== null && (!isBad || caller.isGone)) abandon(kept.outcome)
  const isKeptGiven = kept !== null && isBad && !caller.isGone
  if (isKeptGiven) abandon(ended.outcome)
  const given = isKeptGiven ? { attempt: kept.attempt, result: kept.outcome } : { attempt: ended.attempt, result }
  if (contest !== null) return contest.settle(given.result).then((all) => ({ ...given, records: all }))
  return { ...given, records }
}

/**
 * The first answer that would do is kept, whole or paused, and what would have been told while another attempt is under
 * way; every other one that still arrives is given up.
 */
function keepOrAbandon({ attempt, outcome }: Ended, course: Course, verdict: Verdict): void {
  const isWanted = outcome.kind === 'answered' && (isAnswer(outcome) || verdict.kind === 'deliver')
  const { kept } = course
  if (!isWanted || (kept !== null && (isAnswer(kept.outcome) || !isAnswer(outcome)))) return abandon(outcome)
  if (kept !== null) abandon(kept.outcome)
  course.kept = { attempt, outcome }
}

function isAnswer({ status, failureClass }: Answered): boolean {
  return status < 400 && (failureClass === 'Truncated' || failureClass === 'ContentFilter')
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
  const canWait =
    waitMs !== null && course.kept === null && hasAttempt && hasRoom && !hasTarget && fits(waitMs, { course, nowMs })
  return {
    attempt,
    failover: rules,
    canTryNext: course.contest?.isRunning === true || (hasTarget && hasAttempt && (hasRoom || isFree(outcome))),
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
