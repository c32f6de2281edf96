// The proxy's entry: environment -> Config -> wiring -> listen -> drain on SIGTERM. With config.ts the only user of
// `process`.
//
//   TableSource -> TableHolder, KeyRing <- read by the calls' path (wiring.ts) -> CallLog -> TableSource -> operator
import { Registry } from 'prom-client'
import { parseConfig, type Config } from './config.ts'
import { TableHolder } from './table/holder.ts'
import { KeyRing } from './table/key-ring.ts'
import { createTableSource, type TableSource } from './table/source.ts'
import { systemClock } from './telemetry/clock.ts'
import { CallLines } from './telemetry/call-lines.ts'
import { createLogger, openStandardOutput, type Logger } from './telemetry/log.ts'
import { systemTimers } from './upstream/timers.ts'
import { wireProxy, type Wiring } from './wiring.ts'

/** A write wakes whoever reads the log: under load, lines go out a hundred times a second and not thousands. */
const LINES_EVERY_MS = 10

interface Proxy extends Wiring {
  readonly source: TableSource
  readonly logger: Logger
}

// http-proxy calls what Node has deprecated; whoever reads a pod's log can do nothing about it.
process.noDeprecation = true
const parsed = parseConfig(process.env)
if (parsed.kind === 'faults') {
  process.stderr.write(`${parsed.faults.join('\n')}\n`)
  process.exit(1)
}
await run(parsed.config)

async function run(config: Config): Promise<void> {
  const proxy = create(config)
  await listen(proxy, config)
  let isEnding = false
  const end = (signal: string) => {
    // A second signal does not wait: whoever sends it has waited enough.
    if (isEnding) process.exit(0)
    isEnding = true
    drain(proxy, { signal, drainMs: config.drainMs }).catch((error: unknown) => {
      proxy.logger.error({ err: error }, 'draining failed')
      process.exit(1)
    })
  }
  process.on('SIGTERM', end)
  process.on('SIGINT', end)
  await proxy.source.start()
}

function create(config: Config): Proxy {
  const logSettings = { level: config.logLevel, name: 'modelroute-proxy', fields: podFields(config) }
  const output = openStandardOutput()
  const logger = createLogger(logSettings, output)
  const soon = (run: () => void) => void setTimeout(run, LINES_EVERY_MS)
  const callLines = new CallLines(logSettings, { output, soon, now: () => systemClock.now() })
  // Uncaught faults pass here too.
  process.on('exit', () => callLines.flush())
  const registry = new Registry()
  const keys = new KeyRing()
  const tables = new TableHolder((table) => {
    logger.debug({ tableVersion: table.version, routes: table.routes.length }, 'the next call sees a new table')
    wiring.prepare(table)
  })
  const shared = { keys, logger, registry, clock: systemClock, random: Math.random }
  const residentBytes = () => process.memoryUsage.rss()
  const wiring = wireProxy(config, { ...shared, callLines, tables, timers: systemTimers, residentBytes })
  const source = createTableSource(config.source, {
    ...shared,
    holder: tables,
    callLog: wiring.callLog,
    explain: wiring.explain,
  })
  return { ...wiring, source, logger }
}

async function listen({ server, admin, logger }: Proxy, config: Config): Promise<void> {
  try {
    const proxyAddress = await server.listen(config.listen)
    const adminAddress = await admin.listen(config.adminListen)
    logger.info({ proxy: addressText(proxyAddress), admin: addressText(adminAddress) }, 'listening')
  } catch (error) {
    logger.error({ err: error }, `the proxy cannot listen: ${error instanceof Error ? error.message : String(error)}`)
    process.exit(1)
  }
}

async function drain(
  { server, admin, source, connections, healthChecks, logger, close }: Proxy,
  { signal, drainMs }: { readonly signal: string; readonly drainMs: number },
): Promise<void> {
  logger.info({ signal, callsUnderWay: server.callsUnderWay() }, 'draining')
  await server.drain(drainMs)
  await source.stop()
  healthChecks.stop()
  connections.closeAll()
  admin.close()
  await close()
  logger.info({}, 'ended')
  process.exit(0)
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
