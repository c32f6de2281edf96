// What every level of the cache can do, and what an entry is. The levels (levels/) keep entries; what may be kept and
// what a key covers is decided before (key, policy), what a value says is known to the recording alone.
//
//   lookup -> get(key, reach) -> FoundEntry | null          recording -> set(key, entry, reach)
//
// A store never fails a call: get() neither throws nor rejects and is over within the level's deadline, set() returns
// at once and may be forgotten. What was kept wrongly (corrupted, foreign, from the future) is dropped and counted.

/** Sha-256 of what the answer depends on, 43 characters of base64url: `createHash('sha256')...digest('base64url')`. */
export type CacheKey = string

export const KEY_PATTERN = /^[A-Za-z0-9_-]{43}$/

/** From the nearest to the farthest. */
export const LEVEL_NAMES = ['memory', 'disk', 'shared'] as const
export type LevelName = (typeof LEVEL_NAMES)[number]

/** The shared cache, by its name in the table, that an entry is offered to; null: it never leaves the pod. */
export type Reach = string | null

/** What the levels and their operations need to know of an entry. Times are wall-clock milliseconds. */
export interface EntryFacts {
  readonly storedAtMs: number
  readonly freshUntilMs: number
  /** At or after freshUntilMs; past it the entry is gone. */
  readonly staleUntilMs: number
  /** Names for purging and statistics; nothing is decided by them. */
  readonly route: string
  /** Who may share it: `pod`, `workload` or `namespace`. */
  readonly scope: string
}

export interface CacheEntry {
  readonly facts: EntryFacts
  /** Opaque; never changed by anyone once it is handed over. */
  readonly value: Buffer
}

export interface FoundEntry extends CacheEntry {
  readonly level: LevelName
}

/** Entries for which everything that is named holds; nothing named: all. */
export interface PurgeFilter {
  readonly key?: CacheKey
  readonly route?: string
  readonly scope?: string
  /** Stored before this time. */
  readonly storedBeforeMs?: number
}

export interface LevelStatistics {
  readonly level: LevelName
  readonly state: 'ready' | 'off' | 'failing'
  /** Null: the level cannot tell without reading all it has. */
  readonly entries: number | null
  readonly bytes: number | null
  /** Null: not bounded by this proxy. */
  readonly maxBytes: number | null
}

export interface CacheStore {
  /** A hit in memory comes without a promise. Entries past staleUntilMs, or from the future, are never returned. */
  get(key: CacheKey, reach: Reach): FoundEntry | null | Promise<FoundEntry | null>
  /** The newest entry of a key wins. What does not fit the level's budget is left out. */
  set(key: CacheKey, entry: CacheEntry, reach: Reach): void
  delete(key: CacheKey, reach: Reach): void
  /** How many entries went, over all levels; null: a level could not be asked. */
  purge(filter: PurgeFilter): Promise<number | null>
  statistics(): Promise<readonly LevelStatistics[]>
  /** When all that was set before is where it belongs, or given up. */
  flush(): Promise<void>
  /** Flushes within a bound; afterwards get() is a miss and set() does nothing. */
  close(): Promise<void>
}

/** What happens to entries, for metrics; numbers and names alone. */
export interface LevelObserver {
  readonly looked: (level: LevelName, result: LookResult, tookMs: number) => void
  readonly dropped: (level: LevelName, reason: DropReason) => void
  readonly evicted: (level: LevelName, count: number) => void
  /** A level was not asked, or a write not made. */
  readonly skipped: (level: LevelName, reason: SkipReason) => void
}

export type LookResult = 'hit' | 'miss'

/** Why an entry, or all of a level, was thrown away although its time had not come. */
export const DROP_REASONS = ['corrupt', 'foreign', 'schema', 'future', 'file'] as const
export type DropReason = (typeof DROP_REASONS)[number]

/** `deadline`: no answer in time; `open`: failed lately; `failed`; `busy`: too much is under way; `tooLarge`. */
export const SKIP_REASONS = ['deadline', 'open', 'failed', 'busy', 'tooLarge'] as const
export type SkipReason = (typeof SKIP_REASONS)[number]

/** Clocks of two pods, or of one before and after a correction, may differ by this much. */
export const MAX_CLOCK_SKEW_MS = 60_000
/** No rule keeps an entry longer; one that says so was not written by us. */
export const MAX_LIFETIME_MS = 31 * 24 * 60 * 60 * 1000

export type EntryAge = 'fresh' | 'stale' | 'expired' | 'future'

/**
 * One judgement for all levels.
 *
 *   stored in the future by more than the skew -> future   (the clock was set back, or was wrong when it was written)
 *   before freshUntilMs -> fresh    before staleUntilMs -> stale    else -> expired
 */
export function ageOf({ storedAtMs, freshUntilMs, staleUntilMs }: EntryFacts, nowMs: number): EntryAge {
  if (storedAtMs > nowMs + MAX_CLOCK_SKEW_MS || staleUntilMs > storedAtMs + MAX_LIFETIME_MS) return 'future'
  if (nowMs < freshUntilMs) return 'fresh'
  return nowMs < staleUntilMs ? 'stale' : 'expired'
}

export function matchesFilter(filter: PurgeFilter, key: CacheKey, facts: EntryFacts): boolean {
  return (
    (filter.key === undefined || filter.key === key) &&
    (filter.route === undefined || filter.route === facts.route) &&
    (filter.scope === undefined || filter.scope === facts.scope) &&
    (filter.storedBeforeMs === undefined || facts.storedAtMs < filter.storedBeforeMs)
  )
}
