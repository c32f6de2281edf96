// The level on the pod's own disk: survives a restart of the proxy. Its file lives in a thread (disk-thread.ts); here
// are deadline, batches of writes and the rest after failures.
//
//   get -> waiting writes -> thread, DEADLINE_MS -> entry | miss
//   set -> waiting writes -> a batch at a time -> thread
//
// Whatever fails (disk full, read-only, slow, locked, the thread itself) is a miss, counted, and logged once.
import type { Logger } from '../../telemetry/log.ts'
import type { Timers } from '../../upstream/timers.ts'
import {
  ageOf,
  type CacheEntry,
  type CacheKey,
  type CacheStore,
  type FoundEntry,
  type LevelObserver,
  type LevelStatistics,
  type PurgeFilter,
} from '../store.ts'
import { Breaker } from './breaker.ts'
import { DiskClient, type Asked } from './disk-client.ts'
import type { DiskReply, DiskSettings } from './disk-messages.ts'
import { ownBytes } from './own-bytes.ts'
import { WriteBehind } from './write-behind.ts'
import type { QueuedWrite } from './write-queue.ts'

export const DISK_DEADLINE_MS = 5
/** For what nobody's call waits for; a purge looks at each row of a large file. */
const OPERATION_DEADLINE_MS = 60_000
const CLOSING_DEADLINE_MS = 2000
const REST_MS = 1000
/** Small, because reads behind a batch wait for it. */
const BATCH = { maxWrites: 32, maxBytes: 512 * 1024 }
/** One entry may take this part of the file. */
const LARGEST_SHARE = 32

export interface DiskLevelDeps {
  readonly now: () => number
  readonly elapsedMs: () => number
  readonly timers: Timers
  readonly observer: LevelObserver
  readonly logger: Pick<Logger, 'info' | 'warn'>
  readonly threadUrl?: URL | undefined
}

export class DiskLevel implements CacheStore {
  readonly #settings: DiskSettings
  readonly #deps: DiskLevelDeps
  readonly #breaker: Breaker
  readonly #writes: WriteBehind
  #client: DiskClient | null = null
  #isOpen = false
  #isClosed = false
  #lastFault = ''
  #whenOpen: (() => void)[] = []

