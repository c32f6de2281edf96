// Entries on their way to a slower level: the newest of each key, within a bound. What does not fit is left out, since
// a call must not wait for a cache.
import { matchesFilter, type CacheEntry, type CacheKey, type PurgeFilter } from '../store.ts'

export const MAX_QUEUED_WRITES = 1024
export const MAX_QUEUED_BYTES = 8 * 1024 * 1024

export interface QueuedWrite {
  readonly key: CacheKey
  /** Null: the key is to be forgotten. */
  readonly entry: CacheEntry | null
}

export interface BatchBounds {
  readonly maxWrites: number
  readonly maxBytes: number
}

export class WriteQueue {
  readonly #writes = new Map<CacheKey, CacheEntry | null>()
  #bytes = 0

  get size(): number {
    return this.#writes.size
  }

  /** Undefined: nothing is known of that key here. */
  find(key: CacheKey): CacheEntry | null | undefined {
    return this.#writes.get(key)
  }

  /** False: no room. An entry that it would have replaced must go all the same, so that stays as a deletion. */
  add(key: CacheKey, entry: CacheEntry | null): boolean {
    this.#remove(key)
    if (this.#writes.size >= MAX_QUEUED_WRITES) return false
    const hasRoom = this.#bytes + bytesOf(entry) <= MAX_QUEUED_BYTES
    const kept = hasRoom ? entry : null
    this.#writes.set(key, kept)
    this.#bytes += bytesOf(kept)
    return hasRoom
  }

  /** The oldest ones; at least one, whatever its size. */
  take({ maxWrites, maxBytes }: BatchBounds): readonly QueuedWrite[] {
    const taken: QueuedWrite[] = []
    let bytes = 0
    for (const [key, entry] of this.#writes) {
      bytes += bytesOf(entry)
      if (taken.length === maxWrites || (taken.length > 0 && bytes > maxBytes)) break
      taken.push({ key, entry })
      this.#remove(key)
    }
    return taken
  }

  purge(filter: PurgeFilter): number {
    let count = 0
    for (const [key, entry] of this.#writes) {
      if (entry === null || !matchesFilter(filter, key, entry.facts)) continue
      this.add(key, null)
      count += 1
    }
    return count
  }

  clear(): void {
    this.#writes.clear()
    this.#bytes = 0
  }

  #remove(key: CacheKey): void {
    const entry = this.#writes.get(key)
    if (entry === undefined) return
    this.#writes.delete(key)
    this.#bytes -= bytesOf(entry)
  }
}

function bytesOf(entry: CacheEntry | null): number {
  return entry === null ? 0 : entry.value.length
}
