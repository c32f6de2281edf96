// A rule's failover as a proxy keeps it. Pure. Nothing is written of a hedge that is off, so that tables stay readable
// for proxies of before.
import type { ModelRouteRule } from '../../crds/model-route.ts'
import { durationToMs } from '../../crds/shapes.ts'
import type { FailoverClass, Route } from '../../proxy/table/schema.ts'
import { toTimeoutMs } from './timeouts.ts'

export function toFailover({ failover }: Pick<ModelRouteRule, 'failover'>): Route['failover'] {
  const { attempts, when, hedgeAfter } = failover
  const isHedged = hedgeAfter !== undefined && durationToMs(hedgeAfter) > 0
  return { attempts, on: when, ...(isHedged ? { hedgeAfterMs: toTimeoutMs(hedgeAfter) } : {}) }
}

/** A streamed call has gone on to the next backend by then. */
export function isHedgeTooLate({ failover, timeouts }: Pick<ModelRouteRule, 'failover' | 'timeouts'>): boolean {
  const { hedgeAfter = '0s' } = failover
  return failover.when.includes('Timeout') && durationToMs(hedgeAfter) >= durationToMs(timeouts.firstToken)
}

type Equal<One, Other> = [One, Other] extends [Other, One] ? true : false

/** The resource and the table name the same classes, each in a file that may not import the other: tied here. */
export const ARE_CLASSES_EQUAL: Equal<FailoverClass, ModelRouteRule['failover']['when'][number]> = true
