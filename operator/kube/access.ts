// How to reach an API server and as whom: the values that kube/client.ts needs, free of where they came from.
// Secrets travel as Secret; a token file is read again by the client, because the kubelet rotates it.
import type { Secret } from '../../proxy/secret.ts'

export interface ClusterAccess {
  /** `https://10.96.0.1:443`, without a trailing slash. */
  readonly server: string
  /** Null: the authorities that Node trusts. */
  readonly caPem: string | null
  readonly clientCertificate: { readonly certPem: string; readonly key: Secret } | null
  readonly token: TokenSource
}

export type TokenSource =
  | { readonly kind: 'none' }
  | { readonly kind: 'fixed'; readonly token: Secret }
  | { readonly kind: 'file'; readonly path: string }
  /** A plug-in of the kubeconfig, which keeps its own cache. */
  | { readonly kind: 'asked'; readonly ask: () => Promise<Secret> }
