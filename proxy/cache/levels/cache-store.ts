// The levels that a proxy has, as one store. Loaded with the first table that has a rule with a cache, since pods
// without one, most of them, do not pay for it.
import type { CacheStore, LevelObserver } from '../store.ts'
import { MemoryLevel } from './memory.ts'
import { Tiers } from './tiers.ts'

export interface CacheStoreSettings {
  readonly memoryBytes: number
}

export interface CacheStoreDeps {
  readonly now: () => number
  readonly observer: LevelObserver
}

export function createCacheStore({ memoryBytes }: CacheStoreSettings, deps: CacheStoreDeps): CacheStore {
  const memory = new MemoryLevel(memoryBytes, deps)
  return new Tiers([memory], { now: deps.now, sharedLevel: () => null, sharedLevels: () => [] })
}
