// Entry of the hook that ends an installation: environment -> probeWebhook -> exit code. Runs once, in a pod of its
// own, and only asks for dry runs.
import { createLogger } from '../../proxy/telemetry/log.ts'
import type { Clock } from '../../proxy/telemetry/clock.ts'
import { createKubeClient, loadClusterAccess } from '../kube/client.ts'
import { probeWebhook } from './probe.ts'

const DEFAULT_TIMEOUT_SECONDS = 240

/** Unlike the system's clock it keeps the process alive while it waits. */
const wakefulClock: Clock = {
  now: () => Date.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs)
    return () => clearTimeout(timer)
  },
}

await main()

async function main(): Promise<void> {
  const logger = createLogger({ level: 'info', name: 'modelroute-webhook-probe', fields: {} })
  const namespace = process.env['MODELROUTE_NAMESPACE']
  const seconds = Number(process.env['MODELROUTE_PROBE_TIMEOUT_SECONDS'] ?? DEFAULT_TIMEOUT_SECONDS)
  if (!namespace || !(seconds > 0)) {
    logger.error({}, 'MODELROUTE_NAMESPACE must be set, and MODELROUTE_PROBE_TIMEOUT_SECONDS be a number above 0')
    process.exitCode = 1
    return
  }
  const api = createKubeClient(loadClusterAccess(process.env['KUBECONFIG'] || null), { clock: wakefulClock })
  const result = await probeWebhook({ namespace, timeoutMs: seconds * 1000 }, { api, clock: wakefulClock, logger })
  if (result.kind === 'answered') {
    logger.info({ attempts: result.attempts }, 'the webhook answers')
  } else {
    logger.error({ attempts: result.attempts }, `the webhook did not answer within ${seconds} s: ${result.reason}`)
    process.exitCode = 1
  }
  await api.close()
}
