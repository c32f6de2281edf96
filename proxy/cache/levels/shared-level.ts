// The level beyond the pod: a Redis or Valkey server that the pods of a namespace share, each entry sealed (seal.ts).
//
//   get -> waiting writes -> GET name, SHARED_DEADLINE_MS -> unseal -> unpack -> entry | miss
//   set -> waiting writes -> pack, seal -> SET name PX, a batch at a time
//
// The server is not believed: what cannot be unsealed under the name it lay under is deleted, counted, and a miss. The
// server that is down, slow, or talks nonsense is skipped (redis-connection.ts).
import type { KeyRing } from '../../table/key-ring.ts'
import { namespaceKeysOf } from '../../redact/placeholder/namespace-key.ts'
import type { Timers } from '../../upstream/timers.ts'
import {
  ageOf,
  type CacheEntry,
  type CacheKey,
  type CacheStore,
  type DropReason,
  type FoundEntry,
  type LevelObserver,
  type LevelStatistics,
  type PurgeFilter,
} from '../store.ts'
import { pack, unpack } from './packing.ts'
import type { RedisCommand, RedisConnection } from './redis-connection.ts'
import { seal, sealedName, sealKeysOf, unseal, type SealKeys } from './seal.ts'
import { purgeShared } from './shared-purge.ts'
import { WriteBehind } from './write-behind.ts'
import type { QueuedWrite } from './write-queue.ts'

/** Whole: the way there, the server, the way back. */
export const SHARED_DEADLINE_MS = 20
/** Nobody's call waits for a write. */
const WRITE_DEADLINE_MS = 1000
const BATCH = { maxWrites: 32, maxBytes: 1024 * 1024 }
/** Larger values would hold up the server's other callers. */
export const MAX_SHARED_VALUE_BYTES = 4 * 1024 * 1024

export interface SharedLevelDeps {
  readonly connection: Pick<RedisConnection, 'ask' | 'connect' | 'close' | 'isReady'>
  readonly keys: Pick<KeyRing, 'find'>
  /** Start of all names: the version and the namespace. */
  readonly prefix: string
  readonly now: () => number
  readonly elapsedMs: () => number
  readonly timers: Timers
  readonly observer: LevelObserver
  readonly maxValueBytes: number
}

interface Keyed {
  readonly namespaceKey: string
  readonly keys: SealKeys
}

export class SharedLevel implements CacheStore {
  readonly #deps: SharedLevelDeps
  readonly #writes: WriteBehind
  #keyed: Keyed | null = null
  #isClosed = false

