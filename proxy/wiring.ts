// The proxy's parts put together, in the order in which a call meets them. main.ts adds what the process gives
// (environment, signals, table source); tests add their own time, table and log.
//
//   TableHolder, KeyRing <- read by - server -> serve -> pipeline | passthrough -> report -> log, metrics, CallLog
import { randomBytes } from 'node:crypto'
import type { Registry } from 'prom-client'
import { AdminServer } from './admin.ts'
import type { AdminTool } from './admin-tools.ts'
import type { Exchange } from './exchange.ts'
import { explainTool } from './explain/on-demand.ts'
import { refuseForeignPage } from './foreign-page.ts'
import { Passthrough } from './passthrough/passthrough.ts'
import { BodiesInFlight } from './bodies-in-flight.ts'
import { MaskingOnDemand } from './redact/masking-on-demand.ts'
import type { Detect } from './redact/mask/inspector.ts'
import { serve, serveUpgrade, type ServeDeps } from './serve.ts'
import { ProxyServer } from './server.ts'
import { CompiledTables } from './compiled-table.ts'
import { FactsOnDemand, type FactsSource } from './classify/facts-on-demand.ts'
import { wireDeferring } from './wire-deferring.ts'
import { BatchingOnDemand } from './batch/batching-on-demand.ts'
import { createChoice } from './strategy/create-choice.ts'
import type { RoutingTable } from './table/schema.ts'
import type { TableHolder } from './table/holder.ts'
import type { Explain } from './table/source.ts'
import type { KeyRing } from './table/key-ring.ts'
import { CallLog } from './telemetry/call-log.ts'
import type { Clock } from './telemetry/clock.ts'
import { createIds } from './telemetry/ids.ts'
import type { Logger } from './telemetry/log.ts'
import { createMetrics, type ProxyMetrics } from './telemetry/metrics.ts'
import { report, type ReportDeps } from './telemetry/report.ts'
import { UploadWatch } from './upload-watch.ts'
import { wireCaching, type CacheSettings, type WiredCache } from './wire-caching.ts'
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
  /** Where deferred calls rest; absent or null: none is deferred. */
  readonly stateDir?: string | null
  readonly cache?: CacheSettings
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
  /** The code of the thread that masks, for the same. */
  readonly maskingThread?: URL
}

export interface Wiring {
  readonly server: ProxyServer
  readonly admin: AdminServer
  readonly connections: Connections
  readonly healthChecks: HealthChecks
  readonly callLog: CallLog
  readonly explain: Explain
  /** What a new table needs is made ready before its first call. */
  readonly prepare: (table: RoutingTable) => void
  /** Ends what runs beside the calls: the thread that masks, and the cache, whose last entries reach the disk. */
  readonly close: () => Promise<void>
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
  const cache = wireCaching(bounds.cache, { ...deps, report: reportExchange })
  const arrival = { uploads: new UploadWatch(timers), refusePage: pageRefusal(bounds) }
  const shared = { tables, compiledTables, keys, logger, now, timers, report: reportExchange, ...arrival }
  const serveDeps: ServeDeps = {
    ...shared,
    connections,
    bodies,
    random,
    ...learning,
    health,
    ...wireOnDemand(deps, cache),
    deferring: wireDeferring(bounds.stateDir ?? null, logger, () => serveDeps),
    maxBodyBytes: bounds.maxBodyBytes,
    newId: createIds(random),
    passthrough: new Passthrough(shared),
  }
  const server = new ProxyServer({
    serve: (call, onEnd) => serve(call, onEnd, serveDeps),
    upgrade: (call, onEnd) => serveUpgrade(call, onEnd, serveDeps),
    timers,
  })
  const watched = { isListening: () => server.isListening(), startedAtMs: now() }
  const explain = explainTool(serveDeps)
  const tools = [explain, ...cache.tools]
  const admin = new AdminServer({ tables, registry, health, logger, now, tools, ...watched })
  return { server, admin, connections, healthChecks, callLog, explain: answerText(explain), ...ends(serveDeps, cache) }
}

/** As the operator's stream asks it. */
function answerText(tool: AdminTool): Explain {
  return async (call) => await tool.answer({ query: new URLSearchParams(), text: call, wantsText: true })
}

function pageRefusal({ refusesForeignPages }: ProxyBounds): ServeDeps['refusePage'] {
  return refusesForeignPages ? refuseForeignPage : () => null
}

function ends(deps: Pick<ServeDeps, OnDemand | 'deferring'>, cache: WiredCache): Pick<Wiring, 'prepare' | 'close'> {
  const close = () => {
    deps.masking.close()
    deps.facts.close()
    return Promise.all([cache.close(), deps.deferring.close()]).then(() => {})
  }
  return { prepare: (table) => prepare(table, deps), close }
}

function prepare(
  table: RoutingTable,
  { masking, caching, facts, deferring }: Pick<ServeDeps, OnDemand | 'deferring'>,
): void {
  masking.prepare(table)
  caching.prepare(table)
  facts.prepare(table)
  deferring.prepare(table)
}

/** What calls teach, of which nothing is kept when the process ends. */
function wireLearning({ clock, logger, registry }: WiringDeps) {
  const choice = createChoice({ now: () => clock.now(), logger, registry })
  return { ...choice, budget: new AttemptBudget(clock), owners: new StateOwners() }
}

type OnDemand = 'masking' | 'caching' | 'batching' | 'facts'

/** What is loaded with the first rule that needs it. */
function wireOnDemand(deps: WiringDeps, { caching }: WiredCache): Pick<ServeDeps, OnDemand> {
  return {
    masking: wireMasking(deps),
    caching,
    batching: new BatchingOnDemand(),
    facts: new FactsOnDemand({ load: () => loadFacts(deps), logger: deps.logger }),
  }
}

async function loadFacts(deps: Pick<WiringDeps, 'timers'>): Promise<FactsSource> {
  const { createFacts } = await import('./classify/create-facts.ts')
  return createFacts(deps)
}

function wireMasking({ keys, logger, clock, timers, detect, maskingThread }: WiringDeps): MaskingOnDemand {
  const own = { ...(detect && { detect }), ...(maskingThread && { threadUrl: maskingThread }) }
  const now = () => clock.now()
  return new MaskingOnDemand({ keys, logger, timers, now, afterTurn: setImmediate, memoryKey: randomBytes(32), ...own })
}

/** Only now is it known how a stream ended; of one that several have read, once. */
function noteStream({ isStreaming, targetId, status, error, flight }: Exchange, health: Health): void {
  if (!isStreaming || targetId === null || status >= 400 || flight === 'joined') return
  health.streamEnded(targetId, { isCut: error === 'stream_cut' })
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
