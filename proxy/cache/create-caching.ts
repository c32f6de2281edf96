// The cache of one proxy put together from its parts: entries, single-flight, and the stage that serves from them.
// Loaded by caching-on-demand.ts; the store comes from outside.
import { randomUUID } from 'node:crypto'
import type { Exchange } from '../exchange.ts'
import type { Logger } from '../telemetry/log.ts'
import type { Timers } from '../upstream/timers.ts'
import { AskedAnew } from './asked-anew.ts'
import { Caching } from './caching.ts'
import { Entries } from './entries.ts'
import type { SharedLocks } from './flight/across-pods.ts'
import { RecordingBudget } from './flight/recording-budget.ts'
import { SingleFlight } from './flight/single-flight.ts'
import type { ScopeNames } from './key.ts'
import type { Slots } from './slots.ts'
import type { CacheStore } from './store.ts'

export interface CachingParts {
  readonly store: CacheStore
  /** Of the shared caches; absent: there is none. */
  readonly locks?: SharedLocks | null
  readonly names: ScopeNames
  readonly now: () => number
  readonly timers: Timers
  readonly logger: Pick<Logger, 'error'>
  readonly report: (exchange: Exchange) => void
}

export function createCaching({ locks = null, ...parts }: CachingParts): Caching {
  const flights = new SingleFlight<Slots>({ timers: parts.timers, budget: new RecordingBudget() })
  const entries = new Entries(parts)
  const asked = new AskedAnew({ ...parts, locks, entries, flights, newToken: randomUUID })
  return new Caching({ ...parts, entries, asked })
}
