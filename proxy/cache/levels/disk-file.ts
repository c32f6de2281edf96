// The file of the disk level: SQLite behind five operations, each synchronous, so for a thread of its own. A file that
// is damaged, or of another schema, is thrown away and begun anew; other faults (full, read-only, locked) are thrown.
//
// Rows are in the order of writing, and the oldest go first; one that was read since the last turn goes to the end
// instead. The order needs no index, and the space is known from counts of pages, so that a large file opens at once.
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { CacheEntry, CacheKey, DropReason, PurgeFilter } from '../store.ts'
import { withDigest, withoutDigest } from './digest.ts'
import type { DiskSettings, DiskWrite } from './disk-messages.ts'
import { isDamage, WrongSchema } from './disk-faults.ts'
import { packNow, unpackNow } from './packing.ts'
import { createSchema, PAGE_BYTES, prepareStatements, readSchema, SETTINGS, type Statements } from './disk-schema.ts'

/** Of the file's bound; the rest is room for one batch of writes. */
const FILLED_SHARE = 0.9
/** Rows read since the last eviction that are remembered. */
const MAX_USED = 8192
const EVICTED_AT_ONCE = 64
/** Of one write: so many that it frees more than it brought, so few that reads behind it do not wait. */
const MAX_EVICTION_ROUNDS = 64
/** Rows that one step of a purge looks at. */
export const PURGED_AT_ONCE = 2000

export interface DiskFileDeps {
  readonly now: () => number
  readonly onDropped: (reason: DropReason) => void
  readonly onEvicted: (count: number) => void
}

interface OpenFile {
  readonly database: DatabaseSync
  readonly statements: Statements
}

/** Where a purge goes on, and what it has removed up to there. */
export interface PurgeStep {
  readonly afterId: number
  readonly count: number
  readonly isDone: boolean
}

export class DiskFile {
  readonly #settings: DiskSettings
  readonly #deps: DiskFileDeps
  readonly #used = new Set<number>()
  #file: OpenFile | null = null

  constructor(settings: DiskSettings, deps: DiskFileDeps) {
    this.#settings = settings
    this.#deps = deps
  }

  /** Throws when the file can neither be opened nor begun anew. */
  open(): void {
    this.#do(() => {})
  }

