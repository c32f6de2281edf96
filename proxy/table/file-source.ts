// The table and the keys from two files, for use without an operator. Looks at the files' stamps a few times a second
// (which sees renames and the symbolic links of mounted ConfigMaps alike) and reads what changed. A file that cannot
// be read or parsed is logged and counted; what was good before stays in force.
import { readFile, stat } from 'node:fs/promises'
import * as z from 'zod'
import type { SourceMetrics } from './source-metrics.ts'
import { MAX_KEYS } from './key-ring.ts'
import { MAX_KEY_CHARACTERS } from './messages.ts'
import { MAX_TABLE_BYTES, parseTable } from './schema.ts'
import type { TableSource, TableSourceDeps } from './source.ts'

export const POLL_MS = 250

/** Keys copied from a shell or an editor end with a newline, which no header can carry. */
const key = z
  .string()
  .trim()
  .min(1, 'a key is empty')
  .max(MAX_KEY_CHARACTERS)
  .regex(/^[\x20-\x7e]*$/, 'a key has characters that no HTTP header can carry')

const keysFile = z
  .record(z.string().min(1).max(512), key)
  .refine((keys) => Object.keys(keys).length <= MAX_KEYS, `at most ${MAX_KEYS} keys`)

interface FileSettings {
  readonly tableFile: string
  readonly keysFile: string | null
}

export class FileSource implements TableSource {
  readonly #settings: FileSettings
  readonly #deps: TableSourceDeps & { readonly metrics: SourceMetrics }
  readonly #stamps = new Map<string, string>()
  #cancel: (() => void) | null = null
  #isStopped = false

  constructor(settings: FileSettings, deps: TableSourceDeps & { readonly metrics: SourceMetrics }) {
    this.#settings = settings
    this.#deps = deps
  }

  async start(): Promise<void> {
    await this.#look()
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#cancel?.()
  }

  /** Keys first: a table must not be in force before the keys that it names. */
  async #look(): Promise<void> {
    const { tableFile, keysFile: keys } = this.#settings
    if (keys !== null) await this.#readChanged(keys, (value) => this.#applyKeys(value))
    const isSound = await this.#readChanged(tableFile, (value) => this.#applyTable(value))
    if (!isSound) this.#deps.metrics.tables.inc({ result: 'refused' })
    if (!this.#isStopped) this.#cancel = this.#deps.clock.after(POLL_MS, () => void this.#look())
  }

  /** Each state of a file is read, and its fault logged, once. False for a fault that is new. */
  async #readChanged(path: string, apply: (value: unknown) => string | null): Promise<boolean> {
    const stamp = await stampOf(path)
    if (this.#stamps.get(path) === stamp) return true
    this.#stamps.set(path, stamp)
    const file = await readJson(path)
    const fault = file.kind === 'fault' ? file.reason : apply(file.value)
    if (fault === null) return true
    this.#deps.logger.error({ file: path, fault }, 'file ignored: what was good before stays in force')
    return false
  }

  #applyTable(value: unknown): string | null {
    const { holder, metrics, logger } = this.#deps
    const parsed = parseTable(value)
    if (parsed.kind === 'faults') return parsed.faults.map(({ path, message }) => `${path}: ${message}`).join('; ')
    const isNew = holder.swap(parsed.table)
    metrics.tables.inc({ result: isNew ? 'accepted' : 'unchanged' })
    if (isNew) logger.info({ version: parsed.table.version }, 'table in force')
    return null
  }

  #applyKeys(value: unknown): string | null {
    const parsed = keysFile.safeParse(value)
    // Zod's messages speak of types and limits; they never carry the value.
    if (!parsed.success) return parsed.error.issues.map(({ message }) => message).join('; ')
    const entries = Object.entries(parsed.data).map(([id, key]) => ({ id, value: key }))
    this.#deps.keys.replaceAll(entries)
    this.#deps.metrics.keys.set(entries.length)
    return null
  }
}

async function stampOf(path: string): Promise<string> {
  try {
    const { mtimeNs, ino, size } = await stat(path, { bigint: true })
    return `${mtimeNs} ${ino} ${size}`
  } catch (cause) {
    return sentence(cause)
  }
}

type JsonFile = { readonly kind: 'json'; readonly value: unknown } | { readonly kind: 'fault'; readonly reason: string }

async function readJson(path: string): Promise<JsonFile> {
  try {
    const { size } = await stat(path)
    if (size > MAX_TABLE_BYTES) return unreadable(`it has ${size} bytes, more than the limit of ${MAX_TABLE_BYTES}`)
    return { kind: 'json', value: JSON.parse(await readFile(path, 'utf8')) }
  } catch (cause) {
    // The parser quotes the text in its errors, and the text may be keys: only the fact is passed on.
    return unreadable(cause instanceof SyntaxError ? 'it is not JSON' : sentence(cause))
  }
}

function unreadable(reason: string): JsonFile {
  return { kind: 'fault', reason }
}

function sentence(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
