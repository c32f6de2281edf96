// The nearest level: entries of this process, the longest unused out first. Its budget counts what an entry costs
// beside its bytes, so that a million tiny ones stay within it as one large one does.
import { LRUCache } from 'lru-cache'
import { ownBytes } from './own-bytes.ts'
import {
  ageOf,
  matchesFilter,
  type CacheEntry,
  type CacheKey,
  type CacheStore,
  type FoundEntry,
  type LevelObserver,
  type LevelStatistics,
  type PurgeFilter,
} from '../store.ts'

/** Key, facts, Buffer, places in the list, and what coming and going entries leave between them: as measured. */
export const ENTRY_OVERHEAD_BYTES = 1792
/** One entry may take this part of the budget, so that a single answer cannot turn out all others. */
const LARGEST_SHARE = 8

export interface MemoryDeps {
  readonly now: () => number
  readonly observer: LevelObserver
}

export class MemoryLevel implements CacheStore {
  readonly #entries: LRUCache<CacheKey, FoundEntry>
  readonly #maxBytes: number
  readonly #deps: MemoryDeps
  #isClosed = false

  constructor(maxBytes: number, deps: MemoryDeps) {
    this.#maxBytes = maxBytes
    this.#deps = deps
    this.#entries = new LRUCache<CacheKey, FoundEntry>({
      maxSize: maxBytes,
      maxEntrySize: Math.max(1, Math.floor(maxBytes / LARGEST_SHARE)),
      sizeCalculation: sizeOf,
      dispose: (_entry, _key, reason) => {
        if (reason === 'evict') deps.observer.evicted('memory', 1)
      },
    })
  }

  get(key: CacheKey): FoundEntry | null {
    const found = this.#find(key)
    this.#deps.observer.looked('memory', found === null ? 'miss' : 'hit', 0)
    return found
  }

  set(key: CacheKey, { facts, value }: CacheEntry): void {
    if (this.#isClosed) return
    const entry: FoundEntry = { facts, value: ownBytes(value), level: 'memory' }
    if (sizeOf(entry) > this.#maxBytes / LARGEST_SHARE) {
      this.#entries.delete(key)
      this.#deps.observer.skipped('memory', 'tooLarge')
    } else this.#entries.set(key, entry)
  }

  delete(key: CacheKey): void {
    this.#entries.delete(key)
  }

  purge(filter: PurgeFilter): Promise<number> {
    let count = 0
    for (const [key, { facts }] of this.#entries.entries()) {
      if (matchesFilter(filter, key, facts) && this.#entries.delete(key)) count += 1
    }
    return Promise.resolve(count)
  }

  statistics(): Promise<readonly LevelStatistics[]> {
    const { size: entries, calculatedSize: bytes } = this.#entries
    return Promise.resolve([{ level: 'memory', state: 'ready', entries, bytes, maxBytes: this.#maxBytes }])
  }

  flush(): Promise<void> {
    return Promise.resolve()
  }

  close(): Promise<void> {
    this.#isClosed = true
    this.#entries.clear()
    return Promise.resolve()
  }

  #find(key: CacheKey): FoundEntry | null {
    const entry = this.#entries.get(key)
    if (entry === undefined) return null
    const age = ageOf(entry.facts, this.#deps.now())
    if (age === 'fresh' || age === 'stale') return entry
    this.#entries.delete(key)
    if (age === 'future') this.#deps.observer.dropped('memory', 'future')
    return null
  }
}

function sizeOf({ value }: CacheEntry): number {
  return value.length + ENTRY_OVERHEAD_BYTES
}
