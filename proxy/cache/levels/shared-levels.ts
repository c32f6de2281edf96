// The shared caches that the table in force names, each with one connection, made when a rule's first call wants it and
// closed when the table names it no more or names it otherwise.
import type { Logger } from '../../telemetry/log.ts'
import type { KeyRing } from '../../table/key-ring.ts'
import type { Timers } from '../../upstream/timers.ts'
import type { LevelObserver } from '../store.ts'
import { RedisConnection } from './redis-connection.ts'
import { MAX_SHARED_VALUE_BYTES, SharedLevel } from './shared-level.ts'
import { parseSharedCache, type SharedCacheRow } from './shared-settings.ts'

/** Connections of one proxy; a table that names more shared caches gets levels for the first of them that are used. */
export const MAX_SHARED_CACHES = 8

export type SharedCacheRows = Readonly<Record<string, SharedCacheRow>>

export interface SharedLevelsDeps {
  /** Of the table in force; the same object while that stays. */
  readonly rows: () => SharedCacheRows | undefined
  /** Entries of one namespace are never another's, whatever the server. */
  readonly namespace: string
  readonly keys: Pick<KeyRing, 'find'>
  readonly now: () => number
  readonly elapsedMs: () => number
  readonly timers: Timers
  readonly observer: LevelObserver
  readonly logger: Pick<Logger, 'info' | 'warn'>
}

export interface SharedCache {
  readonly row: SharedCacheRow
  readonly connection: RedisConnection
  readonly level: SharedLevel
  /** Start of the names of all that this namespace has there. */
  readonly prefix: string
}

export class SharedLevels {
  readonly #deps: SharedLevelsDeps
  readonly #caches = new Map<string, SharedCache>()
  #rows: SharedCacheRows | undefined
  #isClosed = false

  constructor(deps: SharedLevelsDeps) {
    this.#deps = deps
  }

  /** Null: the table does not name it. */
  find(name: string): SharedCache | null {
    this.#reconcile()
    const known = this.#caches.get(name)
    if (known !== undefined) return known
    const row = this.#rows !== undefined && Object.hasOwn(this.#rows, name) ? this.#rows[name] : undefined
    if (row === undefined || this.#isClosed || this.#caches.size >= MAX_SHARED_CACHES) return null
    const cache = this.#create(name, row)
    if (cache !== null) this.#caches.set(name, cache)
    return cache
  }

  all(): readonly SharedLevel[] {
    this.#reconcile()
    return [...this.#caches.values()].map(({ level }) => level)
  }

  /** Begins to connect to all that the table names, before a call needs them. */
  start(): void {
    const rows = this.#deps.rows()
    for (const name of Object.keys(rows ?? {})) void this.find(name)?.connection.connect()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all(this.all().map((level) => level.close()))
    this.#caches.clear()
  }

  #reconcile(): void {
    const rows = this.#deps.rows()
    if (rows === this.#rows) return
    this.#rows = rows
    for (const [name, { row, level }] of this.#caches) {
      const now = rows !== undefined && Object.hasOwn(rows, name) ? rows[name] : undefined
      if (now?.url === row.url && now.ca === row.ca && now.password === row.password) continue
      this.#caches.delete(name)
      void level.close()
    }
  }

  #create(name: string, row: SharedCacheRow): SharedCache | null {
    const settings = parseSharedCache(name, row)
    if (settings === null) return null
    const { rows: _rows, namespace, ...deps } = this.#deps
    const { passwordId } = settings
    const password = () => (passwordId === null ? null : (deps.keys.find(passwordId)?.reveal() ?? null))
    const connection = new RedisConnection(settings, { ...deps, password })
    const prefix = `modelroute:1:${namespace}:`
    const level = new SharedLevel({ ...deps, connection, prefix, maxValueBytes: MAX_SHARED_VALUE_BYTES })
    return { row, connection, level, prefix }
  }
}
