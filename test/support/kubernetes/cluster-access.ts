// A running cluster as a test file gets it: kubectl and requests as on any API server, and images.
//   const cluster = connectToCluster(inject('cluster'))
import { type ApiAccess, connectTo } from './api-access.ts'
import type { ClusterConnection } from './cluster.ts'
import { buildNodeImage, type NodeImage } from './images.ts'
import { loadImage } from './load-image.ts'

export interface ClusterAccess extends ApiAccess {
  loadImage(archivePath: string): Promise<void>
  /** Builds an image of Node and some files, and makes it known to the cluster under its name. */
  provideImage(image: NodeImage): Promise<void>
}

export function connectToCluster(connection: ClusterConnection): ClusterAccess {
  const load = (archivePath: string) => loadImage(connection, archivePath)
  return {
    ...connectTo(connection),
    loadImage: load,
    provideImage: async (image) => load(await buildNodeImage(image)),
  }
}
