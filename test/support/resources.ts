// Resources as the operator reads them, for tests: each builder gives a whole, valid one and takes what differs.
import type { KeyStates, NamespaceInputs } from '../../operator/gather.ts'
import { gather, LastGoodSpecs } from '../../operator/gather.ts'
import { readProvider, readRoute } from '../../operator/kube/resource.ts'
import type {
  Metadata,
  ModelProviderResource,
  ModelRouteResource,
  NamespaceResources,
  ProxyPod,
} from '../../operator/kube/source.ts'
import type { KeyState } from '../../operator/push/publication.ts'

export const NAMESPACE = 'shop'

export function anyMetadata(different: Partial<Metadata> = {}): Metadata {
  const name = different.name ?? 'thing'
  const namespace = different.namespace ?? NAMESPACE
  return {
    namespace,
    name,
    uid: `uid-${namespace}-${name}`,
    generation: 1,
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
    labels: {},
    annotations: {},
    ...different,
  }
}

export function anyPod(different: Partial<Metadata> = {}): ProxyPod {
  return anyMetadata({ name: 'chat-1', labels: { app: 'chat' }, ...different })
}

export interface RouteDifference {
  readonly metadata?: Partial<Metadata>
  readonly podSelector?: unknown
  readonly rules?: readonly unknown[]
  readonly passthrough?: string
  readonly status?: unknown
}

export function rawRoute(different: RouteDifference = {}): { metadata: Metadata; spec: object; status: unknown } {
  const { metadata, podSelector, rules, passthrough, status } = different
  return {
    metadata: anyMetadata({ name: 'chat', ...metadata }),
    spec: {
      podSelector: podSelector ?? { matchLabels: { app: 'chat' } },
      ...(passthrough === undefined ? {} : { passthrough: { providerRef: { name: passthrough } } }),
      rules: rules ?? [{ name: 'all', backends: [{ providerRef: { name: 'openai' } }] }],
    },
    status,
  }
}

export function anyRoute(different: RouteDifference = {}): ModelRouteResource {
  return present(readRoute(rawRoute(different)))
}

export interface ProviderDifference {
  readonly metadata?: Partial<Metadata>
  readonly url?: string
  readonly secretName?: string | null
  readonly secretKey?: string
  readonly status?: unknown
}

export function rawProvider(different: ProviderDifference = {}): { metadata: Metadata; spec: object; status: unknown } {
  const { metadata, url, secretName = 'openai', secretKey = 'api-key', status } = different
  return {
    metadata: anyMetadata({ name: 'openai', ...metadata }),
    spec: {
      dialect: 'OpenAI',
      url: url ?? 'https://api.openai.com/v1',
      ...(secretName === null ? {} : { credential: { secretRef: { name: secretName, key: secretKey } } }),
    },
    status,
  }
}

export function anyProvider(different: ProviderDifference = {}): ModelProviderResource {
  return present(readProvider(rawProvider(different)))
}

export interface InputsDifference extends Partial<NamespaceResources> {
  readonly keyStates?: Readonly<Record<string, KeyState>>
  readonly lastGood?: LastGoodSpecs
  readonly authorities?: readonly string[]
}

export function inputsOf(different: InputsDifference = {}): NamespaceInputs {
  const {
    routes = [],
    providers = [],
    pods = [],
    keyStates = {},
    lastGood = new LastGoodSpecs(),
    authorities,
  } = different
  const states: KeyStates = new Map(Object.entries(keyStates))
  return gather(NAMESPACE, {
    source: { read: () => ({ routes, providers, pods }) },
    keyStates: () => states,
    lastGood,
    ...(authorities && { authorities: () => authorities }),
  })
}

function present<T>(value: T | null): T {
  if (value === null) throw new Error('the builder made an object without readable metadata')
  return value
}
