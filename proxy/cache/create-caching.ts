// The cache of one proxy put together from its parts; loaded by caching-on-demand.ts.
import type { Logger } from '../telemetry/log.ts'
import type { Timers } from '../upstream/timers.ts'
import { Caching } from './caching.ts'
import { RecordingBudget } from './flight/recording-budget.ts'
import { SingleFlight } from './flight/single-flight.ts'
import type { ScopeNames } from './key.ts'
import type { CacheStore } from './store.ts'

export interface CachingParts {
  readonly store: CacheStore
  readonly names: ScopeNames
  readonly now: () => number
  readonly timers: Timers
  readonly logger: Pick<Logger, 'error'>
}

export function createCaching({ store, names, now, timers, logger }: CachingParts): Caching {
  const flights = new SingleFlight<readonly string[]>({ timers, budget: new RecordingBudget() })
  return new Caching({ store, flights, names, now, logger })
}
