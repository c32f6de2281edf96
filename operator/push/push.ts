// The push half of the operator, put together: reconcile publishes into it, proxies and other replicas talk to its
// port, status reads what came back.
//
//   publish -> snapshots + keys -> server (a session per proxy) -> acks -> tally -> onReports -> status
import type { Registry } from 'prom-client'
import type { Logger } from '../../proxy/telemetry/log.ts'
import type { Clock } from '../../proxy/telemetry/clock.ts'
import type { Secret } from '../../proxy/secret.ts'
import type { Certificates } from '../inject/serving-certificates.ts'
import type { SecretSource } from '../kube/source.ts'
import type { NamespaceKeySource } from '../redaction/namespace-keys.ts'
import type { ReadSharedCachePassword } from './shared-cache-password.ts'
import type { Identifier } from './identity.ts'
import { KeyStore } from './keys.ts'
import { LeaderLink } from './leader-link.ts'
import { createPushMetrics } from './metrics.ts'
import type { PushMetrics } from './metrics.ts'
import type { ConnectedProxy, KeyState, ProxyReport, Publication } from './publication.ts'
import type { Explained } from './questions.ts'
import { parseReplicaMessage } from './replica-message.ts'
import { Reporter } from './reporter.ts'
import type { ReporterDeps } from './reporter.ts'
import { PushServer } from './server.ts'
import { Sessions } from './sessions.ts'
import { Snapshots } from './snapshot.ts'
import { ReportTally } from './tally.ts'
import { Throttle } from './throttle.ts'

/** Who writes status. One process alone is `{ isLeader: () => true, holderAddress: () => null }`. */
export interface LeaseView {
  isLeader(): boolean
  /** `host:port` of the holder's push port; null when unknown. */
  holderAddress(): string | null
}

/** How this replica sends its reports to the leader; null in a process without replicas. */
export interface ReplicaSettings {
  /** Replicas that are meant to run; the leader waits for as many, 10 s at most. */
  readonly count: number
  /** This replica's own token for the push audience, read again for every report. */
  readonly readToken: () => Promise<Secret>
  /** The name that every replica's certificate carries: the host of MODELROUTE_PUSH_URL. */
  readonly serverName: string
}

export interface PushDeps {
  readonly identifier: Identifier
  readonly secrets: SecretSource
  /** Keys of redaction, for proxies whose table masks. */
  readonly namespaceKeys: NamespaceKeySource
  /** Of the chart's shared cache, for proxies whose table uses it; absent: it has none. */
  readonly sharedCachePassword?: ReadSharedCachePassword | undefined
  /** Serving certificates that renew themselves. */
  readonly certificates: Pick<Certificates, 'caPem' | 'secureContextOptions' | 'onChange'>
  readonly lease: LeaseView
  readonly replica: ReplicaSettings | null
  /** A report of that namespace changed; at most once a second for each. Keys' states changed: the same. */
  readonly onReports: (namespace: string) => void
  readonly onKeyStates: (namespace: string) => void
  readonly logger: Logger
  readonly registry: Registry
  readonly clock: Clock
  /** Uniform in [0, 1). */
  readonly random: () => number
}

export interface Tally {
  /** On the leader: of all replicas, one per pod. On others: of this replica's own streams. */
  reports(namespace: string): readonly ProxyReport[]
  /** False while this replica does not lead, or leads since less than 10 s and some replica has not reported. */
  isComplete(): boolean
}

export interface Push {
  publish(publication: Publication): void
  readonly tally: Tally
  /** By KeyReference id; every key of the namespace's newest publication. */
  keyStates(namespace: string): ReadonlyMap<string, KeyState>
  /** Reads the namespace's Secrets again now, for example after a provider refused a key. */
  refreshKeys(namespace: string): void
  /** How often each Secret is looked at: 3000 unless there are more than 50 a second could serve. */
  keyIntervalMs(): number
  /** The proxies whose streams end here. */
  proxies(): readonly ConnectedProxy[]
  /** Asks the proxy of that pod what it would do with a described call; null: its stream does not end here. */
  explain(podUid: string, call: string): Promise<Explained> | null
  /** Resolves with the port in use (0 asks for a free one). */
  listen(port: number, host?: string): Promise<number>
  stop(): Promise<void>
}

const KEY_STATES_INTERVAL_MS = 1_000

/** Wires the parts; nothing runs before listen(). */
export function createPush(deps: PushDeps): Push {
  return new WiredPush(deps)
}

