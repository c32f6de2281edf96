// Tier 1: a real etcd and kube-apiserver on loopback, enough for CRDs, CEL, webhooks, TokenReview and RBAC:
//   authority + tokens -> etcd -> kube-apiserver -> /readyz answers
// No controllers run: nothing fills namespaces, starts pods or collects garbage. cluster.ts adds those.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ApiAccess, type ApiConnection, connectTo } from './api-access.ts'
import { apiServerParameters, type ApiServerFiles, etcdParameters } from './api-server-parameters.ts'
import { ensureBinaries } from './binaries.ts'
import { type Caretaker, hireCaretaker } from './caretaker.ts'
import { type Authority, createAuthority, issueCertificate } from './certificates.ts'
import { type Daemon, startDaemon } from './daemon.ts'
import { compactHistory } from './etcd-history.ts'
import { freePort } from './free-port.ts'
import { writeServiceAccountKeys } from './service-account-keys.ts'
import { admin, type StaticUser, writeKubeconfig, writeTokenFile } from './static-users.ts'

export interface ApiServerOptions {
  /** Besides `admin`, `alice` and `bob`; the last two have no rights. */
  readonly users?: readonly StaticUser[]
  /** Default 127.0.0.1. Another address is also announced to pods as the `kubernetes` Service's endpoint. */
  readonly address?: string
  readonly extraParameters?: readonly string[]
  /** Makes the server part of a cluster: its files lie there and the cluster's caretaker ends it. */
  readonly place?: { readonly folder: string; readonly caretaker: Caretaker }
}

export interface ApiServer extends ApiAccess {
  readonly url: string
  readonly port: number
  readonly caPem: string
  readonly adminToken: string
  readonly kubeconfigPath: string
  /** Holds the configuration and `logs/*.log`; removed by `stop`. */
  readonly folder: string
  readonly files: ApiServerFiles
  readonly authority: Authority
  readonly caretaker: Caretaker
  /** The API server alone goes away (etcd keeps its data); SIGKILL for a crash. */
  stopServer(signal?: NodeJS.Signals): Promise<void>
  /** Back on the same port with the same data and tokens; resolves when it is ready. */
  startServer(): Promise<void>
  restart(): Promise<void>
  /** Forgets old revisions: a watch that asks for one, after a restart, gets 410 Gone. */
  forgetHistory(): Promise<void>
  stop(): Promise<void>
}

const readyMs = 90_000

export async function startApiServer(options: ApiServerOptions = {}): Promise<ApiServer> {
  const binariesFolder = await ensureBinaries(['etcd', 'kube-apiserver', 'kubectl'])
  if (options.place) return startIn({ ...options.place, binariesFolder, options })
  const folder = mkdtempSync(join(tmpdir(), 'modelroute-api-'))
  const caretaker = hireCaretaker()
  caretaker.remember({ kind: 'remove', path: folder })
  try {
    return await startIn({ folder, binariesFolder, caretaker, options })
  } catch (error) {
    await caretaker.finish()
    throw error
  }
}

interface Start {
  readonly folder: string
  readonly binariesFolder: string
  readonly caretaker: Caretaker
  readonly options: ApiServerOptions
}

async function startIn(start: Start): Promise<ApiServer> {
  const { folder, binariesFolder, caretaker, options } = start
  const address = options.address ?? '127.0.0.1'
  const [port, etcdPort, etcdPeerPort] = [await freePort(address), await freePort(), await freePort()]
  const authority = await createAuthority(folder)
  const users = [admin, { name: 'alice', groups: [] }, { name: 'bob', groups: [] }, ...(options.users ?? [])]
  const { path: tokensPath, tokens } = writeTokenFile(folder, users)
  const url = `https://${address}:${port}`
  const hosts = [address, '127.0.0.1', 'localhost', '10.96.0.1', 'kubernetes', 'kubernetes.default.svc']
  const files: ApiServerFiles = {
    tokensPath,
    authorityPath: authority.certificatePath,
    serving: await issueCertificate(authority, {
      name: 'api',
      subject: '/CN=kube-apiserver',
      usage: 'serverAuth',
      hosts,
    }),
    toKubelet: await issueCertificate(authority, { name: 'to-kubelet', subject: kubeletClient, usage: 'clientAuth' }),
    serviceAccount: writeServiceAccountKeys(folder),
  }
  const kubeconfigPath = join(folder, 'kubeconfig')
  writeKubeconfig({ path: kubeconfigPath, url, caPem: authority.pem, tokens, currentUser: 'admin' })
  const connection: ApiConnection = { url, caPem: authority.pem, kubeconfigPath, binariesFolder, tokens }
  const access = connectTo(connection)
  const run = (name: string, parameters: readonly string[]) =>
    startDaemon({ name, command: join(binariesFolder, name), parameters, folder, caretaker })

  const etcdUrl = `http://127.0.0.1:${etcdPort}`
  const etcd = run('etcd', etcdParameters(folder, etcdUrl, `http://127.0.0.1:${etcdPeerPort}`))
  await etcd.ready(() => fetch(`${etcdUrl}/readyz`).then((response) => response.ok), readyMs)
  const parameters = apiServerParameters({
    folder,
    etcdUrl,
    address,
    port,
    files,
    extra: options.extraParameters ?? [],
  })
  let server: Daemon | undefined
  const stopServer = async (signal?: NodeJS.Signals) => server?.stop(signal)
  const startServer = async () => {
    server = run('kube-apiserver', parameters)
    await server.ready(async () => (await access.request({ path: '/readyz' })).status === 200, readyMs)
  }
  await startServer()
  return {
    ...access,
    url,
    port,
    caPem: authority.pem,
    adminToken: tokens['admin'] ?? '',
    kubeconfigPath,
    folder,
    files,
    authority,
    caretaker,
    stopServer,
    startServer,
    restart: () => stopServer().then(startServer),
    forgetHistory: () => compactHistory(etcdUrl),
    stop: () => caretaker.finish(),
  }
}

/** The API server shows this certificate to kubelets, for logs and exec. */
const kubeletClient = '/O=system:masters/CN=kube-apiserver-kubelet-client'
