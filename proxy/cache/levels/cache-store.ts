// The levels that a proxy has, as one store. Loaded with the first table that has a rule with a cache, since pods
// without one, most of them, do not pay for it.
//
//   memory, always -> disk, where a folder is given -> the shared caches that the table names
import type { Logger } from '../../telemetry/log.ts'
import type { Timers } from '../../upstream/timers.ts'
import type { SharedLocks } from '../flight/across-pods.ts'
import type { CacheStore, LevelObserver } from '../store.ts'
import { DiskLevel } from './disk.ts'
import type { DiskSettings } from './disk-messages.ts'
import { MemoryLevel } from './memory.ts'
import { createSharedLocks } from './shared-locks.ts'
import { SharedLevels, type SharedLevelsDeps } from './shared-levels.ts'
import { Tiers } from './tiers.ts'

export interface CacheStoreSettings {
  readonly memoryBytes: number
  /** Null: no level on disk. */
  readonly disk: DiskSettings | null
}

export interface CacheStoreDeps {
  readonly now: () => number
  readonly elapsedMs: () => number
  readonly timers: Timers
  readonly observer: LevelObserver
  readonly logger: Pick<Logger, 'info' | 'warn'>
  readonly keys: SharedLevelsDeps['keys']
  readonly namespace: string
  readonly sharedCaches: SharedLevelsDeps['rows']
}

export interface CacheLevels {
  readonly store: CacheStore
  readonly locks: SharedLocks
}

export function createCacheStore({ memoryBytes, disk }: CacheStoreSettings, deps: CacheStoreDeps): CacheLevels {
  const memory = new MemoryLevel(memoryBytes, deps)
  const onDisk = disk === null ? null : new DiskLevel(disk, deps)
  const shared = new SharedLevels({ ...deps, rows: deps.sharedCaches })
  onDisk?.start()
  shared.start()
  const store = new Tiers(onDisk === null ? [memory] : [memory, onDisk], {
    now: deps.now,
    sharedLevel: (name) => shared.find(name)?.level ?? null,
    sharedLevels: () => shared.all(),
    closeShared: () => shared.close(),
  })
  return { store, locks: createSharedLocks(shared) }
}
