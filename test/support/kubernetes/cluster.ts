// A cluster that runs pods, as the tests see it, and what each way to get one must offer.
// The two ways are kind-cluster.ts and node-cluster.ts; pick-cluster.ts chooses.
import type { ApiAccess, ApiConnection } from './api-access.ts'
import type { OutageControl } from './outage-control.ts'

/** Plain data, so that it travels from globalSetup to the tests. */
export interface ClusterConnection extends ApiConnection {
  readonly images:
    | { readonly kind: 'containerd'; readonly socketPath: string }
    | { readonly kind: 'kind'; readonly name: string }
  readonly outage: OutageControl
}

export interface Cluster extends ApiAccess {
  readonly connection: ClusterConnection
  /** A docker-archive file; pods then use its name with `imagePullPolicy: Never`. */
  loadImage(archivePath: string): Promise<void>
  stop(): Promise<void>
}

export interface Obstacle {
  readonly reason: string
  /** What to run so that it would work. */
  readonly remedy: string
}

export interface ClusterProvider {
  readonly name: 'kind' | 'node'
  findObstacle(): Promise<Obstacle | undefined>
  start(): Promise<Cluster>
}
