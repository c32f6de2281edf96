// Which faults of SQLite mean that the file itself is bad (it is thrown away), and which that it cannot be used now
// (full, read-only, locked, a fault of the device: the level rests and the file stays).

/** Primary result codes, https://www.sqlite.org/rescode.html */
const ERROR = 1
const CORRUPT = 11
const CONSTRAINT = 19
const MISMATCH = 20
const NOT_A_DATABASE = 26
/** SQLITE_IOERR_SHORT_READ: the file ends before a page that it says it has. */
const SHORT_READ = 522

const DAMAGE = [ERROR, CORRUPT, CONSTRAINT, MISMATCH, NOT_A_DATABASE]

/** The file is of another version, or not ours, or larger than it may be now. */
export class WrongSchema extends Error {
  override readonly name = 'WrongSchema'
}

/**
 * A missing table, a broken constraint or a number out of range: our statements are fixed and our values known, so the
 * file must have been damaged.
 */
export function isDamage(error: unknown): boolean {
  if (error instanceof WrongSchema) return true
  if (error instanceof RangeError) return true
  const code = codeOf(error)
  if (code === null) return false
  return code === SHORT_READ || DAMAGE.includes(code & 0xff)
}

/** SQLite's own words: `database or disk is full`. They hold nothing of an entry. */
export function faultText(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function codeOf(error: unknown): number | null {
  if (!(error instanceof Error) || !('errcode' in error)) return null
  return typeof error.errcode === 'number' ? error.errcode : null
}
