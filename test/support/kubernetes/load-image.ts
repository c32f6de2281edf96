// Puts an image file into a running cluster, from any process that has the cluster's connection data.
import type { ClusterConnection } from './cluster.ts'
import { importImage } from './node-runtime.ts'
import { mustRun } from './run-command.ts'

export async function loadImage(connection: ClusterConnection, archivePath: string): Promise<void> {
  switch (connection.images.kind) {
    case 'containerd':
      return importImage(connection.images.socketPath, archivePath)
    case 'kind':
      await mustRun('kind', ['load', 'image-archive', archivePath, '--name', connection.images.name], {
        timeoutMs: 300_000,
      })
  }
}
