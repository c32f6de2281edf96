// Several levels as one store: asked from the nearest on, written all at once.
//
//   get -> memory -> disk -> shared(reach)     a hit further off is put into the nearer levels
//   set -> memory, disk, shared(reach)
//
// An entry that is no longer fresh is kept in hand while farther levels are asked: another pod may have renewed it.
// Levels keep their own deadlines; nothing here waits for a write.
import {
  ageOf,
  type CacheEntry,
  type CacheKey,
  type CacheStore,
  type FoundEntry,
  type LevelStatistics,
  type PurgeFilter,
  type Reach,
} from '../store.ts'

export interface TiersDeps {
  readonly now: () => number
  /** Beyond the pod; null: not configured. */
  readonly sharedLevel: (name: string) => CacheStore | null
  /** Those of all names that are in use. */
  readonly sharedLevels: () => readonly CacheStore[]
  readonly closeShared: () => Promise<void>
}

export class Tiers implements CacheStore {
  /** Of this pod, from the nearest on. */
  readonly #own: readonly CacheStore[]
  readonly #deps: TiersDeps
  /** Of this life. What was read before a purge is not put back after it. */
  #purges = 0

  constructor(own: readonly CacheStore[], deps: TiersDeps) {
    this.#own = own
    this.#deps = deps
  }

  get(key: CacheKey, reach: Reach): FoundEntry | null | Promise<FoundEntry | null> {
    const levels = this.#levelsOf(reach)
    const [nearest] = levels
    if (nearest === undefined) return null
    const found = nearest.get(key, reach)
    if (levels.length === 1) return found
    if (!(found instanceof Promise) && found !== null && this.#isFresh(found)) return found
    return this.#ask({ key, reach, levels }, found)
  }

  set(key: CacheKey, entry: CacheEntry, reach: Reach): void {
    for (const level of this.#levelsOf(reach)) level.set(key, entry, reach)
  }

  delete(key: CacheKey, reach: Reach): void {
    for (const level of this.#levelsOf(reach)) level.delete(key, reach)
  }

  async purge(filter: PurgeFilter): Promise<number | null> {
    this.#purges += 1
    const counts = await Promise.all(this.#all().map((level) => level.purge(filter)))
    return counts.reduce((sum, count) => (sum === null || count === null ? null : sum + count), 0)
  }

  async statistics(): Promise<readonly LevelStatistics[]> {
    return (await Promise.all(this.#all().map((level) => level.statistics()))).flat()
  }

  async flush(): Promise<void> {
    await Promise.all(this.#all().map((level) => level.flush()))
  }

  async close(): Promise<void> {
    await Promise.all([...this.#own.map((level) => level.close()), this.#deps.closeShared()])
  }

  async #ask({ key, reach, levels }: Question, first: FoundEntry | null | Promise<FoundEntry | null>) {
    const purges = this.#purges
    let best = await first
    for (const [index, level] of levels.entries()) {
      const found = index === 0 ? best : await level.get(key, reach)
      if (found === null || (best !== null && found.facts.freshUntilMs < best.facts.freshUntilMs)) continue
      best = found
      if (!this.#isFresh(found)) continue
      if (purges === this.#purges) for (const nearer of levels.slice(0, index)) nearer.set(key, found, reach)
      break
    }
    return best
  }

  #isFresh({ facts }: CacheEntry): boolean {
    return ageOf(facts, this.#deps.now()) === 'fresh'
  }

  #levelsOf(reach: Reach): readonly CacheStore[] {
    if (reach === null) return this.#own
    const shared = this.#deps.sharedLevel(reach)
    return shared === null ? this.#own : [...this.#own, shared]
  }

  #all(): readonly CacheStore[] {
    return [...this.#own, ...this.#deps.sharedLevels()]
  }
}

interface Question {
  readonly key: CacheKey
  readonly reach: Reach
  readonly levels: readonly CacheStore[]
}
