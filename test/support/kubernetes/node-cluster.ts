// Tier 2 without Docker: a control plane beside the test process and one node in namespaces of its own:
//   namespaces -> API server on their link -> controllers + containerd -> kubelet + kube-proxy -> CoreDNS
// Needs root on Linux and a few Debian packages; what is missing is said with the command that installs it.
import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { type ApiServer, startApiServer } from './api-server.ts'
import { ensureBinaries } from './binaries.ts'
import { hireCaretaker } from './caretaker.ts'
import type { Cluster, ClusterProvider, Obstacle } from './cluster.ts'
import { dnsManifests } from './cluster-dns.ts'
import { controllerUser, schedulerUser, startControlPlane } from './control-plane.ts'
import { buildDnsImage, buildPauseImage } from './images.ts'
import { kubeletUser, nodeName, proxyUser, startKubelet, startKubeProxy } from './node-agents.ts'
import { createNodeNamespaces, type NodePlace } from './node-namespaces.ts'
import { importImage, startNodeRuntime } from './node-runtime.ts'
import { serveOutages } from './outage-control.ts'
import { runCommand } from './run-command.ts'
import { waitUntil } from './wait-until.ts'

export const nodeCluster: ClusterProvider = { name: 'node', findObstacle, start }

const packages = 'containerd runc containernetworking-plugins iptables iproute2 util-linux openssl'
const programs = ['containerd', 'ctr', 'runc', 'iptables', 'ip', 'unshare', 'nsenter', 'openssl']
const plugins = ['ptp', 'host-local', 'portmap', 'loopback'].map((name) => `/usr/lib/cni/${name}`)
const readyMs = 120_000

async function findObstacle(): Promise<Obstacle | undefined> {
  if (process.platform !== 'linux') return { reason: 'it needs Linux', remedy: 'use kind with a Docker engine' }
  if (process.getuid?.() !== 0)
    return { reason: 'it needs root', remedy: 'sudo --preserve-env env "PATH=$PATH" npm run test:cluster' }
  const folders = (process.env['PATH'] ?? '').split(':')
  const hasProgram = (name: string) => folders.some((folder) => isExecutable(join(folder, name)))
  const missing = [...programs.filter((name) => !hasProgram(name)), ...plugins.filter((path) => !isExecutable(path))]
  const remedy = `apt-get update && apt-get install -y --no-install-recommends ${packages}`
  if (missing.length > 0) return { reason: `it misses ${missing.join(', ')}`, remedy }
  const attempt = await runCommand('unshare', ['--mount', '--net', '--pid', '--fork', '--mount-proc', 'true'])
  if (attempt.code === 0) return undefined
  return {
    reason: `namespaces are refused: ${attempt.stderr.trim()}`,
    remedy: 'run on a machine where root may make namespaces',
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

async function start(): Promise<Cluster> {
  const binariesFolder = await ensureBinaries([
    ...(['etcd', 'kube-apiserver', 'kubectl', 'kubelet', 'kube-controller-manager'] as const),
    ...(['kube-scheduler', 'kube-proxy', 'helm', 'coredns', 'pause'] as const),
  ])
  const archives = [await buildPauseImage(), await buildDnsImage()]
  const folder = mkdtempSync(join(tmpdir(), 'modelroute-node-'))
  const caretaker = hireCaretaker()
  caretaker.remember({ kind: 'remove', path: folder })
  try {
    return await startIn({ folder, caretaker, binariesFolder }, archives)
  } catch (error) {
    await caretaker.finish()
    throw error
  }
}

async function startIn(place: NodePlace, archives: readonly string[]): Promise<Cluster> {
  const node = await createNodeNamespaces(place)
  const users = [controllerUser, schedulerUser, kubeletUser, proxyUser]
  const [api, runtime] = await Promise.all([
    startApiServer({ address: node.machineAddress, users, place }),
    startNodeRuntime(place, node),
  ])
  startControlPlane(place, api)
  const parts = { ...place, node, api }
  startKubeProxy(parts)
  for (const archive of archives) await importImage(runtime.socketPath, archive)
  startKubelet(parts, runtime.socketPath)
  await api.mustKubectl(['apply', '-f', '-'], { stdin: dnsManifests() })
  await waitForNode(api)
  await waitForDns(api)
  const connection = {
    ...api.connection,
    images: { kind: 'containerd' as const, socketPath: runtime.socketPath },
    outage: await serveOutages(place.folder, api),
  }
  return {
    ...api,
    connection,
    loadImage: (archivePath) => importImage(runtime.socketPath, archivePath),
    stop: () => place.caretaker.finish(),
  }
}

async function waitForNode(api: ApiServer): Promise<void> {
  const isRegistered = async () => (await api.request({ path: `/api/v1/nodes/${nodeName}` })).status === 200
  await waitUntil('the node is registered', isRegistered, { timeoutMs: readyMs })
  await api.mustKubectl(['wait', `node/${nodeName}`, '--for=condition=Ready', '--timeout=90s'], { timeoutMs: readyMs })
}

async function waitForDns(api: ApiServer): Promise<void> {
  const rollout = ['-n', 'kube-system', 'rollout', 'status', 'deployment/coredns', '--timeout=90s']
  await api.mustKubectl(rollout, { timeoutMs: readyMs })
}
