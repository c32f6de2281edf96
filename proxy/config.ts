// The proxy's settings: environment -> frozen Config. All faults are reported together, each with the variable's name,
// so that one restart is enough. With main.ts the only user of the process's environment; reads no file.
import { join } from 'node:path'
import * as z from 'zod'
import type { TableSourceSettings } from './table/source.ts'
import { LOG_LEVELS, type LogLevel } from './telemetry/log.ts'
import type { CacheSettings } from './wire-caching.ts'

export interface Endpoint {
  /** `*`: every address of the machine, of whichever families it has. */
  readonly host: string
  readonly port: number
}

export interface Config {
  readonly listen: Endpoint
  readonly adminListen: Endpoint
  readonly source: TableSourceSettings
  /** What outlives the container; null: nothing does. */
  readonly stateDir: string | null
  readonly podName: string | null
  readonly podNamespace: string | null
  readonly logLevel: LogLevel
  /** How long calls under way may take after SIGTERM. */
  readonly drainMs: number
  /** For a machine with a browser on it: foreign-page.ts. */
  readonly refusesForeignPages: boolean
  readonly maxBodyBytes: number
  readonly maxBodiesInFlightBytes: number
  readonly cache: CacheSettings
}

export type ParsedConfig =
  | { readonly kind: 'config'; readonly config: Config }
  | { readonly kind: 'faults'; readonly faults: readonly string[] }

const PREFIX = 'MODELROUTE_'

const endpoint = z.string().transform((text, context): Endpoint => {
  const [, bracketed, plain, port] = /^(?:\[([0-9a-fA-F:]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? []
  const host = bracketed ?? plain
  if (host !== undefined && Number(port) <= 65_535) return { host, port: Number(port) }
  context.addIssue(`must be HOST:PORT, for example 127.0.0.1:4141, not "${text}"`)
  return z.NEVER
})

const whole = (lowest: number, highest: number) =>
  z.string().transform((text, context): number => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
    if (value >= lowest && value <= highest) return value
    context.addIssue(`must be a whole number from ${lowest} to ${highest}, not "${text}"`)
    return z.NEVER
  })

const url = z.string().refine((text) => URL.canParse(text) && new URL(text).protocol === 'https:', {
  message: 'must be an https URL, for example https://modelroute-push.modelroute-system.svc:9444',
})

const DAY_MS = 24 * 60 * 60 * 1000
const MEBIBYTE = 1024 ** 2
const GIBIBYTE = 1024 ** 3

const settings = z.object({
  LISTEN: endpoint.prefault('127.0.0.1:4141'),
  ADMIN_LISTEN: endpoint.prefault('*:4142'),
  OPERATOR_URL: url.optional(),
  OPERATOR_CA_FILE: z.string().optional(),
  TOKEN_FILE: z.string().optional(),
  STATE_DIR: z.string().optional(),
  TABLE_FILE: z.string().optional(),
  KEYS_FILE: z.string().optional(),
  POD_NAME: z.string().optional(),
  POD_NAMESPACE: z.string().optional(),
  LOG_LEVEL: z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(', ')}` }).prefault('info'),
  DRAIN_MS: whole(0, DAY_MS).prefault('25000'),
  FOREIGN_PAGES: z.enum(['serve', 'refuse'], { error: 'must be serve or refuse' }).prefault('serve'),
  MAX_BODY_BYTES: whole(1024, GIBIBYTE).prefault('33554432'),
  MAX_BODIES_IN_FLIGHT_BYTES: whole(1024, 4 * GIBIBYTE).prefault('67108864'),
  CACHE_MEMORY_BYTES: whole(MEBIBYTE, 64 * GIBIBYTE).prefault('33554432'),
  /** Absent: entries are not put on a disk. */
  CACHE_DIR: z.string().optional(),
  CACHE_DISK_BYTES: whole(16 * MEBIBYTE, 1024 * GIBIBYTE).prefault('268435456'),
  WORKLOAD: z.string().optional(),
})
type Settings = z.infer<typeof settings>

/** Reads the variables named MODELROUTE_*; an empty one counts as not set. */
export function parseConfig(environment: Readonly<Record<string, string | undefined>>): ParsedConfig {
  const names = Object.keys(settings.shape)
  const given = Object.fromEntries(names.map((name) => [name, environment[PREFIX + name] || undefined]))
  const parsed = settings.safeParse(given)
  if (!parsed.success) return { kind: 'faults', faults: parsed.error.issues.map(toSentence) }
  const source = sourceOf(parsed.data)
  if (Array.isArray(source)) return { kind: 'faults', faults: source }
  return { kind: 'config', config: toConfig(parsed.data, source as TableSourceSettings) }
}

function toSentence(issue: z.core.$ZodIssue): string {
  return `${PREFIX}${issue.path.join('.')} ${issue.message}.`
}

function sourceOf(values: Settings): TableSourceSettings | string[] {
  const { OPERATOR_URL, OPERATOR_CA_FILE, TOKEN_FILE, TABLE_FILE } = values
  if ((OPERATOR_URL === undefined) === (TABLE_FILE === undefined)) {
    return ['Exactly one of MODELROUTE_OPERATOR_URL and MODELROUTE_TABLE_FILE must be set.']
  }
  if (TABLE_FILE !== undefined) return { kind: 'file', tableFile: TABLE_FILE, keysFile: values.KEYS_FILE ?? null }
  if (OPERATOR_URL === undefined || OPERATOR_CA_FILE === undefined || TOKEN_FILE === undefined) {
    const missing = Object.entries({ OPERATOR_CA_FILE, TOKEN_FILE }).filter(([, value]) => value === undefined)
    return missing.map(([name]) => `${PREFIX}${name} must be set beside MODELROUTE_OPERATOR_URL.`)
  }
  return {
    kind: 'stream',
    operatorUrl: OPERATOR_URL,
    caFile: OPERATOR_CA_FILE,
    tokenFile: TOKEN_FILE,
    stateDir: values.STATE_DIR ?? null,
  }
}

function toConfig(values: Settings, source: TableSourceSettings): Config {
  return Object.freeze({
    listen: values.LISTEN,
    adminListen: values.ADMIN_LISTEN,
    source,
    stateDir: values.STATE_DIR ?? null,
    podName: values.POD_NAME ?? null,
    podNamespace: values.POD_NAMESPACE ?? null,
    logLevel: values.LOG_LEVEL,
    drainMs: values.DRAIN_MS,
    refusesForeignPages: values.FOREIGN_PAGES === 'refuse',
    maxBodyBytes: values.MAX_BODY_BYTES,
    maxBodiesInFlightBytes: values.MAX_BODIES_IN_FLIGHT_BYTES,
    cache: toCacheSettings(values),
  })
}

function toCacheSettings(values: Settings): CacheSettings {
  const { CACHE_DIR, CACHE_DISK_BYTES, CACHE_MEMORY_BYTES, POD_NAME, POD_NAMESPACE, WORKLOAD } = values
  return {
    memoryBytes: CACHE_MEMORY_BYTES,
    disk: CACHE_DIR === undefined ? null : { path: join(CACHE_DIR, 'cache.sqlite'), maxBytes: CACHE_DISK_BYTES },
    names: { pod: POD_NAME ?? null, workload: WORKLOAD ?? null },
    namespace: POD_NAMESPACE ?? 'local',
  }
}
