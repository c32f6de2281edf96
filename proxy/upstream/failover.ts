// The loop over a call's attempts: send, judge, and go to the next target where the verdict says so. Nothing is
// delivered before a verdict, so the caller never sees a failed attempt or the same text twice.
//
// A reset on a connection that had served before, without one byte of an answer, is a stale keep-alive: the same
// attempt is sent once more on a new connection and the verdict is on that.
import { failure, type Failure } from '../errors.ts'
import type { Answered, Attempt, AttemptRecord, Outcome, RoutedCall, Verdict } from '../exchange.ts'
import type { AttemptBudget } from './budget.ts'
import { judge } from './judge.ts'
import { buildRequest, type RequestDeps } from './request.ts'
import { send, type SendDeps } from './send.ts'

export interface FailoverDeps extends SendDeps, RequestDeps {
  readonly budget: AttemptBudget
  readonly now: () => number
}

export interface Settled {
  /** The last one made; null when none could be. */
  readonly attempt: Attempt | null
  readonly result: Answered | Failure
  readonly records: readonly AttemptRecord[]
}

export async function failover(routed: RoutedCall, attempts: readonly Attempt[], deps: FailoverDeps): Promise<Settled> {
  const records: AttemptRecord[] = []
  deps.budget.recordCall()
  const [first] = attempts
  if (first === undefined) return { attempt: null, result: noTarget(routed), records }
  let attempt = first
  for (;;) {
    const outcome = await attemptOnce(routed, attempt, { deps, records })
    const following: Attempt | undefined = attempts[attempt.ordinal]
    const verdict = judge(outcome, situationOf(routed, attempt, { following, deps }))
    if (verdict.kind !== 'next' || following === undefined) return { attempt, result: resultOf(verdict), records }
    deps.budget.recordExtra()
    attempt = following
  }
}

function noTarget({ route }: RoutedCall): Failure {
  return failure('no_backend', `Rule ${route.name} has no target that can be tried.`)
}

function situationOf(
  routed: RoutedCall,
  attempt: Attempt,
  { following, deps }: { readonly following: Attempt | undefined; readonly deps: FailoverDeps },
) {
  const hasBudget = following === undefined || deps.budget.hasRoom()
  const count = attempt.ordinal === 1 ? 'One target was tried' : `${attempt.ordinal} targets were tried`
  const why = following === undefined ? '' : hasBudget ? '' : '; the budget of extra attempts is spent'
  const { failover: rules } = routed.route
  return { attempt, failover: rules, canTryNext: following !== undefined && hasBudget, tried: `${count}${why}.` }
}

function resultOf(verdict: Verdict): Answered | Failure {
  switch (verdict.kind) {
    case 'deliver':
      return verdict.answered
    case 'giveUp':
      return verdict.failure
    case 'next':
      throw new Error('judge() asked for a next target where there is none')
  }
}

interface Progress {
  readonly deps: FailoverDeps
  readonly records: AttemptRecord[]
}

async function attemptOnce(routed: RoutedCall, attempt: Attempt, { deps, records }: Progress): Promise<Outcome> {
  const request = buildRequest(routed.call, attempt, deps)
  if (request.kind === 'failure') {
    records.push({ targetId: attempt.targetId, outcome: request.code, durationMs: 0 })
    return { kind: 'refused', failure: request }
  }
  const sendAndRecord = async (isFresh: boolean): Promise<Outcome> => {
    const startMs = deps.now()
    const outcome = await send(request, { ...limitsOf(routed, startMs), isFresh }, deps)
    records.push({ targetId: attempt.targetId, outcome: nameOf(outcome), durationMs: deps.now() - startMs })
    return outcome
  }
  const outcome = await sendAndRecord(false)
  if (outcome.kind !== 'unreachable' || !outcome.isStaleConnection) return outcome
  deps.budget.recordExtra()
  return sendAndRecord(true)
}

function limitsOf({ call, route }: RoutedCall, nowMs: number) {
  const { firstTokenMs, idleMs, totalMs } = route.timeouts
  const { received } = call
  return {
    caller: received.caller,
    firstByteMs: call.isStreaming ? firstTokenMs : null,
    idleMs,
    totalMs: totalMs === undefined ? null : Math.max(1, totalMs - (nowMs - received.receivedAtMs)),
  }
}

function nameOf(outcome: Outcome): string {
  return outcome.kind === 'answered' ? String(outcome.status) : outcome.kind
}
