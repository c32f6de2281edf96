// The operator in a cluster, put together in the order in which a change travels. Each part with what it reads and
// writes; main.ts gives it an environment, tests give it another.
//
//   mirror -> control loop -> push -> (proxies) -> tally -> control loop -> status
//   webhook: pods and workloads -> patches            lease: who writes status
import type { Registry } from 'prom-client'
import type { Clock } from '../proxy/telemetry/clock.ts'
import type { Logger } from '../proxy/telemetry/log.ts'
import { startAdmin } from './admin.ts'
import type { Config } from './config.ts'
import { startDashboard } from './dashboard/server.ts'
import { podOf } from './dashboard/spread.ts'
import { dashboardState } from './dashboard/state.ts'
import { type Certificates, startCertificates } from './inject/serving-certificates.ts'
import { startWebhook } from './inject/webhook.ts'
import type { ClusterAccess } from './kube/access.ts'
import { createKubeClient } from './kube/client.ts'
import { createMirror } from './kube/mirror.ts'
import { createOperatorMetrics } from './metrics.ts'
import { type Parts, wireParts } from './parts.ts'
import { RootKeyKeeper } from './redaction/root-key-keeper.ts'

export interface OperatorDeps {
  readonly access: ClusterAccess
  readonly logger: Logger
  readonly registry: Registry
  readonly clock: Clock
  readonly monotonicMs: () => number
  /** Uniform in [0, 1). */
  readonly random: () => number
  /** Of this program, recorded on the pods it injects. */
  readonly version: string
}

export interface Operator {
  /** In use; 0 in the settings asks for free ones. */
  readonly ports: {
    readonly webhook: number
    readonly push: number
    readonly admin: number
    readonly dashboard: number
  }
  isLeader(): boolean
  /** Hands over to the other replicas, finishes what has arrived, and leaves nothing open. */
  stop(): Promise<void>
}

/** What is to be stopped, in reverse order; an operator that is told to stop while it starts stops what there is. */
export type Cleanup = AsyncDisposableStack

/** Resolves when everything runs and all resources were listed. Waits for an API server that is away. */
export async function startOperator(config: Config, deps: OperatorDeps, cleanup: Cleanup): Promise<Operator> {
  const progress = new Set(['certificates', 'webhook', 'resources', 'push'])
  const metrics = createOperatorMetrics(deps.registry)
  // Reads and writes the API server, for everything below.
  const api = cleanup.adopt(createKubeClient(deps.access, deps), (client) => client.close())
  // Reads ModelRoutes, ModelProviders and pods.
  const mirror = createMirror({ ...deps, api, onSign: (kind, sign) => metrics.sign(kind, sign) })
  const isLive = () => progress.has('resources') || mirror.isAlive()
  const adminDeps = { isLive, missing: () => [...progress], registry: deps.registry }
  const admin = cleanup.adopt(await startAdmin(adminDeps, { port: config.ports.admin }), (server) => server.stop())

  const starting: Starting = { config, deps, cleanup, progress }
  // Reads and writes the CA's Secret and the webhook configuration's caBundle.
  const certificates = await startCertificates({
    ...config,
    api,
    clock: deps.clock,
    log: deps.logger,
    secretName: config.caSecret,
    names: config.certificateNames,
  })
  cleanup.defer(() => certificates.stop())
  progress.delete('certificates')
  const webhook = await startInjector(starting, certificates)
  // Reads and writes the Secret with the key of redaction.
  const namespaceKeys = new RootKeyKeeper({ ...deps, api, namespace: config.namespace, secretName: config.keySecret })
  cleanup.defer(() => namespaceKeys.stop())
  await namespaceKeys.start()
  const parts = wireParts(config, { ...deps, api, mirror, certificates, namespaceKeys, metrics })
  // Pods may know an authority that has just gone out of use.
  cleanup.defer(certificates.onChange(() => parts.loop.enqueueAll()))
  const push = await startMiddle(starting, parts)
  const dashboard = await startBoard(starting, parts)
  deps.logger.info({ webhook, push, admin: admin.port }, 'the operator runs')
  return {
    ports: { webhook, push, admin: admin.port, dashboard },
    isLeader: () => parts.lease.isLeader(),
    stop: () => cleanup.disposeAsync(),
  }
}

interface Starting {
  readonly config: Config
  readonly deps: OperatorDeps
  readonly cleanup: Cleanup
  /** What /readyz still waits for. */
  readonly progress: Set<string>
}

/** Reads pods and workloads as the API server sends them; answers with patches. Needs no resources to be listed. */
async function startInjector({ config, deps, cleanup, progress }: Starting, certificates: Certificates) {
  const webhook = await startWebhook(
    { ...deps, certificates, sidecar: config.sidecar, protectedNamespaces: ['kube-system', config.namespace] },
    { port: config.ports.webhook },
  )
  cleanup.defer(() => webhook.stop())
  progress.delete('webhook')
  return webhook.port
}

/** Proxies are let in when everything was listed: before, their pods would be unknown here. */
async function startMiddle({ config, cleanup, progress }: Starting, { loop, push, lease }: Parts): Promise<number> {
  cleanup.defer(() => loop.stop())
  await loop.start()
  progress.delete('resources')
  cleanup.defer(() => push.stop())
  const port = await push.listen(config.ports.push)
  progress.delete('push')
  // Started last and released first: another replica then writes status while this one still serves.
  cleanup.defer(() => lease.stop())
  lease.start()
  return port
}

/** Reads what the control loop came to. Its port is loopback's alone, and being taken must not stop an operator. */
async function startBoard({ config, deps, cleanup }: Starting, { board, push }: Parts): Promise<number> {
  try {
    const dashboard = await startDashboard(config.ports.dashboard, {
      state: () =>
        dashboardState({
          source: `cluster, ${config.podName}`,
          notices: [],
          views: board.views(),
          reports: (namespace) => push.tally.reports(namespace),
          hasAllReports: push.tally.isComplete(),
          connected: push.proxies(),
        }),
      pods: () => push.proxies().map(podOf),
      explain: (podUid, call) => push.explain(podUid, call),
    })
    cleanup.defer(() => dashboard.stop())
    return dashboard.port
  } catch (error) {
    deps.logger.warn({ error: String(error), port: config.ports.dashboard }, 'the dashboard is not served')
    return 0
  }
}
