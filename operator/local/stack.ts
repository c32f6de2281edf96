// Everything that `npm start` runs, wired in the order in which a change travels:
//
//   folder of yaml -> control loop -> push (TLS on loopback) -> proxy (child process) -> two model servers
//                          \-> board -> dashboard
//
// The same source interface, control loop and push as in the cluster; only identity (one fixed token), certificates
// (in memory) and status (shown, not written) are this machine's own. Nothing is left behind after stop().
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { ChildProcess } from 'node:child_process'
import { Registry } from 'prom-client'
import { Secret } from '../../proxy/secret.ts'
import type { Clock } from '../../proxy/telemetry/clock.ts'
import type { Logger } from '../../proxy/telemetry/log.ts'
import { createControlLoop } from '../control-loop.ts'
import { Board } from '../dashboard/board.ts'
import { startDashboard } from '../dashboard/server.ts'
import { podOf } from '../dashboard/spread.ts'
import { dashboardState } from '../dashboard/state.ts'
import { createLocalCertificates } from '../inject/serving-certificates.ts'
import { openResourceFolder, type ResourceFolder } from '../kube/files.ts'
import type { FileFault } from '../kube/folder-objects.ts'
import type { ProxyPod, ResourceSource } from '../kube/source.ts'
import { createStaticIdentifier, type Identifier } from '../push/identity.ts'
import { createPush } from '../push/push.ts'
import { createLocalNamespaceKeys } from '../redaction/root-key-keeper.ts'
import { createSilentStatusWriter } from '../status-writer.ts'
import type { Addresses } from './banner.ts'
import { type ModelServer, startModelServer } from './model-server.ts'
import { ProxyProcess } from './proxy-process.ts'
import type { LocalSettings } from './settings.ts'

const LOOPBACK = '127.0.0.1'
const READY_POLL_MS = 25
/** What the examples' Secrets hold; the built-in model servers take no other key. */
const ALPHA_KEY = 'local-alpha-key'
const BETA_KEY = 'local-beta-key'

/** The pod that this machine's proxy stands for when the folder has none. */
export const DEFAULT_POD: ProxyPod = {
  namespace: 'default',
  name: 'laptop',
  uid: 'laptop',
  generation: 1,
  resourceVersion: '1',
  creationTimestamp: '1970-01-01T00:00:00Z',
  labels: { app: 'chat' },
  annotations: {},
}

export interface StackDeps {
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
  /** Prints one line of the proxy's own output. */
  readonly printProxyLine: (line: string) => void
  /** Starts the proxy with these variables. */
  readonly spawnProxy: (env: Readonly<Record<string, string>>) => ChildProcess
  /** A folder for private files; a new one is made in it. */
  readonly temporaryFolder: string
}

export interface Stack {
  readonly addresses: Addresses
  /** Resolves when the proxy answers with a table. */
  ready(signal: AbortSignal): Promise<void>
  stop(): Promise<void>
}

/** What was started, to be stopped in reverse; each start adds its own end at once, so a failed start leaves none. */
type Cleanup = (() => Promise<void>)[]

export async function startStack(settings: LocalSettings, deps: StackDeps): Promise<Stack> {
  const cleanup: Cleanup = []
  const stop = async () => {
    for (const end of cleanup.splice(0).toReversed()) await end()
  }
  try {
    return { ...(await startAll({ settings, deps, cleanup })), stop }
  } catch (cause) {
    await stop()
    throw cause
  }
}

interface Starting {
  readonly settings: LocalSettings
  readonly deps: StackDeps
  readonly cleanup: Cleanup
}

async function startAll(starting: Starting): Promise<Omit<Stack, 'stop'>> {
  const { settings, deps } = starting
  const folder = openResourceFolder({ ...deps, folder: settings.resources, pods: [DEFAULT_POD] })
  const [alpha, beta] = await startModels(starting)
  const operator = await startOperator(folder, starting)
  await startProxy(operator, starting)
  return {
    addresses: {
      resources: settings.resources,
      proxyPort: settings.proxyPort,
      adminPort: settings.adminPort,
      dashboardUrl: operator.dashboardUrl,
      alphaUrl: alpha.url,
      betaUrl: beta.url,
    },
    ready: (signal) => waitUntilReady(`http://${LOOPBACK}:${settings.adminPort}/readyz`, signal),
  }
}

async function startModels({ settings, deps, cleanup }: Starting): Promise<readonly [ModelServer, ModelServer]> {
  const { firstTokenMs, tokenIntervalMs } = settings
  const start = async (one: { name: string; port: number; models: readonly string[]; requiredKey: string }) => {
    const server = await startModelServer(
      { ...one, host: LOOPBACK, firstTokenMs, tokenIntervalMs },
      { now: () => deps.clock.now(), randomId: randomUUID, delay: (ms, signal) => delay(ms, undefined, { signal }) },
    )
    cleanup.push(() => server.stop())
    return server
  }
  const { alphaPort, betaPort } = settings
  const alpha = await start({ name: 'alpha', port: alphaPort, models: ['alpha-small'], requiredKey: ALPHA_KEY })
  const beta = await start({ name: 'beta', port: betaPort, models: ['beta-large'], requiredKey: BETA_KEY })
  return [alpha, beta]
}

interface RunningOperator {
  readonly pushPort: number
  readonly caPem: string
  readonly token: Secret
  readonly pod: ProxyPod
  readonly dashboardUrl: string
}

