// What makes a node run containers: containerd with runc, and pod networks by the `ptp` plugin.
// Each pod hangs on a link of its own and all its traffic is routed, so that Service addresses
// need no bridge filtering from the kernel. No registry is ever asked: images are imported.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Daemon, startDaemon } from './daemon.ts'
import { pauseImage } from './images.ts'
import type { NodeNamespaces, NodePlace } from './node-namespaces.ts'
import { mustRun, runCommand } from './run-command.ts'

export interface NodeRuntime {
  readonly socketPath: string
  readonly daemon: Daemon
}

/** Where Debian's `containernetworking-plugins` puts them. */
const pluginFolder = '/usr/lib/cni'

export async function startNodeRuntime(place: NodePlace, node: NodeNamespaces): Promise<NodeRuntime> {
  const socketPath = join(place.folder, 'containerd.sock')
  const networkFolder = join(place.folder, 'network')
  const configuration = join(place.folder, 'containerd.toml')
  mkdirSync(networkFolder)
  writeFileSync(join(networkFolder, '10-pods.conflist'), JSON.stringify(networkOf(node.podRange)))
  writeFileSync(configuration, containerdConfiguration({ socketPath, networkFolder }))
  const daemon = startDaemon({ ...place, name: 'containerd', ...node.enter('containerd', ['--config', configuration]) })
  const isServing = async () => (await runCommand('ctr', ['--address', socketPath, 'version'])).code === 0
  await daemon.ready(isServing, 30_000)
  return { socketPath, daemon }
}

/** Imports a docker-archive file under the name it carries; `imagePullPolicy: Never` then finds it. */
export async function importImage(socketPath: string, archivePath: string): Promise<void> {
  await mustRun('ctr', ['--address', socketPath, '--namespace', 'k8s.io', 'images', 'import', archivePath])
}

function networkOf(podRange: string): unknown {
  const ranges = [[{ subnet: podRange }]]
  const routes = [{ dst: '0.0.0.0/0' }]
  return {
    cniVersion: '0.4.0',
    name: 'pods',
    plugins: [
      { type: 'ptp', ipMasq: false, ipam: { type: 'host-local', ranges, routes } },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  }
}

function containerdConfiguration(paths: { socketPath: string; networkFolder: string }): string {
  return `version = 2
disabled_plugins = ["io.containerd.internal.v1.opt"]
[grpc]
  address = "${paths.socketPath}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${pluginFolder}"
    conf_dir = "${paths.networkFolder}"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
`
}
