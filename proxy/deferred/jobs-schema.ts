// Tables of the file in which deferred calls rest. Synced to the device with each change that an application was told
// of: a job that was taken in must survive the machine too, where the disk does.
import type { DatabaseSync } from 'node:sqlite'

/** A file of another version is put aside. */
const SCHEMA_VERSION = 1
/** `MRJb` */
const APPLICATION_ID = 0x4d524a62

const TABLES = `
CREATE TABLE job (
  id TEXT PRIMARY KEY,
  state TEXT NOT NULL,
  route TEXT NOT NULL,
  send_by TEXT NOT NULL,
  grouping TEXT NOT NULL,
  url TEXT NOT NULL,
  headers TEXT NOT NULL,
  body BLOB NOT NULL,
  idempotency_key TEXT,
  fingerprint TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  keep_ms INTEGER NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0,
  batch INTEGER,
  sent_by TEXT,
  status INTEGER,
  content_type TEXT,
  answer BLOB,
  finished_at INTEGER,
  gone_at INTEGER
) STRICT;
CREATE UNIQUE INDEX job_by_idempotency_key ON job (route, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX job_by_state ON job (state, due_at);
CREATE INDEX job_by_batch ON job (batch) WHERE batch IS NOT NULL;
CREATE INDEX job_by_end ON job (gone_at) WHERE gone_at IS NOT NULL;
CREATE TABLE batch (
  id INTEGER PRIMARY KEY,
  remote_id TEXT NOT NULL,
  grouping TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  look_at INTEGER NOT NULL
) STRICT;
PRAGMA application_id=${APPLICATION_ID};
PRAGMA user_version=${SCHEMA_VERSION};`

const SETTINGS = ['locking_mode=EXCLUSIVE', 'journal_mode=WAL', 'synchronous=FULL', 'cache_size=-1024', 'mmap_size=0']

/** Throws when the file is damaged, or of someone else. */
export function prepareFile(database: DatabaseSync): void {
  for (const setting of SETTINGS) database.exec(`PRAGMA ${setting}`)
  const pragma = (name: string) => Number(database.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0)
  const tables = database.prepare('SELECT count(*) AS tables FROM sqlite_schema').get()?.['tables']
  if (Number(tables) === 0) database.exec(`BEGIN; ${TABLES} COMMIT;`)
  if (pragma('application_id') !== APPLICATION_ID || pragma('user_version') !== SCHEMA_VERSION)
    throw new Error('the file of the deferred calls is of another version')
  const check = database.prepare('PRAGMA quick_check(1)').get()?.['quick_check']
  if (check !== 'ok') throw new Error('the file of the deferred calls is damaged')
}