class WiredPush implements Push {
  readonly tally: ReportTally
  readonly #deps: PushDeps
  readonly #metrics: PushMetrics
  readonly #snapshots = new Snapshots()
  readonly #keyStates: Throttle
  readonly #keys: KeyStore
  readonly #sessions: Sessions
  readonly #server: PushServer
  readonly #reporting: { readonly link: LeaderLink; readonly reporter: Reporter } | null
  #unsubscribe = () => {}
  #unsubscribeKeys = () => {}
  #caPem = ''

  constructor(deps: PushDeps) {
    const { secrets, clock, logger, lease } = deps
    const metrics = createPushMetrics(deps.registry)
    this.#deps = deps
    this.#metrics = metrics
    this.#keyStates = new Throttle(deps.onKeyStates, KEY_STATES_INTERVAL_MS, clock)
    this.#keys = new KeyStore({ secrets, clock, logger, metrics, onChange: (namespace) => this.#onKeys(namespace) })
    this.#sessions = new Sessions({
      ...deps,
      metrics,
      snapshots: this.#snapshots,
      keys: this.#keys,
      caPem: () => deps.certificates.caPem(),
      onReport: (namespace) => this.tally.mark(namespace),
    })
    this.tally = new ReportTally({
      sessions: this.#sessions,
      isLeader: () => lease.isLeader(),
      replicas: deps.replica?.count ?? 1,
      namespaces: () => this.#snapshots.namespaces(),
      onReports: deps.onReports,
      clock,
    })
    this.#reporting =
      deps.replica === null ? null : createReporting(deps.replica, { ...deps, metrics, sessions: this.#sessions })
    this.#server = new PushServer({
      ...deps,
      metrics,
      secureContextOptions: () => deps.certificates.secureContextOptions(),
      isFull: () => this.#sessions.isFull(),
      onProxy: (identity, stream) => this.#sessions.add(identity, stream),
      onReport: (replica, body) => this.#takeReport(replica, body),
    })
  }

  publish(publication: Publication): void {
    const { namespace } = publication
    const unfit = this.#snapshots.publish(publication, this.#deps.clock.now())
    for (const { group, version, body } of unfit) {
      this.#metrics.refusedTables.inc()
      this.#deps.logger.error({ namespace, group, version, ...body }, 'published table cannot be sent')
    }
    this.#keys.follow(namespace, publication.keys)
    this.#sessions.sync(namespace)
  }

  keyStates(namespace: string): ReadonlyMap<string, KeyState> {
    return this.#keys.states(namespace)
  }

  refreshKeys(namespace: string): void {
    this.#keys.refresh(namespace)
  }

  keyIntervalMs(): number {
    return this.#keys.intervalMs()
  }

  proxies(): readonly ConnectedProxy[] {
    return this.#sessions.proxies()
  }

  explain(podUid: string, call: string): Promise<Explained> | null {
    return this.#sessions.explain(podUid, call)
  }

  async listen(port: number, host?: string): Promise<number> {
    const { certificates } = this.#deps
    const usedPort = await this.#server.listen(port, host)
    this.#caPem = certificates.caPem()
    this.#unsubscribe = certificates.onChange(() => this.#onCertificates())
    this.#unsubscribeKeys = this.#deps.namespaceKeys.onChange(() => this.#sessions.syncAll())
    this.tally.start()
    this.#reporting?.reporter.start()
    return usedPort
  }

  async stop(): Promise<void> {
    this.#unsubscribe()
    this.#unsubscribeKeys()
    this.#reporting?.reporter.stop()
    this.#reporting?.link.stop()
    this.tally.stop()
    this.#keyStates.stop()
    this.#keys.stop()
    this.#sessions.endAll()
    await this.#server.stop()
  }

  #onKeys(namespace: string): void {
    this.#keyStates.mark(namespace)
    this.#sessions.sync(namespace)
  }

  /** Proxies learn a new bundle while the old one still holds; only new connections see the new certificate. */
  #onCertificates(): void {
    this.#server.reloadCertificate()
    const caPem = this.#deps.certificates.caPem()
    if (caPem === this.#caPem) return
    this.#caPem = caPem
    this.#sessions.sendTrust()
  }

  #takeReport(replica: string, body: string): number {
    const message = parseReplicaMessage(body)
    if (message === null) return 400
    this.#metrics.reports.inc({ result: 'received' })
    return this.tally.take(replica, message) ? 200 : 409
  }
}

function createReporting(replica: ReplicaSettings, deps: PushDeps & Pick<ReporterDeps, 'metrics' | 'sessions'>) {
  const { serverName, readToken } = replica
  const link = new LeaderLink({ serverName, readToken, caPem: () => deps.certificates.caPem() })
  return { link, reporter: new Reporter({ ...deps, post: (address, message) => link.post(address, message) }) }
}
