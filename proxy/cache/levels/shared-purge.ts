// Purging a shared cache: its entries are found by the start of their names and read to see whom they belong to, some
// at a time so that the server's other callers do not wait. An operator's wish, not on any call's way.
import { matchesFilter, type PurgeFilter } from '../store.ts'
import { unpack } from './packing.ts'
import type { RedisConnection } from './redis-connection.ts'
import { sealedName, unseal, type SealKeys } from './seal.ts'

const DEADLINE_MS = 2000
const NAMES_AT_ONCE = 250
const READ_AT_ONCE = 16
/** Of SCAN; with NAMES_AT_ONCE far more entries than a server holds. */
const MAX_TURNS = 1_000_000

export interface PurgeDeps {
  readonly keys: SealKeys
  readonly prefix: string
  readonly connection: Pick<RedisConnection, 'ask'>
}

/** Null: the server could not be asked to the end. */
export async function purgeShared(filter: PurgeFilter, deps: PurgeDeps): Promise<number | null> {
  const { key, ...rest } = filter
  if (key !== undefined) return purgeNames([deps.prefix + sealedName(deps.keys, key)], rest, deps)
  let count = 0
  let cursor = '0'
  for (let turn = 0; turn < MAX_TURNS; turn += 1) {
    const page = await scan(cursor, deps)
    const removed = page === null ? null : await purgeNames(page.names, rest, deps)
    if (page === null || removed === null) return null
    count += removed
    cursor = page.cursor
    if (cursor === '0') return count
  }
  return null
}

async function scan(cursor: string, { prefix, connection }: PurgeDeps) {
  const command = ['SCAN', cursor, 'MATCH', `${escaped(prefix)}*`, 'COUNT', String(NAMES_AT_ONCE)]
  const answer = await connection.ask(command, DEADLINE_MS)
  const reply: unknown = answer.kind === 'reply' ? answer.reply : null
  if (!Array.isArray(reply)) return null
  const [next, names] = reply as readonly unknown[]
  if (!Array.isArray(names)) return null
  return { cursor: String(next), names: names.map(String) }
}

async function purgeNames(names: readonly string[], filter: PurgeFilter, deps: PurgeDeps): Promise<number | null> {
  let count = 0
  for (let start = 0; start < names.length; start += READ_AT_ONCE) {
    const some = names.slice(start, start + READ_AT_ONCE)
    const meant = Object.keys(filter).length === 0 ? some : await meantOf(some, filter, deps)
    if (meant === null) return null
    if (meant.length === 0) continue
    const answer = await deps.connection.ask(['UNLINK', ...meant], DEADLINE_MS)
    if (answer.kind !== 'reply') return null
    count += Number(answer.reply)
  }
  return count
}

/** Those that the filter names; what cannot be read belongs to nobody and stays until its time is over. */
async function meantOf(names: readonly string[], filter: PurgeFilter, { keys, connection }: PurgeDeps) {
  const answers = await Promise.all(names.map((name) => connection.ask(['GET', name], DEADLINE_MS)))
  const meant: string[] = []
  for (const [index, answer] of answers.entries()) {
    const name = names[index] ?? ''
    if (answer.kind !== 'reply') return null
    const unsealed = Buffer.isBuffer(answer.reply) ? unseal(keys, name, answer.reply) : null
    const entry = unsealed?.kind === 'opened' ? await unpack(unsealed.bytes) : null
    if (entry !== null && matchesFilter(filter, '', entry.facts)) meant.push(name)
  }
  return meant
}

/** A namespace has none of these characters; the pattern must not depend on it. */
function escaped(prefix: string): string {
  return prefix.replace(/[*?[\]\\]/g, '\\$&')
}
