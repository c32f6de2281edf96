// The proxy's parts put together, in the order in which a call meets them. main.ts adds what the process gives
// (environment, signals, table source); tests add their own time, table and log.
//
//   TableHolder, KeyRing <- read by - server -> serve -> pipeline | passthrough -> report -> log, metrics, CallLog
import type { Registry } from 'prom-client'
import { AdminServer } from './admin.ts'
import type { Exchange } from './exchange.ts'
import { Passthrough } from './passthrough.ts'
import { BodiesInFlight } from './bodies-in-flight.ts'
import { serve, serveUpgrade, type ServeDeps } from './serve.ts'
import { ProxyServer } from './server.ts'
import { CompiledTables } from './compiled-table.ts'
import type { TableHolder } from './table/holder.ts'
import type { KeyRing } from './table/key-ring.ts'
import { CallLog } from './telemetry/call-log.ts'
import type { Clock } from './telemetry/clock.ts'
import { createIds } from './telemetry/ids.ts'
import type { Logger } from './telemetry/log.ts'
import { createMetrics } from './telemetry/metrics.ts'
import { report, type ReportDeps } from './telemetry/report.ts'
import { UploadWatch } from './upload-watch.ts'
import { AttemptBudget } from './upstream/budget.ts'
import { Connections } from './upstream/connections.ts'
import type { Timers } from './upstream/timers.ts'

export interface ProxyBounds {
  readonly maxBodyBytes: number
  readonly maxBodiesInFlightBytes: number
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
}

export interface Wiring {
  readonly server: ProxyServer
  readonly admin: AdminServer
  readonly connections: Connections
  readonly callLog: CallLog
}

export function wireProxy(bounds: ProxyBounds, deps: WiringDeps): Wiring {
  const { tables, keys, logger, callLines, registry, clock, timers, random, residentBytes } = deps
  const now = () => clock.now()
  const compiledTables = new CompiledTables()
  const connections = new Connections()
  const bodies = new BodiesInFlight(bounds.maxBodiesInFlightBytes)
  const callLog = new CallLog()
  const metrics = createMetrics(registry, {
    connectionsOpen: () => connections.openCount(),
    bodyBytesHeld: () => bodies.heldBytes,
    callsUnderWay: () => server.callsUnderWay(),
    hasTable: () => tables.current() !== null,
    residentBytes,
  })
  const reportExchange = (exchange: Exchange) => report(exchange, { callLines, metrics, callLog })
  const serveDeps: ServeDeps = {
    tables,
    compiledTables,
    keys,
    connections,
    bodies,
    uploads: new UploadWatch(timers),
    logger,
    now,
    timers,
    random,
    budget: new AttemptBudget(clock),
    maxBodyBytes: bounds.maxBodyBytes,
    newId: createIds(random),
    report: reportExchange,
    passthrough: new Passthrough({ tables, compiledTables, keys, now, report: reportExchange }),
  }
  const server = new ProxyServer({
    serve: (call, onEnd) => serve(call, onEnd, serveDeps),
    upgrade: (call, onEnd) => serveUpgrade(call, onEnd, serveDeps),
    timers,
  })
  const isListening = () => server.isListening()
  const admin = new AdminServer({ tables, registry, isListening, startedAtMs: now(), logger, now })
  return { server, admin, connections, callLog }
}
