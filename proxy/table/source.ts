// Where the table and the keys come from: the operator's stream, or files. Either writes into the TableHolder and the
// KeyRing and nothing else; calls only read those two.
//
//   operator | files -> TableSource -> TableHolder, KeyRing
import type { Registry } from 'prom-client'
import type { Clock } from '../telemetry/clock.ts'
import type { Logger } from '../telemetry/log.ts'
import { FileSource } from './file-source.ts'
import type { TableHolder } from './holder.ts'
import type { KeyRing } from './key-ring.ts'
import type { CacheTotals, CallShare, RecentCall, RedactionTotals } from './messages.ts'
import { createSourceMetrics } from './source-metrics.ts'
import { StateFile } from './state-file.ts'
import { StreamSource } from './stream-source.ts'

export interface TableSource {
  /** Loads what is at hand (files, the private state), then follows changes until stop(). Bad input never rejects. */
  start(): Promise<void>
  stop(): Promise<void>
}

export type TableSourceSettings =
  | {
      readonly kind: 'stream'
      /** `https://host:9444`; the host is the name that the certificate must carry. */
      readonly operatorUrl: string
      readonly caFile: string
      readonly tokenFile: string
      /** Folder of the private state file; null: memory only. */
      readonly stateDir: string | null
    }
  | {
      readonly kind: 'file'
      readonly tableFile: string
      /** JSON object from key id to value; null: no keys. */
      readonly keysFile: string | null
    }

/** What this proxy's calls leave for the operator's dashboard. */
export interface CallLog {
  /** Model calls since the proxy started. */
  count(): number
  /** The newest calls, newest first, at most MAX_RECENT_CALLS. */
  recent(): readonly RecentCall[]
  /** Null until a rule has masked something. */
  redaction(): RedactionTotals | null
  /** Null until a rule with a cache has taken a call. */
  cache(): CacheTotals | null
  /** Calls by rule and target, the most first, at most MAX_CALL_SHARES. */
  shares(): readonly CallShare[]
}

/** What the proxy would do with a described call: a status as HTTP has it, and a text for people. */
export type Explain = (call: string) => Promise<{ readonly status: number; readonly text: string }>

export interface TableSourceDeps {
  readonly holder: TableHolder
  readonly keys: KeyRing
  readonly callLog: CallLog
  readonly explain: Explain
  readonly logger: Logger
  readonly registry: Registry
  readonly clock: Clock
  /** Uniform in [0, 1). */
  readonly random: () => number
}

export function createTableSource(settings: TableSourceSettings, deps: TableSourceDeps): TableSource {
  const metrics = createSourceMetrics(deps.registry)
  if (settings.kind === 'file') return new FileSource(settings, { ...deps, metrics })
  const { stateDir } = settings
  const state = stateDir === null ? null : new StateFile(stateDir, { ...deps, metrics })
  return new StreamSource(settings, { ...deps, metrics, state })
}
