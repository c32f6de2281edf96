// The real proxy on loopback, wired as main.ts does, with a table of the test's own and its log lines at hand.
import { Registry } from 'prom-client'
import { TableHolder } from '../../proxy/table/holder.ts'
import { KeyRing } from '../../proxy/table/key-ring.ts'
import {
  FAILOVER_CLASSES,
  parseTable,
  type CallOperation,
  type DeferredRule,
  type DialectName,
  type Redaction,
  type Route,
  type RoutingTable,
  type Target,
  type HeaderCondition,
  type Schedule,
} from '../../proxy/table/schema.ts'
import type { CacheRule } from '../../proxy/table/cache-schema.ts'
import { systemClock, type Clock } from '../../proxy/telemetry/clock.ts'
import type { Exchange } from '../../proxy/exchange.ts'
import { systemTimers, type Timers } from '../../proxy/upstream/timers.ts'
import { wireProxy, type ProxyBounds, type Wiring, type WiringDeps } from '../../proxy/wiring.ts'

const MEBIBYTE = 1024 * 1024

export interface TargetSpec {
  readonly dialect?: DialectName
  readonly url: string
  readonly model?: string
  readonly credential?: string
  readonly health?: NonNullable<Target['health']>
  readonly outputLimits?: Readonly<Record<string, number>>
  readonly prices?: NonNullable<Target['prices']>
  readonly contextTokens?: NonNullable<Target['contextTokens']>
}

export interface RouteSpec {
  readonly name?: string
  readonly mode?: Route['mode']
  readonly models?: readonly string[]
  readonly headers?: readonly HeaderCondition[]
  readonly schedule?: Schedule
  readonly operations?: readonly CallOperation[]
  readonly backends: readonly (string | { readonly target: string; readonly weight?: number; readonly tier?: number })[]
  readonly unavailable?: string
  readonly timeouts?: { readonly firstTokenMs?: number; readonly idleMs?: number; readonly totalMs?: number }
  readonly failover?: Partial<Route['failover']>
  readonly redact?: Partial<Redaction>
  /** Fields of the rule that are as the table has them. */
  readonly choice?: Pick<Route, 'strategy' | 'sticky' | 'canary' | 'named'>
  readonly batch?: NonNullable<Route['batch']>
  readonly cache?: Partial<CacheRule>
  readonly deferred?: Partial<DeferredRule>
  readonly parameters?: NonNullable<Route['parameters']>
  /** What the call is and how long. */
  readonly looks?: Pick<Route['match'], 'content' | 'contextTokens'>
}

export interface TableSpec {
  readonly routes: readonly RouteSpec[]
  readonly targets: Readonly<Record<string, TargetSpec>>
  readonly passthrough?: string
  readonly sharedCaches?: RoutingTable['sharedCaches']
}

/** As ModelRoute has it by default. */
const NOT_BY_DEFAULT: readonly string[] = ['Auth', 'ContentFilter', 'Truncated', 'BadRequest']
const MOVES_ON = FAILOVER_CLASSES.filter((name) => !NOT_BY_DEFAULT.includes(name))

/** As ModelRoute has it by default. */
const REDACTION = { profile: 'Standard', add: [], remove: [], mode: 'Enforce', onFailure: 'Refuse' }

/** As ModelRoute has it by default. */
export const CACHE: CacheRule = {
  scope: 'Pod',
  ttlMs: 3_600_000,
  sampled: 'Skip',
  maxTemperature: '0',
  toolResults: 'Skip',
  truncated: 'Skip',
  filtered: 'Skip',
  ignoreHeaders: [],
  generation: 0,
  singleFlight: 'Pod',
}

let version = 0

/** A whole table, checked as one that comes from outside. */
export function makeTable({ routes, targets, passthrough, sharedCaches }: TableSpec): RoutingTable {
  version += 1
  const parsed = parseTable({
    schema: 1,
    requires: routes.some(({ redact }) => redact !== undefined) ? ['redact'] : [],
    version: version.toString(16).padStart(16, '0'),
    routes: routes.map((route, index) => ({
      name: route.name ?? `test/chat/rule-${index}`,
      ...(route.mode ? { mode: route.mode } : {}),
      match: {
        models: route.models ?? [],
        operations: route.operations ?? [],
        ...(route.headers ? { headers: route.headers } : {}),
        ...(route.schedule ? { schedule: route.schedule } : {}),
        ...route.looks,
      },
      backends: route.backends.map((backend) =>
        typeof backend === 'string' ? { target: backend, weight: 1, tier: 0 } : { weight: 1, tier: 0, ...backend },
      ),
      ...(route.unavailable === undefined ? {} : { unavailable: route.unavailable }),
      timeouts: { firstTokenMs: 10_000, idleMs: 10_000, ...route.timeouts },
      failover: { attempts: 3, on: MOVES_ON, ...route.failover },
      ...route.choice,
      ...(route.redact && { redact: { ...REDACTION, ...route.redact } }),
      ...(route.batch && { batch: route.batch }),
      ...(route.parameters && { parameters: route.parameters }),
      ...(route.cache && { cache: { ...CACHE, ...route.cache } }),
      ...(route.deferred && { deferred: { withinMs: 86_400_000, keepMs: 3_600_000, ...route.deferred } }),
    })),
    targets: Object.fromEntries(
      Object.entries(targets).map(([id, target]) => [id, { provider: `test/${id}`, dialect: 'OpenAI', ...target }]),
    ),
    ...(passthrough === undefined ? {} : { passthrough }),
    ...(sharedCaches && { sharedCaches }),
  })
  if (parsed.kind === 'faults') throw new Error(JSON.stringify(parsed.faults))
  return parsed.table
}