  constructor(deps: SharedLevelDeps) {
    this.#deps = deps
    this.#writes = new WriteBehind({
      bounds: BATCH,
      isReady: () => this.#isReady(),
      send: (writes) => this.#send(writes),
      onLeftOut: () => deps.observer.skipped('shared', 'busy'),
    })
  }

  get(key: CacheKey): FoundEntry | null | Promise<FoundEntry | null> {
    if (this.#isClosed) return null
    const written = this.#writes.find(key)
    if (written !== undefined) return written === null ? null : this.#judged(key, written)
    const keys = this.#sealKeys()
    if (keys !== null && this.#isReady()) return this.#read(key, keys)
    this.#deps.observer.skipped('shared', 'open')
    return null
  }

  set(key: CacheKey, entry: CacheEntry): void {
    if (this.#isClosed) return
    const isTooLarge = entry.value.length > this.#deps.maxValueBytes
    if (isTooLarge) this.#deps.observer.skipped('shared', 'tooLarge')
    this.#writes.add(key, isTooLarge ? null : entry)
  }

  delete(key: CacheKey): void {
    if (!this.#isClosed) this.#writes.add(key, null)
  }

  async purge(filter: PurgeFilter): Promise<number | null> {
    await this.#writes.purge(filter)
    await this.#deps.connection.connect()
    const keys = this.#sealKeys()
    if (keys === null || this.#isClosed) return null
    return purgeShared(filter, { keys, prefix: this.#deps.prefix, connection: this.#deps.connection })
  }

  statistics(): Promise<readonly LevelStatistics[]> {
    const state = this.#isClosed ? 'off' : this.#deps.connection.isReady ? 'ready' : 'failing'
    return Promise.resolve([{ level: 'shared', state, entries: null, bytes: null, maxBytes: null }])
  }

  async flush(): Promise<void> {
    await this.#deps.connection.connect()
    await this.#writes.flush()
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    const limit = new Promise<void>((resolve) => void this.#deps.timers.start(WRITE_DEADLINE_MS, resolve))
    await Promise.race([this.flush(), limit])
    this.#isClosed = true
    this.#writes.clear()
    this.#deps.connection.close()
  }

  async #read(key: CacheKey, keys: SealKeys): Promise<FoundEntry | null> {
    const startedMs = this.#deps.elapsedMs()
    const { observer, connection } = this.#deps
    const name = this.#nameOf(key, keys)
    const answer = await connection.ask(['GET', name], SHARED_DEADLINE_MS)
    // Of another kind than a text: not ours, and in the place of an entry.
    if (answer.kind === 'failed' && answer.code === 'WRONGTYPE') return this.#drop(key, 'foreign')
    if (answer.kind !== 'reply') {
      observer.skipped('shared', answer.kind === 'late' ? 'deadline' : answer.kind === 'down' ? 'open' : 'failed')
      return null
    }
    const found = answer.reply === null ? null : await this.#opened(key, { keys, name, reply: answer.reply })
    observer.looked('shared', found === null ? 'miss' : 'hit', this.#deps.elapsedMs() - startedMs)
    return this.#isClosed ? null : found
  }

  async #opened(key: CacheKey, { keys, name, reply }: Sealed): Promise<FoundEntry | null> {
    const unsealed = Buffer.isBuffer(reply)
      ? unseal(keys, name, reply)
      : ({ kind: 'dropped', reason: 'foreign' } as const)
    if (unsealed.kind === 'dropped') return this.#drop(key, unsealed.reason)
    const entry = await unpack(unsealed.bytes)
    return entry === null ? this.#drop(key, 'schema') : this.#judged(key, entry)
  }

  #judged(key: CacheKey, { facts, value }: CacheEntry): FoundEntry | null {
    const age = ageOf(facts, this.#deps.now())
    if (age === 'fresh' || age === 'stale') return { facts, value, level: 'shared' }
    if (age === 'future') return this.#drop(key, 'future')
    this.delete(key)
    return null
  }

  #drop(key: CacheKey, reason: DropReason): null {
    this.#deps.observer.dropped('shared', reason)
    this.delete(key)
    return null
  }

  async #send(writes: readonly QueuedWrite[]): Promise<boolean> {
    const keys = this.#sealKeys()
    if (keys === null) return false
    const commands = await Promise.all(writes.map((write) => this.#commandOf(write, keys)))
    const answers = await Promise.all(commands.map((each) => this.#deps.connection.ask(each, WRITE_DEADLINE_MS)))
    const isDone = answers.every(({ kind }) => kind === 'reply')
    if (!isDone) this.#deps.observer.skipped('shared', 'failed')
    return isDone
  }

  async #commandOf({ key, entry }: QueuedWrite, keys: SealKeys): Promise<RedisCommand> {
    const name = this.#nameOf(key, keys)
    const leftMs = entry === null ? 0 : Math.ceil(entry.facts.staleUntilMs - this.#deps.now())
    if (entry === null || leftMs <= 0) return ['UNLINK', name]
    return ['SET', name, seal(keys, name, await pack(entry)), 'PX', String(leftMs)]
  }

  #nameOf(key: CacheKey, keys: SealKeys): string {
    return this.#deps.prefix + sealedName(keys, key)
  }

  #isReady(): boolean {
    const { connection } = this.#deps
    if (!connection.isReady) void connection.connect()
    return connection.isReady
  }

  /** Null: the namespace's key has not come. Derived anew when it is exchanged. */
  #sealKeys(): SealKeys | null {
    const current = namespaceKeysOf(this.#deps.keys)?.current
    if (current === undefined) return null
    const namespaceKey = current.toString('base64')
    if (this.#keyed?.namespaceKey !== namespaceKey) this.#keyed = { namespaceKey, keys: sealKeysOf(current) }
    return this.#keyed.keys
  }
}

interface Sealed {
  readonly keys: SealKeys
  readonly name: string
  readonly reply: unknown
}
