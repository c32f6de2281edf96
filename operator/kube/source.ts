// Where resources come from, behind one interface with two implementations: the cluster (kube/mirror.ts) and a
// folder of yaml (kube/files.ts). Everything downstream is the same code for both.
//
//   ResourceSource --change--> queue(namespace) -> gather -> ...
import type { ModelProviderSpec } from '../../crds/model-provider.ts'
import type { ModelRouteSpec } from '../../crds/model-route.ts'

export interface Metadata {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly generation: number
  readonly resourceVersion: string
  /** RFC 3339. */
  readonly creationTimestamp: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

/** `spec` is what the schema gives, defaults filled; `faults` say why it could not be read, and then spec is null. */
export interface Resource<Spec> {
  readonly metadata: Metadata
  readonly spec: Spec | null
  readonly faults: readonly { readonly path: string; readonly message: string }[]
  readonly status: unknown
}

export type ModelRouteResource = Resource<ModelRouteSpec>
export type ModelProviderResource = Resource<ModelProviderSpec>

/** A pod that carries our sidecar: metadata with the one annotation of ours; not finished and not being deleted. */
export type ProxyPod = Metadata

export interface NamespaceResources {
  readonly routes: readonly ModelRouteResource[]
  readonly providers: readonly ModelProviderResource[]
  readonly pods: readonly ProxyPod[]
}

export interface ResourceSource {
  /** Starts to follow; `onChange` gets the namespace that changed. Resolves when everything was listed once. */
  start(onChange: (namespace: string) => void): Promise<void>
  namespaces(): readonly string[]
  read(namespace: string): NamespaceResources
  /** The pod of that uid, if it is known now. Identity checks compare namespace, name and uid with it. */
  findPod(uid: string): ProxyPod | undefined
  stop(): Promise<void>
}

/** One Secret, read by name. Values are base64 text as the API has them. */
export type SecretRead =
  | { readonly kind: 'found'; readonly resourceVersion: string; readonly data: Readonly<Record<string, string>> }
  | { readonly kind: 'missing' }
  | { readonly kind: 'forbidden'; readonly reason: string }

export interface SecretSource {
  /** The Secret's resourceVersion without its content, or why not. */
  version(
    namespace: string,
    name: string,
  ): Promise<{ readonly kind: 'found'; readonly resourceVersion: string } | Exclude<SecretRead, { kind: 'found' }>>
  read(namespace: string, name: string): Promise<SecretRead>
}