  constructor(settings: DiskSettings, deps: DiskLevelDeps) {
    this.#settings = settings
    this.#deps = deps
    const onChange = (isResting: boolean) => this.#logChange(isResting)
    this.#breaker = new Breaker({ elapsedMs: deps.elapsedMs, restMs: REST_MS, onChange })
    this.#writes = new WriteBehind({
      bounds: BATCH,
      isReady: () => this.#admitted() !== null,
      send: (writes) => this.#send(writes),
      onLeftOut: () => deps.observer.skipped('disk', 'busy'),
    })
  }

  /** The file is opened in the thread; until then every look is a miss. */
  start(): void {
    if (this.#client !== null || this.#isClosed) return
    this.#isOpen = false
    this.#client = DiskClient.start(this.#settings, {
      threadUrl: this.#deps.threadUrl,
      timers: this.#deps.timers,
      onReply: (reply) => this.#note(reply),
      onEnd: (reason) => this.#ended(reason),
    })
  }

  get(key: CacheKey): FoundEntry | null | Promise<FoundEntry | null> {
    if (this.#isClosed) return null
    const written = this.#writes.find(key)
    if (written !== undefined) return written === null ? null : this.#judged(key, written)
    const client = this.#admitted()
    return client === null ? null : this.#read(client, key)
  }

  set(key: CacheKey, entry: CacheEntry): void {
    if (this.#isClosed) return
    const isTooLarge = entry.value.length > this.#settings.maxBytes / LARGEST_SHARE
    if (isTooLarge) this.#deps.observer.skipped('disk', 'tooLarge')
    this.#writes.add(key, isTooLarge ? null : entry)
  }

  delete(key: CacheKey): void {
    if (!this.#isClosed) this.#writes.add(key, null)
  }

  async purge(filter: PurgeFilter): Promise<number | null> {
    await this.#writes.purge(filter)
    const answer = await this.#ask({ kind: 'purge', filter })
    return answer.kind === 'purged' ? answer.count : null
  }

  async statistics(): Promise<readonly LevelStatistics[]> {
    const answer = this.#isClosed ? null : await this.#ask({ kind: 'count' })
    const counted = answer?.kind === 'counted' ? answer : { entries: null, bytes: null }
    const state = counted.entries === null ? (this.#isClosed ? 'off' : 'failing') : 'ready'
    const { entries, bytes } = counted
    return [{ level: 'disk', state, entries, bytes, maxBytes: this.#settings.maxBytes }]
  }

  async flush(): Promise<void> {
    if (!this.#isOpen && this.#client !== null) await new Promise<void>((resolve) => void this.#whenOpen.push(resolve))
    await this.#writes.flush()
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    const client = this.#client
    const limit = new Promise<void>((resolve) => void this.#deps.timers.start(CLOSING_DEADLINE_MS, resolve))
    await Promise.race([this.flush(), limit])
    this.#isClosed = true
    this.#writes.clear()
    await client?.ask({ kind: 'close' }, CLOSING_DEADLINE_MS)
    await client?.end()
  }

  async #read(client: DiskClient, key: CacheKey): Promise<FoundEntry | null> {
    const startedMs = this.#deps.elapsedMs()
    const answer = await client.ask({ kind: 'read', key }, DISK_DEADLINE_MS)
    const isAnswered = this.#judgeHealth(answer)
    const value = answer.kind === 'entry' ? ownBytes(answer.value) : null
    const found = answer.kind === 'entry' && value !== null ? this.#judged(key, { facts: answer.facts, value }) : null
    const tookMs = this.#deps.elapsedMs() - startedMs
    if (isAnswered) this.#deps.observer.looked('disk', found === null ? 'miss' : 'hit', tookMs)
    return this.#isClosed ? null : found
  }

  #judged(key: CacheKey, { facts, value }: CacheEntry): FoundEntry | null {
    const age = ageOf(facts, this.#deps.now())
    if (age === 'fresh' || age === 'stale') return { facts, value, level: 'disk' }
    if (age === 'future') this.#deps.observer.dropped('disk', 'future')
    this.delete(key)
    return null
  }

  async #send(writes: readonly QueuedWrite[]): Promise<boolean> {
    const answer = await this.#client?.ask({ kind: 'write', writes }, OPERATION_DEADLINE_MS)
    return answer !== undefined && this.#judgeHealth(answer)
  }

  async #ask(question: { readonly kind: 'purge'; readonly filter: PurgeFilter } | { readonly kind: 'count' }) {
    const client = this.#admitted()
    if (client === null) return { kind: 'ended' } as const
    const answer = await client.ask(question, OPERATION_DEADLINE_MS)
    this.#judgeHealth(answer)
    return answer
  }

  #admitted(): DiskClient | null {
    if (this.#client !== null && !this.#isOpen) return null
    if (!this.#breaker.admits()) {
      this.#deps.observer.skipped('disk', 'open')
      return null
    }
    if (this.#client === null) this.start()
    return this.#isOpen ? this.#client : null
  }

  #judgeHealth(answer: Asked): boolean {
    switch (answer.kind) {
      case 'late':
        this.#failed('deadline', 'it was too slow')
        return false
      case 'failed':
        this.#failed('failed', answer.reason)
        return false
      case 'busy':
        this.#deps.observer.skipped('disk', 'busy')
        return false
      case 'ended':
        return false
      default:
        this.#breaker.succeeded()
        return true
    }
  }

  #failed(reason: 'deadline' | 'failed', text: string): void {
    this.#lastFault = text
    this.#deps.observer.skipped('disk', reason)
    this.#breaker.failed()
  }

  #note({ id, dropped, evicted, ...answer }: DiskReply): void {
    for (const reason of dropped) this.#deps.observer.dropped('disk', reason)
    if (evicted > 0) this.#deps.observer.evicted('disk', evicted)
    if (id !== 0) return
    if (answer.kind === 'failed') this.#rest(answer.reason)
    this.#opened()
  }

  #opened(): void {
    this.#isOpen = true
    for (const resolve of this.#whenOpen.splice(0)) resolve()
    this.#writes.writeOn()
  }

  #ended(reason: string): void {
    this.#client = null
    if (!this.#isClosed) this.#rest(reason)
    for (const resolve of this.#whenOpen.splice(0)) resolve()
  }

  #rest(reason: string): void {
    this.#lastFault = reason
    this.#breaker.rest()
  }

  #logChange(isResting: boolean): void {
    const { logger } = this.#deps
    const file = this.#settings.path
    if (isResting)
      logger.warn({ file, reason: this.#lastFault }, 'the cache on disk cannot be used; calls go without it')
    else logger.info({ file }, 'the cache on disk is used again')
  }
}