  read(key: CacheKey): CacheEntry | null {
    return this.#do(({ statements }) => {
      const row = statements.find.get(hashOf(key))
      if (row === undefined) return null
      const id = Number(row['id'])
      const stored = row['bytes']
      const bytes = stored instanceof Uint8Array ? withoutDigest(key, asBuffer(stored)) : null
      const entry = bytes === null ? null : unpackNow(bytes)
      if (entry !== null) this.#markUsed(id)
      else {
        this.#deps.onDropped('corrupt')
        statements.count.run(-Number(statements.remove.run(id).changes))
      }
      return entry
    })
  }

  /** All of them or, when it throws, none. */
  write(writes: readonly DiskWrite[]): void {
    this.#do((file) => {
      inTransaction(file.database, () => {
        for (const write of writes) this.#writeOne(file.statements, write)
        this.#evict(file.statements)
      })
    })
  }

  /** One step of a purge, so that reads come in between. */
  purge(filter: PurgeFilter, afterId: number): PurgeStep {
    return this.#do(({ database, statements }) => {
      if (filter.key !== undefined) return inTransaction(database, () => purgeKey(statements, filter, filter.key ?? ''))
      const untilId = afterId + PURGED_AT_ONCE
      const { route = null, scope = null, storedBeforeMs = null } = filter
      const removed = () =>
        statements.purge.run(afterId, untilId, route, route, scope, scope, storedBeforeMs, storedBeforeMs)
      const count = inTransaction(database, () => {
        const { changes } = removed()
        statements.count.run(-Number(changes))
        return Number(changes)
      })
      const next = Number(statements.next.get(untilId)?.['id'] ?? 0)
      return { afterId: Math.max(untilId, next - 1), count, isDone: next === 0 }
    })
  }

  counts(): { readonly entries: number; readonly bytes: number } {
    return this.#do(({ statements }) => ({
      entries: Number(statements.entries.get()?.['entries'] ?? 0),
      bytes: usedPages(statements) * PAGE_BYTES,
    }))
  }

  close(): void {
    const file = this.#file
    this.#file = null
    file?.database.close()
  }

  #writeOne(statements: Statements, { key, entry }: DiskWrite): void {
    const hash = hashOf(key)
    const replaced = Number(statements.removeHash.run(hash).changes)
    if (entry !== null) {
      const { facts, value } = entry
      const bytes = withDigest(key, packNow({ facts, value: asBuffer(value) }))
      statements.insert.run(hash, facts.storedAtMs, facts.staleUntilMs, facts.route, facts.scope, bytes)
    }
    const change = (entry === null ? 0 : 1) - replaced
    if (change !== 0) statements.count.run(change)
  }

  #evict(statements: Statements): void {
    const mostPages = Math.floor((this.#settings.maxBytes / PAGE_BYTES) * FILLED_SHARE)
    let removed = 0
    for (let round = 0; round < MAX_EVICTION_ROUNDS && usedPages(statements) > mostPages; round += 1) {
      for (const row of statements.oldest.all(EVICTED_AT_ONCE)) {
        const id = Number(row['id'])
        const isKept = this.#used.delete(id) && Number(row['stale_until']) > this.#deps.now()
        if (isKept) statements.moveToEnd.run(id)
        else removed += Number(statements.remove.run(id).changes)
      }
    }
    if (removed === 0) return
    statements.count.run(-removed)
    this.#deps.onEvicted(removed)
  }

  #markUsed(id: number): void {
    if (this.#used.size < MAX_USED) this.#used.add(id)
  }

  /** A damaged file costs its entries and not the operation. */
  #do<Result>(operation: (file: OpenFile) => Result): Result {
    try {
      return operation(this.#opened())
    } catch (error) {
      if (!isDamage(error)) throw error
      this.#deps.onDropped(error instanceof WrongSchema ? 'schema' : 'file')
      this.#throwAway()
      return operation(this.#opened())
    }
  }

  #opened(): OpenFile {
    this.#file ??= this.#openFile()
    return this.#file
  }

  #openFile(): OpenFile {
    const { path, maxBytes } = this.#settings
    makeFolder(dirname(path))
    const database = new DatabaseSync(path, { timeout: 0 })
    try {
      for (const setting of SETTINGS) database.exec(`PRAGMA ${setting}`)
      const maxPages = Math.floor(maxBytes / PAGE_BYTES)
      if (readSchema(database, maxPages) === 'new') inTransaction(database, () => createSchema(database))
      database.exec(`PRAGMA max_page_count=${maxPages}`)
      return { database, statements: prepareStatements(database) }
    } catch (error) {
      database.close()
      throw error
    }
  }

  #throwAway(): void {
    const file = this.#file
    this.#file = null
    this.#used.clear()
    try {
      file?.database.close()
    } catch {
      // What is damaged may fail to close as well; its files go all the same.
    }
    for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(this.#settings.path + suffix, { force: true })
  }
}

function purgeKey(statements: Statements, { route, scope, storedBeforeMs }: PurgeFilter, key: CacheKey): PurgeStep {
  const row = statements.find.get(hashOf(key))
  const isMeant =
    row !== undefined &&
    (route === undefined || row['route'] === route) &&
    (scope === undefined || row['scope'] === scope) &&
    (storedBeforeMs === undefined || Number(row['stored_at']) < storedBeforeMs)
  const count = isMeant ? Number(statements.removeHash.run(hashOf(key)).changes) : 0
  if (count > 0) statements.count.run(-count)
  return { afterId: 0, count, isDone: true }
}

/** Its parent exists: it is the volume. (A recursive mkdir does not end where nothing can be made, as in /proc.) */
function makeFolder(folder: string): void {
  if (!existsSync(folder)) mkdirSync(folder)
}

/** Eight bytes of the key are enough to find a row; the digest binds all of them. */
function hashOf(key: CacheKey): bigint {
  return Buffer.from(key, 'base64url').readBigInt64BE(0)
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function usedPages({ pages, freePages }: Statements): number {
  return Number(pages.get()?.['page_count'] ?? 0) - Number(freePages.get()?.['freelist_count'] ?? 0)
}

function inTransaction<Result>(database: DatabaseSync, work: () => Result): Result {
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    database.exec('COMMIT')
    return result
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}
