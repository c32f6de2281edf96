// A rule's failover as a proxy keeps it. Pure. Nothing is written of a hedge that is off, so that tables stay readable
// for proxies of before.
import type { ModelRouteRule } from '../crds/model-route.ts'
import { durationToMs } from '../crds/shapes.ts'
import type { FailoverClass, Route } from '../proxy/table/schema.ts'
import { toTimeoutMs } from './timeouts.ts'

export function toFailover({ failover }: Pick<ModelRouteRule, 'failover'>): Route['failover'] {
  const { attempts, when, hedgeAfter } = failover
  const isHedged = hedgeAfter !== undefined && durationToMs(hedgeAfter) > 0
  return { attempts, on: when, ...(isHedged ? { hedgeAfterMs: toTimeoutMs(hedgeAfter) } : {}) }
}

type Equal<One, Other> = [One, Other] extends [Other, One] ? true : false

/** The resource and the table name the same classes, each in a file that may not import the other: tied here. */
export const ARE_CLASSES_EQUAL: Equal<FailoverClass, ModelRouteRule['failover']['when'][number]> = true
