// Providers and selectors as the dashboard words them, from the resources and their statuses.
// Pure; a provider shows where its key rests and never the key.
import type { ModelRouteSpec } from '../../crds/model-route.ts'
import type { Finding } from '../finding.ts'
import type { ReconciledNamespace } from '../reconcile.ts'

/** The part of a Kubernetes condition that people read. */
export interface ConditionView {
  readonly type: string
  readonly status: string
  readonly reason: string
  readonly message: string
}

export interface ProviderView {
  readonly namespace: string
  readonly name: string
  readonly dialect: string
  readonly url: string
  /** `Secret openai, key api-key`; empty when the provider needs none. */
  readonly credential: string
  readonly isReady: boolean
  /** Names of the ModelRoutes that use it. */
  readonly usedBy: readonly string[]
  readonly findings: readonly Finding[]
}

export function providerViews(view: ReconciledNamespace): ProviderView[] {
  return view.resources.providers.map(({ metadata, spec }) => {
    const secretRef = spec?.credential?.secretRef
    return {
      namespace: view.namespace,
      name: metadata.name,
      dialect: spec?.dialect ?? '',
      url: spec?.url ?? '',
      credential: secretRef === undefined ? '' : `Secret ${secretRef.name}, key ${secretRef.key}`,
      isReady: isReady(view.providerStatuses.get(metadata.name)?.conditions),
      usedBy: usersOf(view, metadata.name),
      findings: view.findings.filter(
        ({ subject }) => subject.kind === 'ModelProvider' && subject.name === metadata.name,
      ),
    }
  })
}

/** Ready is the sum of the others: everything that status says is in order. */
export function isReady(conditions: readonly ConditionView[] = []): boolean {
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
}

function usersOf(view: ReconciledNamespace, provider: string): string[] {
  return view.resources.routes
    .filter(({ spec }) => {
      const backends = spec?.rules.flatMap((rule) => rule.backends) ?? []
      const names = [...backends, ...(spec?.passthrough ? [spec.passthrough] : [])].map((use) => use.providerRef.name)
      return names.includes(provider)
    })
    .map(({ metadata }) => metadata.name)
}

/** A selector in kubectl's own spelling: `app=chat,tier in (a,b)`. */
export function describeSelector(selector: ModelRouteSpec['podSelector'] | undefined): string {
  if (selector === undefined) return ''
  const labels = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`)
  const expressions = (selector.matchExpressions ?? []).map(describeExpression)
  const parts = [...labels, ...expressions]
  return parts.length === 0 ? 'every pod with a sidecar' : parts.join(',')
}

type Expression = NonNullable<ModelRouteSpec['podSelector']['matchExpressions']>[number]

function describeExpression({ key, operator, values = [] }: Expression): string {
  switch (operator) {
    case 'In':
      return `${key} in (${values.join(',')})`
    case 'NotIn':
      return `${key} notin (${values.join(',')})`
    case 'Exists':
      return key
    case 'DoesNotExist':
      return `!${key}`
  }
}
