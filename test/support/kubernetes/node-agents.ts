// The two Kubernetes programs of a node: kubelet, which runs pods, and kube-proxy, which makes Service addresses answer.
// Settings that are not Kubernetes' defaults are here because the node shares its machine: no evictions,
// no swap or image clean-up policy, control groups below one of our own, connection tracking left alone.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { dump } from 'js-yaml'
import type { ApiServer } from './api-server.ts'
import { type Daemon, startDaemon } from './daemon.ts'
import type { NodeNamespaces, NodePlace } from './node-namespaces.ts'
import { type StaticUser, writeKubeconfig } from './static-users.ts'

export const nodeName = 'node1'
export const dnsAddress = '10.96.0.10'
export const kubeletUser: StaticUser = { name: `system:node:${nodeName}`, groups: ['system:nodes'] }
export const proxyUser: StaticUser = { name: 'system:kube-proxy', groups: [] }

export interface NodeParts extends NodePlace {
  readonly node: NodeNamespaces
  readonly api: ApiServer
}

export function startKubelet(parts: NodeParts, socketPath: string): Daemon {
  const { folder, node, api } = parts
  const resolver = join(folder, 'resolv.conf')
  writeFileSync(resolver, '') // Pods that take the node's DNS get none: there is no outside.
  const configuration = writeSettings(folder, 'kubelet', {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: node.nodeAddress,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: api.authority.certificatePath },
    },
    authorization: { mode: 'Webhook' },
    clusterDNS: [dnsAddress],
    clusterDomain: 'cluster.local',
    resolvConf: resolver,
    containerRuntimeEndpoint: `unix://${socketPath}`,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: node.controlGroup,
    enforceNodeAllocatable: [],
    failCgroupV1: false,
    failSwapOn: false,
    localStorageCapacityIsolation: false,
    imageGCHighThresholdPercent: 100,
    evictionHard: { 'memory.available': '0%', 'nodefs.available': '0%', 'imagefs.available': '0%' },
    maxPods: 110,
    registerNode: true,
  })
  const parameters = [
    `--config=${configuration}`,
    `--kubeconfig=${kubeconfigFor(parts, kubeletUser)}`,
    `--hostname-override=${nodeName}`,
    `--node-ip=${node.nodeAddress}`,
  ]
  return startInside(parts, 'kubelet', parameters)
}

export function startKubeProxy(parts: NodeParts): Daemon {
  const configuration = writeSettings(parts.folder, 'kube-proxy', {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'iptables',
    clientConnection: { kubeconfig: kubeconfigFor(parts, proxyUser) },
    clusterCIDR: parts.node.podRange,
    hostnameOverride: nodeName,
    iptables: { minSyncPeriod: '0.1s' },
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  })
  return startInside(parts, 'kube-proxy', [`--config=${configuration}`])
}

/** Also for programs that run beside the API server, such as the scheduler. */
export function kubeconfigFor(parts: { folder: string; api: ApiServer }, user: StaticUser): string {
  const { api, folder } = parts
  const path = join(folder, `${user.name.replaceAll(':', '-')}.kubeconfig`)
  const tokens = { [user.name]: api.connection.tokens[user.name] ?? '' }
  return writeKubeconfig({ path, url: api.url, caPem: api.caPem, tokens, currentUser: user.name })
}

function startInside(parts: NodeParts, name: 'kubelet' | 'kube-proxy', parameters: readonly string[]): Daemon {
  const inside = parts.node.enter(join(parts.node.binariesFolder, name), parameters)
  const { folder, caretaker } = parts
  return startDaemon({ folder, caretaker, name, ...inside })
}

function writeSettings(folder: string, name: string, settings: object): string {
  const path = join(folder, `${name}.yaml`)
  writeFileSync(path, dump(settings))
  return path
}
