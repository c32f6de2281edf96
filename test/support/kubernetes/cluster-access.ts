// A running cluster as a test file gets it: kubectl and requests as on any API server, images and helm.
//   const cluster = connectToCluster(inject('cluster'))
import { dirname, join } from 'node:path'
import { type ApiAccess, connectTo } from './api-access.ts'
import type { ClusterConnection } from './cluster.ts'
import { buildNodeImage, type NodeImage } from './images.ts'
import { loadImage } from './load-image.ts'
import { controlOutage } from './outage-control.ts'
import { type CommandResult, runCommand } from './run-command.ts'
import { waitUntil } from './wait-until.ts'

export interface ClusterAccess extends ApiAccess {
  loadImage(archivePath: string): Promise<void>
  /** Builds an image of Node and some files, and makes it known to the cluster under its name. */
  provideImage(image: NodeImage): Promise<void>
  /** Runs helm as the admin; nothing of it stays outside the cluster's folder. Bound: 5 minutes. */
  helm(parameters: readonly string[]): Promise<CommandResult>
  /** The API server is killed; everything else goes on. */
  stopApiServer(): Promise<void>
  /** Resolves when it answers again. */
  startApiServer(): Promise<void>
}

export function connectToCluster(connection: ClusterConnection): ClusterAccess {
  const load = (archivePath: string) => loadImage(connection, archivePath)
  const access = connectTo(connection)
  const isReady = async () => (await access.request({ path: '/readyz' })).status === 200
  return {
    ...access,
    loadImage: load,
    provideImage: async (image) => load(await buildNodeImage(image)),
    helm: (parameters) => runHelm(connection, parameters),
    stopApiServer: () => controlOutage(connection, 'stop'),
    startApiServer: async () => {
      await controlOutage(connection, 'start')
      await waitUntil('the API server answers again', isReady, { timeoutMs: 120_000 })
    },
  }
}

function runHelm(connection: ClusterConnection, parameters: readonly string[]): Promise<CommandResult> {
  const folder = dirname(connection.kubeconfigPath)
  const environment = {
    ...process.env,
    KUBECONFIG: connection.kubeconfigPath,
    KUBECACHEDIR: join(folder, 'kubectl-cache'),
    HELM_CACHE_HOME: join(folder, 'helm-cache'),
    HELM_CONFIG_HOME: join(folder, 'helm-config'),
    HELM_DATA_HOME: join(folder, 'helm-data'),
  }
  return runCommand(join(connection.binariesFolder, 'helm'), parameters, { environment, timeoutMs: helmMs })
}

const helmMs = 300_000
