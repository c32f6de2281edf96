// A canary's share at a moment, and whether it does worse than the rule's own targets. Pure.
//
//   share    by the wall clock from the start that the resource names, so that every pod agrees and a restart loses
//            nothing: 0 before it, then step after step, the last one for good
//   stop     errors   its rate of failures exceeds theirs by more than the rule allows
//            slower   its first tokens come later by more than the rule allows
//            each only where chance cannot be the reason (SURE_STEPS standard errors)
//
// A call that the canary fails goes on to the rule's own targets, as after any failure, so that a bad canary costs time
// until it is stopped, and no answers.
import type { Canary } from '../table/schema.ts'

/** Looked at after each call, a limit of 2 would be crossed by chance in the end (docs/strategies.md). */
export const SURE_STEPS = 3
/** Counts are halved here, so that what was long ago fades. */
export const MAX_COUNTED = 1024

/** Milliseconds as logarithms: times are compared by their ratio, and the few that are very long do not decide. */
export interface Times {
  readonly count: number
  readonly mean: number
  /** Sum of squared distances to the mean. */
  readonly spread: number
}

export interface Arm {
  readonly calls: number
  readonly failures: number
  readonly streamed: Times
  readonly whole: Times
}

const NO_TIMES: Times = { count: 0, mean: 0, spread: 0 }
export const NO_CALLS: Arm = { calls: 0, failures: 0, streamed: NO_TIMES, whole: NO_TIMES }

export interface CallOutcome {
  readonly hasFailed: boolean
  readonly isStreaming: boolean
  /** To the first token, or to the whole answer. */
  readonly tookMs: number
}

export function percentAt({ startMs, steps }: Pick<Canary, 'startMs' | 'steps'>, nowMs: number): number {
  if (nowMs < startMs) return 0
  let endMs = startMs
  for (const { percent, forMs } of steps) {
    endMs += forMs
    if (nowMs < endMs) return percent
  }
  return steps.at(-1)?.percent ?? 0
}

export function withCall(arm: Arm, { hasFailed, isStreaming, tookMs }: CallOutcome): Arm {
  const { calls, failures, streamed, whole } = arm.calls >= MAX_COUNTED ? halved(arm) : arm
  if (hasFailed) return { calls: calls + 1, failures: failures + 1, streamed, whole }
  return {
    calls: calls + 1,
    failures,
    streamed: isStreaming ? withTime(streamed, tookMs) : streamed,
    whole: isStreaming ? whole : withTime(whole, tookMs),
  }
}

export type StopReason = 'errors' | 'slower'

/** Null: it may go on. */
export function reasonToStop(canary: Arm, baseline: Arm, limits: Canary['stopWhen']): StopReason | null {
  if (canary.calls < limits.minCalls) return null
  if (hasMoreErrors(canary, baseline, limits)) return 'errors'
  const isSlower = (['streamed', 'whole'] as const).some((kind) => comesLater(canary[kind], baseline[kind], limits))
  return isSlower ? 'slower' : null
}

/**
 * With no calls to compare with, nothing may fail. Else two shares with one success and one failure added to each
 * (Agresti and Caffo 2000), which holds for few calls too.
 */
function hasMoreErrors(canary: Arm, baseline: Arm, { errors }: Canary['stopWhen']): boolean {
  const [its, theirs] = [shareOf(canary), shareOf(baseline)]
  const error = Math.sqrt(its.variance + theirs.variance)
  return its.share - theirs.share - errors / 100 > SURE_STEPS * error
}

function shareOf({ calls, failures }: Arm): { readonly share: number; readonly variance: number } {
  if (calls === 0) return { share: 0, variance: 0 }
  const share = (failures + 1) / (calls + 2)
  return { share, variance: (share * (1 - share)) / (calls + 2) }
}

/** Welch's comparison of two means. */
function comesLater(its: Times, theirs: Times, { slower, minCalls }: Canary['stopWhen']): boolean {
  if (its.count < Math.max(2, minCalls) || theirs.count < Math.max(2, minCalls)) return false
  const error = Math.sqrt(varianceOfMean(its) + varianceOfMean(theirs))
  return its.mean - theirs.mean - Math.log1p(slower / 100) > SURE_STEPS * error
}

function varianceOfMean({ count, spread }: Times): number {
  return spread / (count - 1) / count
}

function withTime({ count, mean, spread }: Times, tookMs: number): Times {
  const value = Math.log(Math.max(1, tookMs))
  const next = mean + (value - mean) / (count + 1)
  return { count: count + 1, mean: next, spread: spread + (value - mean) * (value - next) }
}

function halved({ calls, failures, streamed, whole }: Arm): Arm {
  const half = ({ count, mean, spread }: Times): Times => ({ count: count / 2, mean, spread: spread / 2 })
  return { calls: calls / 2, failures: failures / 2, streamed: half(streamed), whole: half(whole) }
}
