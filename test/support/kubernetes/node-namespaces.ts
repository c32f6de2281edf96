// A node without a machine: process, network and mount namespaces of their own, held by one process.
//   machine: API server at 10.245.N.1 --veth-- 10.245.N.2 node: kubelet, containerd; pods 10.244.N.0/24
// When that process ends, the kernel ends every process inside and drops mounts, links, routes and firewall rules,
// so nothing can be left behind, however the test run ends. The machine's own settings stay untouched.
import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { serviceRange } from './api-server-parameters.ts'
import type { Caretaker } from './caretaker.ts'
import { startDaemon } from './daemon.ts'
import { identify } from './process-identity.ts'
import { mustRun, runCommand } from './run-command.ts'

export interface NodeNamespaces {
  readonly processId: number
  /** The machine's end of the link: where pods and kubelet reach the API server. */
  readonly machineAddress: string
  readonly nodeAddress: string
  readonly podRange: string
  /** Below it kubelet makes its control groups. */
  readonly controlGroup: string
  /** The binaries' folder as it is called inside. */
  readonly binariesFolder: string
  /** A command line that runs the given one inside. */
  enter(command: string, parameters: readonly string[]): { command: string; parameters: string[] }
}

const mostNodes = 16

export interface NodePlace {
  readonly folder: string
  readonly caretaker: Caretaker
  readonly binariesFolder: string
}

export async function createNodeNamespaces(place: NodePlace): Promise<NodeNamespaces> {
  // Made before the processes that live in it, hence removed after them.
  const controlGroup = createControlGroup(`modelroute-${randomBytes(4).toString('hex')}`, place.caretaker)
  const processId = await startHolder(place)
  const enter = (command: string, parameters: readonly string[]) => ({
    command: 'nsenter',
    parameters: ['--target', String(processId), '--mount', '--net', '--pid', '--', command, ...parameters],
  })
  const slot = await claimSlot(processId)
  const machineAddress = `10.245.${slot}.1`
  const nodeAddress = `10.245.${slot}.2`
  const podRange = `10.244.${slot}.0/24`
  const link = `mrnode${slot}`
  await mustRun('ip', ['address', 'add', `${machineAddress}/30`, 'dev', link])
  await mustRun('ip', ['link', 'set', link, 'up'])
  const inside = enter('sh', ['-ec', setUpScript(place, { nodeAddress, machineAddress })])
  await mustRun(inside.command, inside.parameters)
  await mustRun('ip', ['route', 'add', podRange, 'via', nodeAddress])
  const binariesFolder = join(place.folder, 'node', 'bin')
  return { processId, machineAddress, nodeAddress, podRange, controlGroup, binariesFolder, enter }
}

/** `unshare` stays outside and waits; its child is process 1 of the node and ends everything when it ends. */
async function startHolder(place: NodePlace): Promise<number> {
  const spaces = ['--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc', '--propagation', 'private']
  const holder = startDaemon({
    ...place,
    name: 'node',
    command: 'unshare',
    parameters: [...spaces, join(place.binariesFolder, 'pause')],
  })
  let child = 0
  await holder.ready(async () => {
    child = Number(readFileSync(`/proc/${holder.pid}/task/${holder.pid}/children`, 'utf8').trim())
    return child > 0 && readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('pause')
  }, 10_000)
  place.caretaker.remember({ kind: 'kill', identity: identify(child) })
  return child
}

/** The name of a network link is unique on a machine, so making it claims the number and its address ranges. */
async function claimSlot(processId: number): Promise<number> {
  let reason = ''
  for (let slot = 0; slot < mostNodes; slot++) {
    const peer = ['peer', 'name', 'uplink', 'netns', String(processId)]
    const made = await runCommand('ip', ['link', 'add', `mrnode${slot}`, 'type', 'veth', ...peer])
    if (made.code === 0) return slot
    reason = made.stderr.trim()
  }
  throw new Error(`No network link for a test node could be made: ${reason}`)
}

/**
 * The default route is left out on purpose: a pod's call to the outside fails at once instead of hanging.
 * Folders that node programs write to by fixed names become private ones; the binaries may lie below one of them.
 */
function setUpScript(place: NodePlace, addresses: { nodeAddress: string; machineAddress: string }): string {
  const { nodeAddress, machineAddress } = addresses
  const node = join(place.folder, 'node')
  return `
    mkdir -p ${node}/bin ${node}/lib ${node}/log
    mount --make-rshared /
    mount --bind ${place.binariesFolder} ${node}/bin
    mount --bind ${node}/lib /var/lib
    mount --bind ${node}/log /var/log
    mount -t tmpfs -o mode=755 tmpfs /run
    ip link set lo up
    ip address add ${nodeAddress}/30 dev uplink
    ip link set uplink up
    ip route add ${serviceRange} via ${machineAddress}
    echo 1 > /proc/sys/net/ipv4/ip_forward
  `
}

/** One folder in cgroup v2, one per controller in v1; removed with all below it when the node is gone. */
function createControlGroup(name: string, caretaker: Caretaker): string {
  const root = '/sys/fs/cgroup'
  const hierarchies = isUnified(root) ? [root] : readdirSync(root).map((controller) => join(root, controller))
  for (const path of hierarchies.map((hierarchy) => join(hierarchy, name))) {
    mkdirSync(path, { recursive: true })
    caretaker.remember({ kind: 'prune', path })
  }
  return `/${name}`
}

function isUnified(root: string): boolean {
  return readdirSync(root).includes('cgroup.controllers')
}
