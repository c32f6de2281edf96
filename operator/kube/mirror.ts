// The cluster as a ResourceSource: three reflectors, for ModelRoutes, ModelProviders and the pods that carry our
// sidecar (metadata only: labels and uids are all that is asked of them).
//
//   reflectors -> stores -> read(namespace); any change -> onChange(namespace)
import type { Logger } from '../../proxy/telemetry/log.ts'
import type { Clock } from '../../proxy/telemetry/clock.ts'
import { PROXY_LABEL } from '../inject/names.ts'
import type { KubeApi } from './api.ts'
import { ObjectStore } from './object-store.ts'
import { Reflector, type ReflectorSign } from './reflector.ts'
import { API_VERSION, readPod, readProvider, readRoute } from './resource.ts'
import type { ModelProviderResource, ModelRouteResource, ProxyPod, ResourceSource } from './source.ts'

export interface MirrorDeps {
  readonly api: KubeApi
  readonly clock: Clock
  /** Uniform in [0, 1). */
  readonly random: () => number
  readonly logger: Logger
  readonly onSign?: (kind: string, sign: ReflectorSign) => void
}

export interface Mirror extends ResourceSource {
  /** False: a loop is stuck and only a restart of the process would help. */
  isAlive(): boolean
  /** True while every kind is being followed. */
  isFresh(): boolean
  /** Objects known, by kind. */
  sizes(): Readonly<Record<string, number>>
}

const JSON_TYPE = { list: 'application/json', watch: 'application/json' }

const METADATA_TYPE = {
  list: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
  watch: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
}

/** A pod that has finished leaves the selection, and the watch then reports it as deleted. */
const LIVING_PODS = { labelSelector: PROXY_LABEL, fieldSelector: 'status.phase!=Succeeded,status.phase!=Failed' }

export function createMirror(deps: MirrorDeps): Mirror {
  const routes = new ObjectStore<ModelRouteResource>(({ metadata }) => metadata)
  const providers = new ObjectStore<ModelProviderResource>(({ metadata }) => metadata)
  const pods = new ObjectStore<ProxyPod>((pod) => pod)
  const stores = { modelroutes: routes, modelproviders: providers, pods }
  let note: (namespace: string) => void = () => undefined
  const kinds: Kinds = { ...deps, routes, providers, pods, onChange: (namespace) => note(namespace) }
  const reflectors = [followRoutes(kinds), followProviders(kinds), followPods(kinds)]
  return {
    start: async (onChange) => {
      note = onChange
      await Promise.all(reflectors.map((reflector) => reflector.start()))
    },
    stop: async () => {
      await Promise.all(reflectors.map((reflector) => reflector.stop()))
    },
    namespaces: () => [...new Set(Object.values(stores).flatMap((store) => store.namespaces()))],
    read: (namespace) => ({
      routes: routes.inNamespace(namespace),
      providers: providers.inNamespace(namespace),
      pods: pods.inNamespace(namespace),
    }),
    findPod: (uid) => pods.findByUid(uid),
    isAlive: () => reflectors.every((reflector) => reflector.isAlive()),
    isFresh: () => reflectors.every((reflector) => reflector.isFresh()),
    sizes: () => Object.fromEntries(Object.entries(stores).map(([kind, store]) => [kind, store.size])),
  }
}

interface Kinds extends MirrorDeps {
  readonly routes: ObjectStore<ModelRouteResource>
  readonly providers: ObjectStore<ModelProviderResource>
  readonly pods: ObjectStore<ProxyPod>
  readonly onChange: (namespace: string) => void
}

function followRoutes(kinds: Kinds): Reflector<ModelRouteResource> {
  const path = `/apis/${API_VERSION}/modelroutes`
  const own = { store: kinds.routes, path, query: {}, accept: JSON_TYPE, read: readRoute }
  return new Reflector({ ...kinds, ...own, onSign: (sign) => kinds.onSign?.('modelroutes', sign) })
}

function followProviders(kinds: Kinds): Reflector<ModelProviderResource> {
  const path = `/apis/${API_VERSION}/modelproviders`
  const own = { store: kinds.providers, path, query: {}, accept: JSON_TYPE, read: readProvider }
  return new Reflector({ ...kinds, ...own, onSign: (sign) => kinds.onSign?.('modelproviders', sign) })
}

function followPods(kinds: Kinds): Reflector<ProxyPod> {
  const own = { store: kinds.pods, path: '/api/v1/pods', query: LIVING_PODS, accept: METADATA_TYPE, read: readPod }
  return new Reflector({ ...kinds, ...own, onSign: (sign) => kinds.onSign?.('pods', sign) })
}
