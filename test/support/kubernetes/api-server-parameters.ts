// The command lines of etcd and kube-apiserver: what a default cluster has, with durability given up for speed.
import { join } from 'node:path'
import type { KeyPair } from './certificates.ts'
import type { ServiceAccountKeys } from './service-account-keys.ts'

export const serviceRange = '10.96.0.0/16'

export interface ApiServerFiles {
  readonly tokensPath: string
  readonly authorityPath: string
  readonly serving: KeyPair
  readonly toKubelet: KeyPair
  readonly serviceAccount: ServiceAccountKeys
}

export interface ApiServerSetting {
  readonly folder: string
  readonly etcdUrl: string
  readonly address: string
  readonly port: number
  readonly files: ApiServerFiles
  readonly extra: readonly string[]
}

export function etcdParameters(folder: string, clientUrl: string, peerUrl: string): string[] {
  return [
    '--name=test',
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=${clientUrl}`,
    `--advertise-client-urls=${clientUrl}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=test=${peerUrl}`,
    '--unsafe-no-fsync',
    '--log-level=warn',
  ]
}

export function apiServerParameters(setting: ApiServerSetting): string[] {
  const { folder, files, address } = setting
  // Loopback is no valid endpoint for the `kubernetes` Service, and without nodes nobody needs one.
  const announce = address.startsWith('127.') ? '--endpoint-reconciler-type=none' : '--endpoint-reconciler-type=lease'
  return [
    `--etcd-servers=${setting.etcdUrl}`,
    `--bind-address=${address}`,
    `--advertise-address=${address}`,
    announce,
    `--secure-port=${setting.port}`,
    `--cert-dir=${join(folder, 'apiserver')}`,
    `--tls-cert-file=${files.serving.certificatePath}`,
    `--tls-private-key-file=${files.serving.keyPath}`,
    `--token-auth-file=${files.tokensPath}`,
    `--kubelet-client-certificate=${files.toKubelet.certificatePath}`,
    `--kubelet-client-key=${files.toKubelet.keyPath}`,
    '--authorization-mode=Node,RBAC',
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${files.serviceAccount.publicKeyPath}`,
    `--service-account-signing-key-file=${files.serviceAccount.privateKeyPath}`,
    `--service-cluster-ip-range=${serviceRange}`,
    // Logs and exec go to a node's address; its name is known to no DNS.
    '--kubelet-preferred-address-types=InternalIP',
    '--enable-aggregator-routing=true',
    '--allow-privileged=true',
    '--profiling=false',
    ...setting.extra,
  ]
}
