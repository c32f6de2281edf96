// What a caller is told when no target answered and every one of them is ejected: not that some provider failed, but
// that all of the rule's are known to fail, and when the first of them is asked again. Pure.
import { failure, type Failure } from '../errors.ts'
import type { Answered, Attempt } from '../exchange.ts'
import type { Health, TargetHealth } from './health.ts'

interface Seen {
  readonly attempts: readonly Attempt[]
  readonly health: Pick<Health, 'stateOf'>
  readonly nowMs: number
}

/** The same result, unless it says that all targets failed and all of them are ejected. */
export function toldOfEjections(result: Answered | Failure, { attempts, health, nowMs }: Seen): Answered | Failure {
  if (result.kind !== 'failure' || result.code !== 'targets_failed' || attempts.length < 2) return result
  const states = attempts.map(({ targetId }) => health.stateOf(targetId))
  if (!states.every(({ state }) => state === 'ejected' || state === 'half open')) return result
  const nextMs = Math.max(1000, Math.min(...states.map((state) => untilOf(state, nowMs))))
  const seconds = Math.ceil(nextMs / 1000)
  const message =
    `${result.message} All ${attempts.length} targets of the rule are ejected, because they kept failing; the first ` +
    `of them is given calls again in ${seconds} s.`
  return { ...failure('targets_ejected', message), retryAfterMs: nextMs }
}

function untilOf({ untilMs }: TargetHealth, nowMs: number): number {
  return untilMs === null ? 0 : untilMs - nowMs
}
