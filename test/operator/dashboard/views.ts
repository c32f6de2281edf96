// Builders for what the dashboard is given: one namespace with a route, two providers and pods, each part changeable.
import { modelRouteSpec } from '../../../crds/model-route.ts'
import { modelProviderSpec } from '../../../crds/model-provider.ts'
import type { Metadata, ModelProviderResource, ModelRouteResource } from '../../../operator/kube/source.ts'
import type { ConnectedProxy, ProxyReport } from '../../../operator/push/publication.ts'
import type { ReconciledNamespace } from '../../../operator/reconcile.ts'
import type { RecentCall } from '../../../proxy/table/messages.ts'
import type { RoutingTable } from '../../../proxy/table/schema.ts'

export const VERSION = 'a'.repeat(32)
export const OLD_VERSION = 'b'.repeat(32)

export function metadata(name: string): Metadata {
  return {
    namespace: 'shop',
    name,
    uid: `uid-${name}`,
    generation: 1,
    resourceVersion: '1',
    creationTimestamp: '2026-11-01T00:00:00Z',
    labels: { app: 'chat' },
    annotations: {},
  }
}

export function routeResource(name: string, spec: unknown): ModelRouteResource {
  return { metadata: metadata(name), spec: modelRouteSpec.parse(spec), faults: [], status: {} }
}

export function providerResource(name: string, spec: object = {}): ModelProviderResource {
  const url = `https://${name}.example/v1`
  return {
    metadata: metadata(name),
    spec: modelProviderSpec.parse({ dialect: 'OpenAI', url, ...spec }),
    faults: [],
    status: {},
  }
}

export const SPEC = {
  podSelector: { matchLabels: { app: 'chat' } },
  rules: [
    {
      name: 'split',
      match: { models: ['auto', 'gpt-*'] },
      backends: [
        { providerRef: { name: 'alpha' }, model: 'small', weight: 3 },
        { providerRef: { name: 'beta' }, weight: 1 },
        { providerRef: { name: 'gone' }, model: 'x', weight: 9 },
        { providerRef: { name: 'beta' }, model: 'large', tier: 1 },
      ],
    },
  ],
} satisfies object

/** The table of SPEC when the provider `gone` does not exist. */
export function table(changes: Partial<RoutingTable> = {}): RoutingTable {
  return {
    schema: 1,
    requires: [],
    version: VERSION,
    routes: [
      {
        name: 'shop/chat/split',
        match: { models: ['auto', 'gpt-*'] },
        backends: [
          { target: 'shop/alpha/small', weight: 3, tier: 0 },
          { target: 'shop/beta', weight: 1, tier: 0 },
          { target: 'shop/beta/large', weight: 1, tier: 1 },
        ],
        timeouts: { firstTokenMs: 60_000, idleMs: 60_000 },
        failover: { attempts: 3, on: ['Connect'] },
      },
    ],
    targets: {
      'shop/alpha/small': {
        provider: 'shop/alpha',
        dialect: 'OpenAI',
        url: 'https://alpha.example/v1',
        model: 'small',
      },
      'shop/beta': { provider: 'shop/beta', dialect: 'OpenAI', url: 'https://beta.example/v1' },
      'shop/beta/large': { provider: 'shop/beta', dialect: 'OpenAI', url: 'https://beta.example/v1', model: 'large' },
    },
    ...changes,
  }
}

export function conditions(status: 'True' | 'False', message = '') {
  return ['Accepted', 'ResolvedRefs', 'Programmed', 'Ready'].map((type) => ({
    type,
    status,
    reason: 'Because',
    message,
    lastTransitionTime: '2026-11-01T00:00:00Z',
  }))
}

export function view(changes: Partial<ReconciledNamespace> = {}): ReconciledNamespace {
  const pods = [metadata('pod-1')]
  return {
    namespace: 'shop',
    resources: {
      routes: [routeResource('chat', SPEC)],
      providers: [providerResource('alpha'), providerResource('beta')],
      pods,
    },
    publication: {
      namespace: 'shop',
      groups: [{ id: 'g', podUids: pods.map(({ uid }) => uid), table: table(), keys: [] }],
      keys: [],
    },
    findings: [],
    routeStatuses: new Map([['chat', { programmed: '1/1', conditions: conditions('True') }]]),
    providerStatuses: new Map([['alpha', { conditions: conditions('True') }]]),
    ...changes,
  }
}

export function report(changes: Partial<ProxyReport> = {}): ProxyReport {
  return {
    podUid: 'uid-pod-1',
    podName: 'pod-1',
    group: 'g',
    ackedVersion: VERSION,
    rejected: null,
    calls: 2,
    ...changes,
  }
}

export function call(changes: Partial<RecentCall> = {}): RecentCall {
  return {
    id: 'call-1',
    atMs: Date.parse('2026-11-22T10:00:00Z'),
    route: 'shop/chat/split',
    target: 'shop/alpha/small',
    model: 'auto',
    status: 200,
    attempts: 1,
    durationMs: 812.4,
    error: null,
    ...changes,
  }
}

export function connected(recent: readonly RecentCall[], podName = 'pod-1'): ConnectedProxy {
  const identity = { namespace: 'shop', serviceAccount: 'default', podName, podUid: `uid-${podName}` }
  return {
    identity,
    group: 'g',
    version: VERSION,
    calls: recent.length,
    recent,
    redaction: null,
    shares: [],
    cache: null,
  }
}
