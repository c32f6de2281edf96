// The cache put together: its levels, their metrics, what the admin port can ask of it, and the stage of the pipeline.
// Nothing of it is loaded before a table has a rule with a cache.
import type { Registry } from 'prom-client'
import type { AdminTool } from './admin-tools.ts'
import { CachingOnDemand } from './cache/caching-on-demand.ts'
import { createCacheTools } from './cache-tools.ts'
import type { ScopeNames } from './cache/key.ts'
import type { CacheStore, LevelObserver } from './cache/store.ts'
import type { Exchange } from './exchange.ts'
import type { KeyRing } from './table/key-ring.ts'
import type { TableHolder } from './table/holder.ts'
import type { Clock } from './telemetry/clock.ts'
import type { Logger } from './telemetry/log.ts'
import type { Timers } from './upstream/timers.ts'

export interface CacheSettings {
  readonly memoryBytes: number
  /** Null: no level on disk. */
  readonly disk: { readonly path: string; readonly maxBytes: number } | null
  readonly names: ScopeNames
  readonly namespace: string
}

const DEFAULTS: CacheSettings = {
  memoryBytes: 32 * 1024 * 1024,
  disk: null,
  names: { pod: null, workload: null },
  namespace: 'local',
}

export interface CacheWiringDeps {
  readonly tables: Pick<TableHolder, 'current'>
  readonly keys: KeyRing
  readonly clock: Clock
  readonly timers: Timers
  readonly logger: Logger
  readonly registry: Registry
  /** Told of the calls that the cache makes by itself. */
  readonly report: (exchange: Exchange) => void
}

export interface WiredCache {
  readonly caching: CachingOnDemand
  readonly tools: readonly AdminTool[]
  /** What is on its way to a disk gets there, within a bound. */
  readonly close: () => Promise<void>
}

/** Without settings: in memory alone. */
export function wireCaching(given: CacheSettings | undefined, deps: CacheWiringDeps): WiredCache {
  const settings = given ?? DEFAULTS
  const { clock, timers, logger, report } = deps
  const now = () => clock.now()
  const opened: { store: CacheStore | null } = { store: null }
  const load = async () => {
    const { createCaching } = await import('./cache/create-caching.ts')
    const { store, locks } = await openStore(settings, deps)
    opened.store = store
    return createCaching({ store, locks, names: settings.names, now, timers, logger, report })
  }
  return {
    caching: new CachingOnDemand({ load, logger }),
    tools: createCacheTools({ store: () => opened.store, now }),
    close: () => opened.store?.close() ?? Promise.resolve(),
  }
}

async function openStore({ memoryBytes, disk, namespace }: CacheSettings, deps: CacheWiringDeps) {
  const { createCacheStore } = await import('./cache/levels/cache-store.ts')
  const { createCacheMetrics } = await import('./telemetry/cache-metrics.ts')
  const metrics = createCacheMetrics(deps.registry, () => levels.store.statistics())
  const observer: LevelObserver = {
    looked: (level, result, tookMs) => {
      metrics.looks.add(level, result)
      if (level !== 'memory') metrics.lookSeconds.observe(level, tookMs / 1000)
    },
    dropped: (level, reason) => metrics.drops.add(level, reason),
    evicted: (level, count) => metrics.evictions.addCount(count, level),
    skipped: (level, reason) => metrics.skips.add(level, reason),
  }
  const levels = createCacheStore(
    { memoryBytes, disk },
    {
      ...deps,
      now: () => deps.clock.now(),
      elapsedMs: () => performance.now(),
      observer,
      namespace,
      sharedCaches: () => deps.tables.current()?.sharedCaches,
    },
  )
  return levels
}
