// Entry of the operator in a cluster: environment -> Config -> startOperator -> SIGTERM -> stop. With config.ts and
// local.ts the only file of the operator that touches process.*.
import { Registry } from 'prom-client'
import packageFile from '../package.json' with { type: 'json' }
import { systemClock } from '../proxy/telemetry/clock.ts'
import { createLogger, type Logger } from '../proxy/telemetry/log.ts'
import { type Config, parseConfig } from './config.ts'
import { loadClusterAccess } from './kube/client.ts'
import { type OperatorDeps, startOperator } from './operator.ts'

/** After a signal, whatever still hangs is left: the pod would be killed a little later anyway. */
const STOP_LIMIT_MS = 20_000

await main()

async function main(): Promise<void> {
  const parsed = parseConfig(process.env)
  if (parsed.kind === 'faults') return fail(parsed.faults)
  const { config } = parsed
  const logger = createLogger({ level: config.logLevel, name: 'modelroute-operator', fields: { pod: config.podName } })
  process.on('unhandledRejection', (reason) => crash(logger, reason))
  process.on('uncaughtException', (error) => crash(logger, error))
  await run(config, logger)
}

async function run(config: Config, logger: Logger): Promise<void> {
  const cleanup = new AsyncDisposableStack()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(cleanup, logger))
  try {
    await startOperator(config, collectDeps(config, logger), cleanup)
  } catch (error) {
    if (cleanup.disposed) return
    fail([error instanceof Error ? error.message : String(error)])
    await cleanup.disposeAsync()
  }
}

function collectDeps(config: Config, logger: Logger): OperatorDeps {
  return {
    access: loadClusterAccess(config.kubeconfig),
    logger,
    registry: new Registry(),
    clock: systemClock,
    monotonicMs: () => performance.now(),
    random: Math.random,
    version: packageFile.version,
  }
}

async function stop(cleanup: AsyncDisposableStack, logger: Logger): Promise<void> {
  logger.info({}, 'stopping')
  systemClock.after(STOP_LIMIT_MS, () => process.exit(1))
  await cleanup.disposeAsync()
  logger.info({}, 'stopped')
  // A start that still waits for an API server holds nothing that needs an end.
  process.exit(0)
}

/** A bug: state may be wrong, so the process ends and is started afresh; proxies keep their last table. */
function crash(logger: Logger, error: unknown): void {
  logger.error({ error: error instanceof Error ? error.stack : String(error) }, 'unexpected error, the process ends')
  process.exit(1)
}

function fail(sentences: readonly string[]): void {
  for (const sentence of sentences) process.stderr.write(`modelroute-operator: ${sentence}\n`)
  process.exitCode = 1
}
