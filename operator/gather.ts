// All reads of one namespace, done before anything is decided: resources from the mirror, key states from push,
// and the last good form of routes and providers that cannot be read now.
//
//   queue(namespace) -> gather -> NamespaceInputs -> check + translate
import type { ModelProviderSpec } from '../crds/model-provider.ts'
import type { ModelRouteSpec } from '../crds/model-route.ts'
import type { ModelProviderResource, ModelRouteResource, NamespaceResources, ResourceSource } from './kube/source.ts'
import type { KeyState } from './push/publication.ts'
import type { SharedCacheDefault } from './rules/shared-cache.ts'

export type KeyStates = ReadonlyMap<string, KeyState>

/** A resource with the spec that counts: its own, or the last one that could be read; null when there is none. */
export interface UsableRoute {
  readonly resource: ModelRouteResource
  readonly spec: ModelRouteSpec | null
}

export interface UsableProvider {
  readonly resource: ModelProviderResource
  readonly spec: ModelProviderSpec | null
}

/** Everything that translate and the checks look at; frozen, so that neither can write into the other's inputs. */
export interface NamespaceInputs {
  readonly namespace: string
  readonly routes: readonly UsableRoute[]
  readonly providers: ReadonlyMap<string, UsableProvider>
  readonly pods: NamespaceResources['pods']
  readonly keyStates: KeyStates
  /** Ids of the certificate authorities that sidecars can meet now; null where pods carry none. */
  readonly authorities: readonly string[] | null
  /** The chart's; absent: it has none. */
  readonly sharedCache?: SharedCacheDefault | null
}

/** The specs that were read last, by uid. Holds nothing but what exists: each gather drops the others. */
export class LastGoodSpecs {
  #byNamespace = new Map<string, ReadonlyMap<string, ModelRouteSpec | ModelProviderSpec>>()

  find(namespace: string, uid: string): unknown {
    return this.#byNamespace.get(namespace)?.get(uid)
  }

  replace(namespace: string, specs: ReadonlyMap<string, ModelRouteSpec | ModelProviderSpec>): void {
    if (specs.size === 0) this.#byNamespace.delete(namespace)
    else this.#byNamespace.set(namespace, specs)
  }

  get size(): number {
    return this.#byNamespace.size
  }
}

export interface GatherDeps {
  readonly source: Pick<ResourceSource, 'read'>
  readonly keyStates: (namespace: string) => KeyStates
  readonly lastGood: LastGoodSpecs
  readonly authorities?: () => readonly string[]
  readonly sharedCache?: SharedCacheDefault | null
}

export function gather(namespace: string, deps: GatherDeps): NamespaceInputs {
  const { routes, providers, pods } = deps.source.read(namespace)
  const specs = new Map<string, ModelRouteSpec | ModelProviderSpec>()
  const withLastGood = <Spec extends ModelRouteSpec | ModelProviderSpec>(resource: {
    readonly metadata: { readonly uid: string }
    readonly spec: Spec | null
  }): Spec | null => {
    const { uid } = resource.metadata
    // A uid is never reused for another kind, so what was kept under it has this type.
    const spec = resource.spec ?? (deps.lastGood.find(namespace, uid) as Spec | undefined) ?? null
    if (spec !== null) specs.set(uid, spec)
    return spec
  }
  const inputs: NamespaceInputs = {
    namespace,
    routes: routes.map((resource) => Object.freeze({ resource, spec: withLastGood(resource) })),
    providers: new Map(
      providers.map((resource) => [resource.metadata.name, Object.freeze({ resource, spec: withLastGood(resource) })]),
    ),
    pods,
    keyStates: deps.keyStates(namespace),
    authorities: deps.authorities?.() ?? null,
    sharedCache: deps.sharedCache ?? null,
  }
  deps.lastGood.replace(namespace, specs)
  Object.freeze(inputs.routes)
  return Object.freeze(inputs)
}
