// One pass over one namespace, top to bottom: read everything, decide, publish, say so.
//
//   queue(namespace) -> gather -> group -> check + translate -> publish -> measure -> describe -> status queue
//
// Decisions are pure, and nothing here waits: what the API server is slow to take must not hold back a table. The
// same pass serves the cluster and a folder.
import type { ModelProviderStatus, ModelRouteStatus } from '../crds/status.ts'
import type { Clock } from '../proxy/telemetry/clock.ts'
import { check } from './checks.ts'
import { describeNamespace, type DescribedResource, type NamespaceStatuses } from './describe.ts'
import type { Finding } from './finding.ts'
import { gather, type KeyStates, type LastGoodSpecs } from './gather.ts'
import { groupPods } from './groups.ts'
import type { NamespaceResources, ResourceSource } from './kube/source.ts'
import { type BehindClock, measureProgress } from './progress.ts'
import type { ProxyReport, Publication } from './push/publication.ts'
import type { SharedCacheDefault } from './rules/shared-cache.ts'
import type { StatusWriter } from './status-writer.ts'
import { translate } from './translate.ts'

export interface ReconcileDeps {
  readonly source: Pick<ResourceSource, 'read'>
  readonly publish: (publication: Publication) => void
  readonly keyStates: (namespace: string) => KeyStates
  readonly tally: { reports(namespace: string): readonly ProxyReport[]; isComplete(): boolean }
  /** The status that an object is known to have. */
  readonly previousOf: StatusWriter['previousOf']
  /** What was seen and decided, for the dashboard. */
  readonly onReconciled: (view: ReconciledNamespace) => void
  readonly authorities?: () => readonly string[]
  readonly sharedCache?: SharedCacheDefault | null
  readonly lastGood: LastGoodSpecs
  readonly behindClock: BehindClock
  readonly clock: Clock
}

export interface ReconciledNamespace {
  readonly namespace: string
  readonly resources: NamespaceResources
  readonly publication: Publication
  readonly findings: readonly Finding[]
  /** By name. */
  readonly routeStatuses: ReadonlyMap<string, ModelRouteStatus>
  readonly providerStatuses: ReadonlyMap<string, ModelProviderStatus>
}

/** Returns what status should say, and when to look again though nothing has changed. */
export function reconcile(namespace: string, deps: ReconcileDeps): NamespaceStatuses {
  const nowMs = deps.clock.now()
  const inputs = gather(namespace, deps)
  const podGroups = groupPods(inputs)
  const { groups, keys, findings: misfits } = translate(inputs, podGroups)
  const findings = [...check(inputs, podGroups), ...misfits]
  const publication = { namespace, groups, keys }
  deps.publish(publication)

  const reports = deps.tally.isComplete() ? deps.tally.reports(namespace) : null
  const progress = reports && measureProgress({ inputs, podGroups, groups, reports, clock: deps.behindClock, nowMs })
  const statuses = describeNamespace({ inputs, findings, progress, previousOf: deps.previousOf, nowMs })
  deps.onReconciled({
    namespace,
    resources: deps.source.read(namespace),
    publication,
    findings,
    routeStatuses: byName(statuses.routes),
    providerStatuses: byName(statuses.providers),
  })
  return statuses
}

function byName<Status>(described: readonly DescribedResource<Status>[]): ReadonlyMap<string, Status> {
  return new Map(described.map(({ resource, status }) => [resource.metadata.name, status]))
}
