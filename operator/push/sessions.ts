// All streams that end at this replica: one per pod, the newest. Spreads changes to those they concern and remembers
// what each proxy last said, for a little longer than its stream, so that a reconnect does not flicker in status.
import { randomUUID } from 'node:crypto'
import type { Duplex } from 'node:stream'
import type { Logger } from '../../proxy/telemetry/log.ts'
import type { Clock } from '../../proxy/telemetry/clock.ts'
import type { NamespaceKeySource } from '../redaction/namespace-keys.ts'
import { type KeyStore, withNamespaceKeys } from './keys.ts'
import type { PushMetrics } from './metrics.ts'
import type { ConnectedProxy, ProxyIdentity, ProxyReport } from './publication.ts'
import type { Explained } from './questions.ts'
import { RefusedKeys } from './refused-keys.ts'
import { Session } from './session.ts'
import { type ReadSharedCachePassword, withSharedCachePassword } from './shared-cache-password.ts'
import type { SessionEnd } from './session-end.ts'
import type { Snapshots } from './snapshot.ts'

/** Streams one replica holds; more are refused with 503 and find another replica. */
export const MAX_SESSIONS = 10_000
/** A closed stream's report counts this long, while its proxy finds its way back to this replica or another. */
export const LINGER_MS = 10_000
/** Proxies whose newest calls are kept for the dashboard. */
export const MAX_PROXIES_WITH_CALLS = 500

export interface SessionsDeps {
  readonly snapshots: Snapshots
  readonly keys: KeyStore
  readonly namespaceKeys: NamespaceKeySource
  readonly sharedCachePassword?: ReadSharedCachePassword | undefined
  readonly caPem: () => string
  readonly clock: Clock
  readonly random: () => number
  readonly metrics: PushMetrics
  readonly logger: Logger
  readonly onReport: (namespace: string) => void
}

/** What makes a report another one. The number of calls moves all the time; only whether there were any counts. */
export function reportText({ namespace, report }: DatedReport): string {
  return JSON.stringify({ namespace, ...report, calls: report.calls > 0 })
}

/** A report with what is needed to choose between two about the same pod: the newer stream wins. */
export interface DatedReport {
  readonly namespace: string
  readonly openedAtMs: number
  readonly report: ProxyReport
}

/** What a proxy last said of its calls, for the dashboard. */
type Seen = Pick<ConnectedProxy, 'recent' | 'redaction' | 'shares' | 'cache'>
const NOTHING_SEEN: Seen = { recent: [], redaction: null, shares: [], cache: null }

interface Open {
  readonly identity: ProxyIdentity
  readonly session: Session
}

export class Sessions {
  readonly #deps: SessionsDeps
  readonly #open = new Map<string, Open>()
  readonly #lingering = new Map<string, { readonly dated: DatedReport; readonly cancel: () => void }>()
  readonly #seen = new Map<string, Seen>()

  constructor(deps: SessionsDeps) {
    this.#deps = deps
  }

  isFull(): boolean {
    return this.#open.size >= MAX_SESSIONS
  }

  add(identity: ProxyIdentity, stream: Duplex): void {
    const { podUid } = identity
    this.#open.get(podUid)?.session.end('replaced')
    const session = this.#createSession(identity, stream)
    this.#open.set(podUid, { identity, session })
    this.#deps.metrics.streams.set(this.#open.size)
    session.start()
  }