export interface ProxyRig extends Wiring {
  readonly url: string
  readonly port: number
  readonly adminUrl: string
  readonly tables: TableHolder
  readonly keys: KeyRing
  readonly registry: Registry
  /** The call lines of the log so far, in order. */
  readonly exchanges: readonly Exchange[]
  /** Everything that was logged, as text. */
  readonly logText: () => string
  /** Resolves when so many calls have been reported. */
  readonly untilReported: (count: number) => Promise<void>
  readonly stop: () => Promise<void>
}

export interface ProxyRigOptions {
  readonly table?: RoutingTable | null
  readonly keys?: Readonly<Record<string, string>>
  readonly maxBodyBytes?: number
  readonly maxBodiesInFlightBytes?: number
  readonly timers?: Timers
  readonly clock?: Clock
  readonly detect?: NonNullable<WiringDeps['detect']>
  readonly maskingThread?: URL
  readonly refusesForeignPages?: boolean
  readonly stateDir?: string
  readonly cache?: NonNullable<ProxyBounds['cache']>
}

export async function startProxy(options: ProxyRigOptions = {}): Promise<ProxyRig> {
  const log = new TestLog()
  const tables = new TableHolder(() => {})
  const keys = new KeyRing()
  const registry = new Registry()
  if (options.table) tables.swap(options.table)
  keys.replaceAll(Object.entries(options.keys ?? {}).map(([id, value]) => ({ id, value })))
  const { maxBodyBytes = 32 * MEBIBYTE, maxBodiesInFlightBytes = 64 * MEBIBYTE, timers = systemTimers } = options
  const { refusesForeignPages = false } = options
  const wiring = wireProxy(
    {
      maxBodyBytes,
      maxBodiesInFlightBytes,
      refusesForeignPages,
      stateDir: options.stateDir ?? null,
      ...(options.cache && { cache: options.cache }),
    },
    {
      tables,
      keys,
      logger: log,
      callLines: { write: (exchange) => log.write(exchange) },
      registry,
      clock: options.clock ?? systemClock,
      timers,
      random: Math.random,
      residentBytes: () => 0,
      ...(options.detect && { detect: options.detect }),
      ...(options.maskingThread && { maskingThread: options.maskingThread }),
    },
  )
  const { port } = await wiring.server.listen({ host: '127.0.0.1', port: 0 })
  const { port: adminPort } = await wiring.admin.listen({ host: '127.0.0.1', port: 0 })
  return {
    ...wiring,
    url: `http://127.0.0.1:${port}`,
    port,
    adminUrl: `http://127.0.0.1:${adminPort}`,
    tables,
    keys,
    registry,
    exchanges: log.exchanges,
    logText: () => log.lines.join('\n'),
    untilReported: (count) => log.until(() => log.exchanges.length >= count),
    stop: async () => {
      await wiring.server.drain(0)
      wiring.healthChecks.stop()
      wiring.connections.closeAll()
      wiring.admin.close()
      await wiring.close()
    },
  }
}

class TestLog {
  readonly exchanges: Exchange[] = []
  readonly lines: string[] = []
  #waiters: (() => void)[] = []

  debug(fields: object, message: string): void {
    this.#add(fields, message)
  }

  info(fields: object, message: string): void {
    this.#add(fields, message)
  }

  /** The line of a call. */
  write(exchange: Exchange): void {
    this.#add(exchange, 'call')
    this.exchanges.push(exchange)
    for (const waiter of this.#waiters.splice(0)) waiter()
  }

  warn(fields: object, message: string): void {
    this.#add(fields, message)
  }

  error(fields: object, message: string): void {
    this.#add(fields, message)
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiters.push(resolve))
  }

  #add(fields: object, message: string): void {
    this.lines.push(`${message} ${JSON.stringify(fields)}`)
  }
}
