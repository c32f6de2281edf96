// One attempt at a target, from its request to its outcome and the record of it. A reset on a connection that had
// served before, without one byte of an answer, is a stale keep-alive: the attempt is sent once more on a new
// connection and the outcome is that one's.
import type { Caller } from '../caller.ts'
import type { Attempt, AttemptRecord, Outcome, RoutedCall } from '../exchange.ts'
import type { AttemptBudget } from './budget.ts'
import { withFinish } from './finished.ts'
import type { Health } from './health.ts'
import type { Asked, Meters } from '../strategy/meters.ts'
import { classOf } from './outcome-classes.ts'
import { MAX_PREAMBLE_MS } from './preamble.ts'
import { buildRequest, type RequestDeps, type UpstreamRequest } from './request.ts'
import { send, type SendDeps, type SendLimits } from './send.ts'

export interface AttemptDeps extends SendDeps, RequestDeps {
  readonly budget: AttemptBudget
  readonly health: Pick<Health, 'order' | 'begin' | 'end' | 'outrun' | 'stateOf'>
  readonly meters: Pick<Meters, 'begin'>
}

export interface Progress {
  readonly deps: AttemptDeps
  readonly records: AttemptRecord[]
  /** Who waits for this attempt: the call's own caller, or one whose attempt can be called off alone (hedge.ts). */
  readonly caller: Caller
}

export interface Ended {
  readonly attempt: Attempt
  readonly outcome: Outcome
}

export async function attemptOnce(routed: RoutedCall, attempt: Attempt, progress: Progress): Promise<Ended> {
  const { health, meters } = progress.deps
  health.begin(attempt)
  const measurement = meters.begin(attempt.targetId)
  const outcome = await sendOnce(routed, attempt, progress)
  health.end(attempt, outcome)
  return { attempt, outcome: measurement === null ? outcome : measurement.ended(outcome, askedOf(routed)) }
}

function askedOf({ call }: RoutedCall): Asked {
  return { isStreaming: call.isStreaming, isTimed: call.received.place.operation !== 'CountTokens' }
}

async function sendOnce(routed: RoutedCall, attempt: Attempt, { deps, records, caller }: Progress): Promise<Outcome> {
  const request = buildRequest(routed.call, attempt, deps)
  if (request.kind === 'failure') {
    records.push({ targetId: attempt.targetId, outcome: request.code, failureClass: null, durationMs: 0 })
    return { kind: 'refused', failure: request }
  }
  const sendAndRecord = async (isFresh: boolean): Promise<Outcome> => {
    const startMs = deps.now()
    const sent = await send(request, { ...limitsOf(routed, startMs), isFresh, caller }, deps)
    const outcome = understood(sent, { routed, attempt, request })
    records.push(toRecord(attempt, outcome, { request, durationMs: deps.now() - startMs }))
    return outcome
  }
  const outcome = await sendAndRecord(false)
  if (outcome.kind !== 'unreachable' || !outcome.isStaleConnection) return outcome
  deps.budget.recordExtra()
  return sendAndRecord(true)
}

/** What is known of an outcome beside the wire's own. */
function understood(outcome: Outcome, { routed, attempt, request }: Sent): Outcome {
  if (outcome.kind !== 'answered') return outcome
  const { adjusted } = request
  const answered = withFinish(outcome, { routed, attempt, isClamped: adjusted.length > 0 })
  return adjusted.length === 0 ? answered : { ...answered, adjusted }
}

interface Sent {
  readonly routed: RoutedCall
  readonly attempt: Attempt
  readonly request: UpstreamRequest
}

function limitsOf({ call, route }: RoutedCall, nowMs: number): Omit<SendLimits, 'isFresh' | 'caller'> {
  const { firstTokenMs, idleMs, totalMs } = route.timeouts
  const { received } = call
  return {
    firstTokenMs: call.isStreaming ? firstTokenMs : null,
    idleMs,
    // A preamble says nothing yet: on a hedged rule it must not win against a target that has a first token.
    preambleMs: route.failover.hedgeAfterMs === undefined ? MAX_PREAMBLE_MS : null,
    totalMs: totalMs === undefined ? null : Math.max(1, totalMs - (nowMs - received.receivedAtMs)),
  }
}

function toRecord(
  { targetId }: Attempt,
  outcome: Outcome,
  { request, durationMs }: { readonly request: UpstreamRequest; readonly durationMs: number },
): AttemptRecord {
  const name = outcome.kind === 'answered' ? String(outcome.status) : outcome.kind
  const record = { targetId, outcome: name, failureClass: classOf(outcome), durationMs }
  return request.adjusted.length === 0 ? record : { ...record, isClamped: true }
}
