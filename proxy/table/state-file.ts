// The proxy's private memory across a restart of its container: the last good table, the keys and the operator's
// newest certificate bundle, in one 0600 file on a volume that only this container mounts.
//
//   operator's messages -> save -> state.json -> (restart) -> load -> TableHolder, KeyRing
//
// Always written whole, to a temporary file that is renamed: a revoked key is gone from it with the next save. A file
// that is damaged or of another schema is ignored.
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import type { Secret } from '../secret.ts'
import type { Logger } from '../telemetry/log.ts'
import { MAX_KEYS } from './key-ring.ts'
import { MAX_KEY_CHARACTERS, MAX_TRUST_CHARACTERS } from './messages.ts'
import { parseTable } from './schema.ts'
import type { RoutingTable } from './schema.ts'
import type { SourceMetrics } from './source-metrics.ts'

const STATE_SCHEMA = 1
/** The volume holds 8 MiB, and while it is written a file stands there twice. */
export const MAX_STATE_BYTES = 3.5 * 1024 * 1024

export interface ProxyState {
  readonly table: RoutingTable | null
  readonly keys: readonly { readonly id: string; readonly value: Secret }[]
  readonly trustPem: string | null
}

export interface LoadedState {
  readonly table: RoutingTable | null
  readonly keys: readonly { readonly id: string; readonly value: string }[]
  readonly trustPem: string | null
}

const stateSchema = z.strictObject({
  schema: z.literal(STATE_SCHEMA),
  table: z.unknown(),
  keys: z.array(z.strictObject({ id: z.string(), value: z.string().max(MAX_KEY_CHARACTERS) })).max(MAX_KEYS),
  trustPem: z.string().max(MAX_TRUST_CHARACTERS).nullable(),
})

interface StateFileDeps {
  readonly logger: Logger
  readonly metrics: SourceMetrics
}

export class StateFile {
  readonly #folder: string
  readonly #deps: StateFileDeps
  /** The write under way, and the newest state that waits for it; never more than these two. */
  #writing: Promise<void> | null = null
  #next: ProxyState | null = null

  constructor(folder: string, deps: StateFileDeps) {
    this.#folder = folder
    this.#deps = deps
  }

  /** What the last run left; null when there is nothing that can be used. */
  async load(): Promise<LoadedState | null> {
    // A temporary file is what a killed write left behind: it may hold keys that were revoked since.
    await rm(this.#temporaryPath(), { force: true }).catch((cause: unknown) => this.#fail(cause, 'not cleaned'))
    const text = await readFile(this.#path(), 'utf8').catch((cause: unknown) => this.#absent(cause))
    if (text === null) return null
    const loaded = parseState(text)
    if ('fault' in loaded) {
      this.#deps.metrics.stateFile.inc({ result: 'ignored' })
      this.#deps.logger.warn({ fault: loaded.fault }, 'private state file ignored')
      return null
    }
    this.#deps.metrics.stateFile.inc({ result: 'loaded' })
    return loaded
  }

  /** Resolves when this state or a newer one is in the file, or could not be written (logged and counted). */
  save(state: ProxyState): Promise<void> {
    this.#next = state
    this.#writing ??= this.#drain()
    return this.#writing
  }

  async #drain(): Promise<void> {
    while (this.#next !== null) {
      const state = this.#next
      this.#next = null
      await this.#write(state).catch((cause: unknown) => this.#giveUp(cause))
    }
    // In the same turn as the last look at #next, so that a save cannot fall between the two.
    this.#writing = null
  }

  async #write(state: ProxyState): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    const temporary = this.#temporaryPath()
    await rm(temporary, { force: true })
    const file = await open(temporary, 'wx', 0o600)
    try {
      await file.writeFile(this.#serialise(state))
    } finally {
      await file.close()
    }
    await rename(temporary, this.#path())
    this.#deps.metrics.stateFile.inc({ result: 'written' })
  }

  /** A table too large for the volume is left out rather than the keys: what matters most is that revoked ones go. */
  #serialise(state: ProxyState): string {
    const whole = toText(state, state.table)
    if (Buffer.byteLength(whole) <= MAX_STATE_BYTES) return whole
    this.#deps.logger.warn({ limitBytes: MAX_STATE_BYTES }, 'table too large for the private state file: left out')
    return toText(state, null)
  }

  /** A file that could not be replaced may name a revoked key, so it must not outlive the failure. */
  async #giveUp(cause: unknown): Promise<void> {
    this.#fail(cause, 'not written')
    await rm(this.#path(), { force: true }).catch((again: unknown) => this.#fail(again, 'not removed'))
  }

  #absent(cause: unknown): null {
    if (isNotFound(cause)) this.#deps.metrics.stateFile.inc({ result: 'absent' })
    else this.#fail(cause, 'not read')
    return null
  }

  #fail(cause: unknown, what: string): void {
    this.#deps.metrics.stateFile.inc({ result: 'failed' })
    this.#deps.logger.error({ reason: sentence(cause) }, `private state file ${what}`)
  }

  #path(): string {
    return join(this.#folder, 'state.json')
  }

  #temporaryPath(): string {
    return join(this.#folder, 'state.json.new')
  }
}

function toText({ keys, trustPem }: ProxyState, table: RoutingTable | null): string {
  const entries = keys.map(({ id, value }) => ({ id, value: value.reveal() }))
  return JSON.stringify({ schema: STATE_SCHEMA, table, keys: entries, trustPem })
}

function parseState(text: string): LoadedState | { readonly fault: string } {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // The parser's message quotes the text, which holds keys.
    return { fault: 'it is not JSON' }
  }
  const parsed = stateSchema.safeParse(value)
  if (!parsed.success)
    return { fault: parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ') }
  const { table, keys, trustPem } = parsed.data
  if (table === null || table === undefined) return { table: null, keys, trustPem }
  const checked = parseTable(table)
  if (checked.kind === 'table') return { table: checked.table, keys, trustPem }
  return { fault: checked.faults.map(({ path, message }) => `table.${path}: ${message}`).join('; ') }
}

function isNotFound(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
}

function sentence(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
