// Writes of a slower level: queued, sent a batch at a time, and found by reads until they have arrived. What could not
// be written is forgotten, and so is what lies there under the same key, since that is older.
import type { CacheEntry, CacheKey, PurgeFilter } from '../store.ts'
import { ownBytes } from './own-bytes.ts'
import { WriteQueue, type BatchBounds, type QueuedWrite } from './write-queue.ts'

export interface WriteBehindDeps {
  readonly bounds: BatchBounds
  /** False: not now; asked again with the next write, or by writeOn(). */
  readonly isReady: () => boolean
  /** False: none of them is known to be written. Never rejects. */
  readonly send: (writes: readonly QueuedWrite[]) => Promise<boolean>
  /** An entry found no room in the queue. */
  readonly onLeftOut: () => void
}

export class WriteBehind {
  readonly #deps: WriteBehindDeps
  readonly #queue = new WriteQueue()
  #underWay: ReadonlyMap<CacheKey, CacheEntry | null> = new Map()
  #sending: Promise<void> | null = null

  constructor(deps: WriteBehindDeps) {
    this.#deps = deps
  }

  /** Null: to be forgotten. Undefined: no write of that key is on its way. */
  find(key: CacheKey): CacheEntry | null | undefined {
    const queued = this.#queue.find(key)
    return queued === undefined ? this.#underWay.get(key) : queued
  }

  add(key: CacheKey, entry: CacheEntry | null): void {
    const isKept = this.#queue.add(key, entry === null ? null : { ...entry, value: ownBytes(entry.value) })
    if (!isKept && entry !== null) this.#deps.onLeftOut()
    this.writeOn()
  }

  writeOn(): void {
    if (this.#sending !== null || this.#queue.size === 0 || !this.#deps.isReady()) return
    const writes = this.#queue.take(this.#deps.bounds)
    this.#underWay = new Map(writes.map(({ key, entry }) => [key, entry]))
    this.#sending = this.#deps.send(writes).then((isDone) => {
      if (!isDone) this.#forget(writes)
      this.#underWay = new Map()
      this.#sending = null
      if (isDone) this.writeOn()
    })
  }

  /** Takes them out of what is queued, and waits for the batch that is under way. */
  async purge(filter: PurgeFilter): Promise<void> {
    this.#queue.purge(filter)
    await this.#sending
  }

  /** Until all is written, or writing has stopped. */
  async flush(): Promise<void> {
    this.writeOn()
    while (this.#sending !== null) await this.#sending
  }

  clear(): void {
    this.#queue.clear()
    this.#underWay = new Map()
  }

  #forget(writes: readonly QueuedWrite[]): void {
    for (const { key } of writes) if (this.#queue.find(key) === undefined) this.#queue.add(key, null)
  }
}
