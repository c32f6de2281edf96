// The operator's parts and what each is given: a wiring list in the order in which a change travels, no life of its
// own. operator.ts starts and stops what is made here.
//
//   mirror -> control loop -> push -> (proxies) -> tally -> control loop -> status
import { readFile } from 'node:fs/promises'
import { Secret } from '../proxy/secret.ts'
import { authorityIds } from './authorities.ts'
import type { Config } from './config.ts'
import { type ControlLoop, createControlLoop } from './control-loop.ts'
import { Board } from './dashboard/board.ts'
import type { Certificates } from './inject/serving-certificates.ts'
import type { KubeApi } from './kube/api.ts'
import { createLease, type Lease } from './kube/lease.ts'
import type { Mirror } from './kube/mirror.ts'
import { createSecretSource } from './kube/secrets.ts'
import { observe, type OperatorMetrics } from './metrics.ts'
import type { OperatorDeps } from './operator.ts'
import { createPush, type Push, type ReplicaSettings } from './push/push.ts'
import { readPasswordFile } from './push/shared-cache-password.ts'
import { createReviewIdentifier } from './push/token-review.ts'
import type { NamespaceKeySource } from './redaction/namespace-keys.ts'
import { createStatusWriter } from './status-writer.ts'

export interface PartsDeps extends OperatorDeps {
  readonly api: KubeApi
  readonly mirror: Mirror
  readonly certificates: Certificates
  readonly namespaceKeys: NamespaceKeySource
  readonly metrics: OperatorMetrics
}

export interface Parts {
  readonly loop: ControlLoop
  readonly push: Push
  readonly lease: Lease
  readonly board: Board
}

/** Nothing runs yet. Each part's comment says what it reads and writes. */
export function wireParts(config: Config, deps: PartsDeps): Parts {
  const { api, mirror, metrics, clock, registry, certificates } = deps
  const board = new Board()
  // The Lease: who writes status, and where that replica's push port is.
  const lease = createLease({
    ...deps,
    lease: { namespace: config.namespace, name: config.lease },
    identity: config.podName,
    pushAddress: toAddress(config.podIp, config.ports.push),
    onChange: () => loop.enqueueAll(),
  })
  // Reads tokens and Secrets; sends tables and keys to proxies, and what they said to the replica that leads.
  const push = createPush({
    ...deps,
    identifier: createReviewIdentifier({
      api,
      clock,
      findPod: (uid) => mirror.findPod(uid),
      audience: config.sidecar.tokenAudience,
      operator: config,
    }),
    secrets: createSecretSource(api),
    sharedCachePassword: toPasswordReader(config, deps),
    lease,
    replica: toReplica(config),
    onReports: (namespace) => loop.enqueue(namespace),
    onKeyStates: (namespace) => loop.enqueue(namespace),
  })
  // Reads the mirror and what push knows; publishes tables, writes status.
  const loop = createControlLoop({
    ...deps,
    source: mirror,
    publish: (publication) => push.publish(publication),
    keyStates: (namespace) => push.keyStates(namespace),
    tally: push.tally,
    authorities: () => authorityIds(certificates.caPem()),
    sharedCache: config.sharedCache,
    statusWriter: createStatusWriter({ api, lease, clock, onWrite: (status) => metrics.statusWrite(status) }),
    onReconciled: (view) => board.pin(view),
    onPass: (pass) => metrics.pass(pass),
  })
  observe(registry, {
    sizes: () => mirror.sizes(),
    queueDepth: () => loop.depth(),
    isLeader: () => lease.isLeader(),
    isFresh: () => mirror.isFresh(),
  })
  return { loop, push, lease, board }
}

function toPasswordReader({ sharedCache }: Config, { logger }: OperatorDeps) {
  const path = sharedCache?.passwordFile ?? null
  return path === null ? undefined : readPasswordFile(path, logger)
}

function toReplica({ tokenFile, replicas, pushHost }: Config): ReplicaSettings | null {
  if (tokenFile === null) return null
  const readToken = async () => new Secret((await readFile(tokenFile, 'utf8')).trim())
  return { count: replicas, readToken, serverName: pushHost }
}

function toAddress(ip: string, port: number): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
}