  /** Tables or keys of the namespace changed. */
  sync(namespace: string): void {
    for (const { identity, session } of this.#open.values()) if (identity.namespace === namespace) session.sync()
  }

  /** The keys of all namespaces changed. */
  syncAll(): void {
    for (const { session } of this.#open.values()) session.sync()
  }

  sendTrust(): void {
    for (const { session } of this.#open.values()) session.sendTrust()
  }

  endAll(): void {
    for (const { session } of this.#open.values()) session.end('stopping')
    for (const podUid of this.#lingering.keys()) this.#forgetLingering(podUid)
  }

  /** Of one namespace, or of all with null. A pod may be there twice: with its stream and with the one before. */
  reports(namespace: string | null): readonly DatedReport[] {
    const isWanted = (own: string) => namespace === null || own === namespace
    const live = [...this.#open.values()].flatMap(({ identity, session }) => {
      const report = isWanted(identity.namespace) ? session.report() : null
      return report === null ? [] : [{ namespace: identity.namespace, openedAtMs: session.openedAtMs, report }]
    })
    const lingering = [...this.#lingering.values()].map(({ dated }) => dated)
    return [...live, ...lingering.filter((dated) => isWanted(dated.namespace))]
  }

  proxies(): readonly ConnectedProxy[] {
    return [...this.#open.values()].map(({ identity, session }) => ({
      identity,
      ...session.facts(),
      ...(this.#seen.get(identity.podUid) ?? NOTHING_SEEN),
    }))
  }

  /** Null: that pod's stream does not end here. */
  explain(podUid: string, call: string): Promise<Explained> | null {
    return this.#open.get(podUid)?.session.explain(call) ?? null
  }

  #createSession(identity: ProxyIdentity, stream: Duplex): Session {
    const { snapshots, keys, namespaceKeys, sharedCachePassword, caPem, clock, random, metrics, onReport } = this.#deps
    const { namespace, podUid } = identity
    const refusedKeys = new RefusedKeys()
    const findSnapshot = () => snapshots.find(namespace, podUid)
    const session: Session = new Session({
      identity,
      stream,
      clock,
      random,
      metrics,
      caPem,
      makeNonce: randomUUID,
      findSnapshot,
      deliverKeys: ({ references, ownKeys }) => {
        const named = keys.deliver(namespace, references)
        const keyed = ownKeys.namespaceKey ? withNamespaceKeys(named, namespaceKeys.keysOf(namespace)) : named
        return ownKeys.sharedCachePassword ? withSharedCachePassword(keyed, sharedCachePassword?.() ?? null) : keyed
      },
      onReport: () => onReport(namespace),
      onCalls: ({ recent, redaction = null, shares = [], cache = null }) => {
        this.#keepSeen(podUid, { recent, redaction, shares, cache })
        for (const key of refusedKeys.take(recent, findSnapshot())) keys.refused(key)
      },
      onEnd: (reason) => this.#remove({ identity, session }, reason),
    })
    return session
  }

  #remove({ identity, session }: Open, reason: SessionEnd): void {
    const { metrics, logger, onReport, clock } = this.#deps
    const { podUid, namespace, podName } = identity
    metrics.streamEnds.inc({ reason })
    const isOrderly = reason === 'closed' || reason === 'lifetime' || reason === 'stopping' || reason === 'replaced'
    logger[isOrderly ? 'debug' : 'warn']({ namespace, pod: podName, reason }, 'stream of a proxy ended')
    if (this.#open.get(podUid)?.session !== session) return
    this.#open.delete(podUid)
    this.#seen.delete(podUid)
    metrics.streams.set(this.#open.size)
    const report = session.report()
    if (report === null) return
    this.#forgetLingering(podUid)
    const cancel = clock.after(LINGER_MS, () => {
      this.#lingering.delete(podUid)
      onReport(namespace)
    })
    this.#lingering.set(podUid, { dated: { namespace, openedAtMs: session.openedAtMs, report }, cancel })
  }

  #forgetLingering(podUid: string): void {
    this.#lingering.get(podUid)?.cancel()
    this.#lingering.delete(podUid)
  }

  /** The oldest makes room, so that a large fleet costs a bounded amount of memory. */
  #keepSeen(podUid: string, seen: Seen): void {
    this.#seen.delete(podUid)
    this.#seen.set(podUid, seen)
    const [oldest] = this.#seen.keys()
    if (this.#seen.size > MAX_PROXIES_WITH_CALLS && oldest !== undefined) this.#seen.delete(oldest)
  }
}