async function startOperator(folder: ResourceFolder, { settings, deps, cleanup }: Starting): Promise<RunningOperator> {
  const token = new Secret(randomBytes(32).toString('base64url'))
  const certificates = await createLocalCertificates({ names: [LOOPBACK, 'localhost'], nowMs: deps.clock.now() })
  const board = new Board()
  const push = createPush({
    ...deps,
    identifier: identifyOnly(token, folder),
    secrets: folder.secrets,
    namespaceKeys: createLocalNamespaceKeys(deps.clock.now()),
    certificates,
    lease: { isLeader: () => true, holderAddress: () => null },
    replica: null,
    onReports: (namespace) => loop.enqueue(namespace),
    onKeyStates: (namespace) => loop.enqueue(namespace),
    registry: new Registry(),
  })
  const loop = createControlLoop({
    ...deps,
    source: whichAlso(folder.resources, (namespace) => push.refreshKeys(namespace)),
    publish: (publication) => push.publish(publication),
    keyStates: (namespace) => push.keyStates(namespace),
    tally: push.tally,
    statusWriter: createSilentStatusWriter(),
    onReconciled: (view) => board.pin(view),
  })
  cleanup.push(() => push.stop())
  const pushPort = await push.listen(0, LOOPBACK)
  cleanup.push(() => loop.stop())
  await loop.start()
  const dashboard = await startDashboard(settings.dashboardPort, {
    state: () =>
      dashboardState({
        source: settings.resources,
        notices: folder.faults().map(toNotice),
        views: board.views(),
        reports: (namespace) => push.tally.reports(namespace),
        hasAllReports: true,
        connected: push.proxies(),
      }),
    pods: () => push.proxies().map(podOf),
    explain: (podUid, call) => push.explain(podUid, call),
  })
  cleanup.push(() => dashboard.stop())
  return { pushPort, caPem: certificates.caPem(), token, pod: localPod(folder), dashboardUrl: dashboard.url }
}

/** Whoever shows the token is this machine's pod, as the folder names it at that moment. */
function identifyOnly(token: Secret, folder: ResourceFolder): Identifier {
  return {
    identify: (shown, signal) => {
      const { namespace, name, uid } = localPod(folder)
      const identity = { namespace, serviceAccount: 'default', podName: name, podUid: uid }
      return createStaticIdentifier({ token, identity }).identify(shown, signal)
    },
  }
}

/** The first Pod of the folder, by namespace and file; there is one proxy, so further ones never connect. */
function localPod(folder: ResourceFolder): ProxyPod {
  const { resources } = folder
  const [first] = resources
    .namespaces()
    .toSorted()
    .flatMap((namespace) => resources.read(namespace).pods)
  return first ?? DEFAULT_POD
}

/** A saved Secret is read at once; in a cluster its turn comes within 3 s. */
function whichAlso(source: ResourceSource, onChangeToo: (namespace: string) => void): ResourceSource {
  return {
    start: (onChange) =>
      source.start((namespace) => {
        onChange(namespace)
        onChangeToo(namespace)
      }),
    namespaces: () => source.namespaces(),
    read: (namespace) => source.read(namespace),
    findPod: (uid) => source.findPod(uid),
    stop: () => source.stop(),
  }
}

function toNotice({ file, line, message }: FileFault): string {
  return `${file}${line === null ? '' : `, line ${line}`}: ${message}`
}

async function startProxy(operator: RunningOperator, { settings, deps, cleanup }: Starting): Promise<void> {
  const folder = await mkdtemp(join(deps.temporaryFolder, 'modelroute-'))
  cleanup.push(() => rm(folder, { recursive: true, force: true }))
  const caFile = join(folder, 'ca.crt')
  const tokenFile = join(folder, 'token')
  const options = { mode: 0o600 }
  await Promise.all([
    writeFile(caFile, operator.caPem, options),
    writeFile(tokenFile, operator.token.reveal(), options),
  ])
  const env = {
    MODELROUTE_LISTEN: `${LOOPBACK}:${settings.proxyPort}`,
    MODELROUTE_ADMIN_LISTEN: `${LOOPBACK}:${settings.adminPort}`,
    MODELROUTE_OPERATOR_URL: `https://${LOOPBACK}:${operator.pushPort}`,
    MODELROUTE_OPERATOR_CA_FILE: caFile,
    MODELROUTE_TOKEN_FILE: tokenFile,
    MODELROUTE_POD_NAME: operator.pod.name,
    MODELROUTE_POD_NAMESPACE: operator.pod.namespace,
    MODELROUTE_LOG_LEVEL: settings.logLevel,
    MODELROUTE_DRAIN_MS: '500',
    MODELROUTE_FOREIGN_PAGES: 'refuse',
  }
  const proxy = new ProxyProcess({ spawn: () => deps.spawnProxy(env), print: deps.printProxyLine, clock: deps.clock })
  cleanup.push(() => proxy.stop())
  proxy.start()
}

/** Polls until the proxy has its table; rejects when the signal fires. */
async function waitUntilReady(url: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    const status = await statusOf(url, signal)
    if (status === 200) return
    await delay(READY_POLL_MS, undefined, { signal })
  }
}

/** Null while nobody listens yet. */
async function statusOf(url: string, signal: AbortSignal): Promise<number | null> {
  try {
    return (await fetch(url, { signal })).status
  } catch (cause) {
    if (signal.aborted) throw cause
    return null
  }
}
