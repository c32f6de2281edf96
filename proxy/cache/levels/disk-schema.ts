// Tables, settings and statements of the disk level's file. Nothing is synced to the device: the file must survive the
// process, not the machine, and what a fall of the machine leaves behind is found by digests and thrown away.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { WrongSchema } from './disk-faults.ts'

/** A file of another version is thrown away; raise it with every change to the tables or to packing.ts. */
export const SCHEMA_VERSION = 1
/** `MRCa`: a file of someone else is not taken for ours. */
const APPLICATION_ID = 0x4d524361

export const PAGE_BYTES = 4096

/** The file belongs to this process alone, which spares the index in shared memory. */
export const SETTINGS = [
  `page_size=${PAGE_BYTES}`,
  'locking_mode=EXCLUSIVE',
  'journal_mode=WAL',
  'synchronous=OFF',
  'wal_autocheckpoint=256',
  'journal_size_limit=4194304',
  'cache_size=-1024',
  'mmap_size=0',
  'temp_store=MEMORY',
  'cell_size_check=ON',
  'trusted_schema=OFF',
] as const

const TABLES = `
CREATE TABLE entry (
  id INTEGER PRIMARY KEY,
  hash INTEGER NOT NULL,
  stored_at INTEGER NOT NULL,
  stale_until INTEGER NOT NULL,
  route TEXT NOT NULL,
  scope TEXT NOT NULL,
  bytes BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX entry_by_hash ON entry (hash);
CREATE TABLE tally (entries INTEGER NOT NULL) STRICT;
INSERT INTO tally VALUES (0);
PRAGMA application_id=${APPLICATION_ID};
PRAGMA user_version=${SCHEMA_VERSION};`

/** Throws when the file is not ours, of another version, or larger than it may be now. */
export function readSchema(database: DatabaseSync, maxPages: number): 'new' | 'current' {
  const pragma = (name: string) => Number(database.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0)
  if (Number(database.prepare('SELECT count(*) AS tables FROM sqlite_schema').get()?.['tables']) === 0) return 'new'
  if (pragma('application_id') !== APPLICATION_ID || pragma('user_version') !== SCHEMA_VERSION) throw new WrongSchema()
  if (pragma('page_count') > maxPages) throw new WrongSchema()
  return 'current'
}

export function createSchema(database: DatabaseSync): void {
  database.exec(TABLES)
}

export type Statements = ReturnType<typeof prepareStatements>

export function prepareStatements(database: DatabaseSync) {
  const prepare = (text: string): StatementSync => database.prepare(text)
  return {
    find: prepare('SELECT id, stored_at, route, scope, bytes FROM entry WHERE hash = ?'),
    insert: prepare('INSERT INTO entry (hash, stored_at, stale_until, route, scope, bytes) VALUES (?, ?, ?, ?, ?, ?)'),
    remove: prepare('DELETE FROM entry WHERE id = ?'),
    removeHash: prepare('DELETE FROM entry WHERE hash = ?'),
    oldest: prepare('SELECT id, stale_until FROM entry ORDER BY id LIMIT ?'),
    moveToEnd: prepare('UPDATE entry SET id = (SELECT max(id) FROM entry) + 1 WHERE id = ?'),
    purge: prepare(
      `DELETE FROM entry WHERE id > ? AND id <= ? AND (? IS NULL OR route = ?) AND (? IS NULL OR scope = ?)
       AND (? IS NULL OR stored_at < ?)`,
    ),
    next: prepare('SELECT id FROM entry WHERE id > ? ORDER BY id LIMIT 1'),
    count: prepare('UPDATE tally SET entries = entries + ?'),
    entries: prepare('SELECT entries FROM tally'),
    pages: prepare('PRAGMA page_count'),
    freePages: prepare('PRAGMA freelist_count'),
  }
}
