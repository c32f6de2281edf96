// The proxy's parts put together, in the order in which a call meets them. main.ts adds what the process gives
// (environment, signals, table source); tests add their own time, table and log.
//
//   TableHolder, KeyRing <- read by - server -> serve -> pipeline | passthrough -> report -> log, metrics, CallLog
import { randomBytes } from 'node:crypto'
import type { Registry } from 'prom-client'
import { AdminServer } from './admin.ts'
import type { Exchange } from './exchange.ts'
import { refuseForeignPage } from './foreign-page.ts'
import { Passthrough } from './passthrough.ts'
import { BodiesInFlight } from './bodies-in-flight.ts'
import { CachingOnDemand } from './cache/caching-on-demand.ts'
import { MaskingOnDemand } from './redact/masking-on-demand.ts'
import type { Detect } from './redact/mask/inspector.ts'
import { serve, serveUpgrade, type ServeDeps } from './serve.ts'
import { ProxyServer } from './server.ts'
import { CompiledTables } from './compiled-table.ts'
import { BatchingOnDemand } from './batch/batching-on-demand.ts'
import { createChoice } from './strategy/create-choice.ts'
import type { TableHolder } from './table/holder.ts'
import type { KeyRing } from './table/key-ring.ts'
import { CallLog } from './telemetry/call-log.ts'
import type { Clock } from './telemetry/clock.ts'
import { createIds } from './telemetry/ids.ts'
import type { Logger } from './telemetry/log.ts'
import { createMetrics, type ProxyMetrics } from './telemetry/metrics.ts'
import { report, type ReportDeps } from './telemetry/report.ts'
import { UploadWatch } from './upload-watch.ts'
import { AttemptBudget } from './upstream/budget.ts'
import { Connections } from './upstream/connections.ts'
import { Health } from './upstream/health.ts'
import { HealthChecks } from './upstream/health-check.ts'
import { StateOwners } from './upstream/state-owners.ts'
import type { Timers } from './upstream/timers.ts'

export interface ProxyBounds {
  readonly maxBodyBytes: number
  readonly maxBodiesInFlightBytes: number
  readonly refusesForeignPages: boolean
}

export interface WiringDeps {
  readonly tables: TableHolder
  readonly keys: KeyRing
  readonly logger: Logger
  readonly callLines: ReportDeps['callLines']
  readonly registry: Registry
  readonly clock: Clock
  readonly timers: Timers
  /** Uniform in [0, 1). */
  readonly random: () => number
  readonly residentBytes: () => number
  /** In place of the detectors' own, for tests of what faults in them lead to. */
  readonly detect?: Detect
}

export interface Wiring {
  readonly server: ProxyServer
  readonly admin: AdminServer
  readonly connections: Connections
  readonly healthChecks: HealthChecks
  readonly callLog: CallLog
  readonly masking: Pick<MaskingOnDemand, 'mask' | 'prepare'>
}

export function wireProxy(bounds: ProxyBounds, deps: WiringDeps): Wiring {
  const { tables, keys, logger, callLines, registry, clock, timers, random, residentBytes } = deps
  const now = () => clock.now()
  const compiledTables = new CompiledTables()
  const connections = new Connections({ timers, now })
  const bodies = new BodiesInFlight(bounds.maxBodiesInFlightBytes)
  const callLog = new CallLog()
  const metrics = createMetrics(registry, {
    connectionsOpen: () => connections.openCount(),
    bodyBytesHeld: () => bodies.heldBytes,
    callsUnderWay: () => server.callsUnderWay(),
    hasTable: () => tables.current() !== null,
    residentBytes,
    targetStates: () => Object.keys(tables.current()?.targets ?? {}).map((targetId) => health.stateOf(targetId)),
  })
  const learning = wireLearning(deps)
  const { health, healthChecks } = wireHealth({ ...deps, connections, metrics })
  const reportExchange = (exchange: Exchange) => {
    noteStream(exchange, health)
    learning.canaries.note(exchange)
    report(exchange, { callLines, metrics, callLog })
  }
  const refusePage = bounds.refusesForeignPages ? refuseForeignPage : () => null
  const shared = { timers, uploads: new UploadWatch(timers), refusePage }
  const serveDeps: ServeDeps = {
    tables,
    compiledTables,
    keys,
    connections,
    bodies,
    ...shared,
    logger,
    now,
    random,
    ...learning,
    health,
    masking: wireMasking(deps),
    caching: wireCaching(deps),
    batching: new BatchingOnDemand(),
    maxBodyBytes: bounds.maxBodyBytes,
    newId: createIds(random),
    report: reportExchange,
    passthrough: new Passthrough({ tables, compiledTables, keys, now, report: reportExchange, logger, ...shared }),
  }
  const server = new ProxyServer({
    serve: (call, onEnd) => serve(call, onEnd, serveDeps),
    upgrade: (call, onEnd) => serveUpgrade(call, onEnd, serveDeps),
    timers,
  })
  const watched = { isListening: () => server.isListening(), startedAtMs: now() }
  const admin = new AdminServer({ tables, registry, health, logger, now, tools: [], ...watched })
  return { server, admin, connections, healthChecks, callLog, masking: serveDeps.masking }
}

/** What calls teach, of which nothing is kept when the process ends. */
function wireLearning({ clock, logger, registry }: WiringDeps) {
  const choice = createChoice({ now: () => clock.now(), logger, registry })
  return { ...choice, budget: new AttemptBudget(clock), owners: new StateOwners() }
}

function wireMasking({ keys, logger, clock, detect }: WiringDeps): MaskingOnDemand {
  const parts = { keys, logger, now: () => clock.now(), afterTurn: setImmediate, memoryKey: randomBytes(32) }
  return new MaskingOnDemand(detect === undefined ? parts : { ...parts, detect })
}

const CACHE_MEMORY_BYTES = 32 * 1024 * 1024

function wireCaching({ clock, timers, logger }: WiringDeps): CachingOnDemand {
  const now = () => clock.now()
  const observer = { looked() {}, dropped() {}, evicted() {}, skipped() {} }
  const load = async () => {
    const [{ createCaching }, { createCacheStore }] = await Promise.all([
      import('./cache/create-caching.ts'),
      import('./cache/levels/cache-store.ts'),
    ])
    const store = createCacheStore({ memoryBytes: CACHE_MEMORY_BYTES }, { now, observer })
    return createCaching({ store, names: { pod: null, workload: null }, now, timers, logger })
  }
  return new CachingOnDemand({ load, logger })
}

/** Only now is it known how a stream ended. */
function noteStream({ isStreaming, targetId, status, error }: Exchange, health: Health): void {
  if (isStreaming && targetId !== null && status < 400) health.streamEnded(targetId, { isCut: error === 'stream_cut' })
}

function wireHealth({
  clock,
  metrics,
  ...deps
}: Pick<WiringDeps, 'clock' | 'logger' | 'keys' | 'timers'> & Pick<Wiring, 'connections'> & { metrics: ProxyMetrics }) {
  const health = new Health({
    now: () => clock.now(),
    onEjected: (attempt, reason) => {
      deps.logger.warn({ target: attempt.targetId, reason }, 'calls go to other targets first')
      metrics.ejections.add(attempt.targetId, reason)
      healthChecks.watch(attempt)
    },
    onReadmitted: (target) => deps.logger.info({ target }, 'a target takes calls again'),
  })
  const healthChecks = new HealthChecks({ ...deps, health })
  return { health, healthChecks }
}
