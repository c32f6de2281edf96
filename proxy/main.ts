// The proxy's entry: environment -> Config -> wiring -> listen -> drain on SIGTERM. With config.ts the only user of
// `process`. Everything that has a life is made here and handed on as deps.
//
//   TableSource -> TableHolder, KeyRing <- reads - pipeline, passthrough
//   server -> serve -> pipeline -> report -> log, metrics, CallLog -> TableSource -> operator
import { Registry } from 'prom-client'
import { AdminServer } from './admin.ts'
import { parseConfig, type Config } from './config.ts'
import type { Exchange } from './exchange.ts'
import { Passthrough } from './passthrough.ts'
import { BodiesInFlight } from './receive.ts'
import { serve, serveUpgrade } from './serve.ts'
import { ProxyServer } from './server.ts'
import { CompiledTables } from './table/compiled.ts'
import { TableHolder } from './table/holder.ts'
import { KeyRing } from './table/key-ring.ts'
import { createTableSource } from './table/source.ts'
import { CallLog } from './telemetry/call-log.ts'
import { systemClock } from './telemetry/clock.ts'
import { createIds } from './telemetry/ids.ts'
import { createLogger } from './telemetry/log.ts'
import { createMetrics } from './telemetry/metrics.ts'
import { report } from './telemetry/report.ts'
import { AttemptBudget } from './upstream/budget.ts'
import { Connections } from './upstream/connections.ts'
import { systemTimers } from './upstream/timers.ts'

// http-proxy calls what Node has deprecated; operators of a cluster can do nothing about it.
process.noDeprecation = true
const parsed = parseConfig(process.env)
if (parsed.kind === 'faults') {
  process.stderr.write(`${parsed.faults.join('\n')}\n`)
  process.exit(1)
}
await run(parsed.config)

async function run(config: Config): Promise<void> {
  const { server, admin, source, connections, logger } = wire(config)
  try {
    const [proxyAddress, adminAddress] = await Promise.all([
      server.listen(config.listen),
      admin.listen(config.adminListen),
    ])
    logger.info({ proxy: addressText(proxyAddress), admin: addressText(adminAddress) }, 'listening')
  } catch (error) {
    logger.error({ err: error }, `the proxy cannot listen: ${error instanceof Error ? error.message : String(error)}`)
    process.exit(1)
  }
  await source.start()

  let isEnding = false
  const end = async (signal: string) => {
    if (isEnding) return
    isEnding = true
    logger.info({ signal, callsUnderWay: server.callsUnderWay() }, 'draining')
    await server.drain(config.drainMs)
    await source.stop()
    connections.closeAll()
    admin.close()
    logger.info({}, 'ended')
    process.exit(0)
  }
  process.on('SIGTERM', (signal) => void end(signal))
  process.on('SIGINT', (signal) => void end(signal))
}

function wire(config: Config) {
  const logger = createLogger({ level: config.logLevel, name: 'modelroute-proxy', fields: podFields(config) })
  const clock = systemClock
  const now = () => clock.now()
  const registry = new Registry()
  const keys = new KeyRing()
  const tables = new TableHolder(({ version, routes }) => {
    logger.debug({ tableVersion: version, routes: routes.length }, 'the next call sees a new table')
  })
  const compiledTables = new CompiledTables()
  const connections = new Connections()
  const bodies = new BodiesInFlight(config.maxBodiesInFlightBytes)
  const callLog = new CallLog()
  const metrics = createMetrics(registry, {
    connectionsOpen: () => connections.openCount(),
    bodyBytesHeld: () => bodies.heldBytes,
    callsUnderWay: () => server.callsUnderWay(),
    hasTable: () => tables.current() !== null,
    residentBytes: () => process.memoryUsage.rss(),
  })
  const reportExchange = (exchange: Exchange) => report(exchange, { logger, metrics, callLog })
  const passthrough = new Passthrough({ tables, compiledTables, keys, now, report: reportExchange })
  const serveDeps = {
    tables,
    compiledTables,
    keys,
    connections,
    bodies,
    passthrough,
    logger,
    now,
    timers: systemTimers,
    budget: new AttemptBudget(clock),
    maxBodyBytes: config.maxBodyBytes,
    newId: createIds(Math.random),
    report: reportExchange,
  }
  const server = new ProxyServer({
    serve: (call, onEnd) => serve(call, onEnd, serveDeps),
    upgrade: (call, onEnd) => serveUpgrade(call, onEnd, serveDeps),
    timers: systemTimers,
  })
  const admin = new AdminServer({ tables, registry, isListening: () => server.isListening(), startedAtMs: now(), now })
  const sourceDeps = { holder: tables, keys, callLog, logger, registry, clock, random: Math.random }
  return { server, admin, source: createTableSource(config.source, sourceDeps), connections, logger }
}

function podFields({ podName, podNamespace }: Config): Record<string, string> {
  return {
    ...(podName === null ? {} : { pod: podName }),
    ...(podNamespace === null ? {} : { namespace: podNamespace }),
  }
}

function addressText({ address, port, family }: { address: string; port: number; family: string }): string {
  return family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`
}
