// The statuses of everything in a namespace, from what was found and what the proxies say. Pure.
//
//   inputs + findings + progress -> describeRoute, describeProvider for each -> NamespaceStatuses -> status-writer
import type { ModelProviderStatus, ModelRouteStatus } from '../crds/status.ts'
import type { Finding, Subject } from './finding.ts'
import type { NamespaceInputs } from './gather.ts'
import type { Resource } from './kube/source.ts'
import type { Progress } from './progress.ts'
import { describeProvider, describeRoute, readProviderStatus, readRouteStatus } from './status.ts'

export interface DescribedResource<Status> {
  readonly resource: Resource<unknown>
  readonly status: Status
}

export interface NamespaceStatuses {
  readonly namespace: string
  readonly routes: readonly DescribedResource<ModelRouteStatus>[]
  readonly providers: readonly DescribedResource<ModelProviderStatus>[]
  readonly recheckAfterMs: number | null
}

export interface DescribeInputs {
  readonly inputs: NamespaceInputs
  readonly findings: readonly Finding[]
  /** By route name; null while not every replica has reported. */
  readonly progress: ReadonlyMap<string, Progress> | null
  /** The status that the object is known to have: what was written a moment ago, or what the mirror shows. */
  readonly previousOf: (resource: Resource<unknown>) => unknown
  readonly nowMs: number
}

export function describeNamespace(known: DescribeInputs): NamespaceStatuses {
  const { inputs, progress, previousOf, nowMs } = known
  const byKind = {
    ModelRoute: findingsByName(known, 'ModelRoute'),
    ModelProvider: findingsByName(known, 'ModelProvider'),
  }
  const routes = inputs.routes.map((route) => {
    const { resource } = route
    const { name } = resource.metadata
    const described = describeRoute({
      inputs,
      route,
      findings: byKind.ModelRoute.get(name) ?? [],
      progress: progress?.get(name) ?? null,
      previous: readRouteStatus(previousOf(resource)),
      nowMs,
    })
    return { resource, ...described }
  })
  const providers = [...inputs.providers].map(([name, provider]) => {
    const { resource } = provider
    const previous = readProviderStatus(previousOf(resource))
    const findings = byKind.ModelProvider.get(name) ?? []
    return { resource, status: describeProvider({ inputs, provider, findings, previous, nowMs }) }
  })
  const delays = routes.flatMap((route) => route.recheckAfterMs ?? [])
  return {
    namespace: inputs.namespace,
    routes,
    providers,
    recheckAfterMs: delays.length === 0 ? null : Math.min(...delays),
  }
}

function findingsByName({ findings }: DescribeInputs, kind: Subject['kind']): ReadonlyMap<string, readonly Finding[]> {
  return Map.groupBy(
    findings.filter((finding) => finding.subject.kind === kind),
    (finding) => finding.subject.name,
  )
}
