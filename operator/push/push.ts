// The push half of the operator, put together: reconcile publishes into it, proxies and other replicas talk to its
// port, status reads what came back.
//
//   publish -> snapshots + keys -> server (a session per proxy) -> acks -> tally -> onReports -> status
import type { Registry } from 'prom-client'
import type { Logger } from '../../proxy/telemetry/log.ts'
import type { Clock } from '../../proxy/telemetry/clock.ts'
import type { Secret } from '../../proxy/secret.ts'
import type { SecretSource } from '../kube/source.ts'
import type { Identifier } from './identity.ts'
import type { ConnectedProxy, KeyState, ProxyReport, Publication } from './publication.ts'

/** Serving certificates that renew themselves; inject/certificate.ts has one implementation. */
export interface Certificates {
  /** The bundle that clients must trust: current, and the next one while they overlap. */
  caPem(): string
  secureContextOptions(): { readonly cert: string; readonly key: string }
  onChange(listener: () => void): void
}

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
  readonly certificates: Certificates
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
  /** Resolves with the port in use (0 asks for a free one). */
  listen(port: number, host?: string): Promise<number>
  stop(): Promise<void>
}
