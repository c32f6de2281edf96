// Tier 2 by kind ("Kubernetes in Docker"), where the `kind` command and a Docker engine are at hand.
// kind's admin has a client certificate; the tests' connection has tokens, so an admin account gets one.
import { randomBytes } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { load } from 'js-yaml'
import { connectTo } from './api-access.ts'
import { ensureBinaries } from './binaries.ts'
import { hireCaretaker } from './caretaker.ts'
import type { Cluster, ClusterConnection, ClusterProvider, Obstacle } from './cluster.ts'
import { loadImage } from './load-image.ts'
import { mustRun, runCommand } from './run-command.ts'
import { writeKubeconfig } from './static-users.ts'

export const kindCluster: ClusterProvider = { name: 'kind', findObstacle, start }

const startMs = 600_000

async function findObstacle(): Promise<Obstacle | undefined> {
  const engine = await runCommand('docker', ['info'])
  if (engine.code !== 0)
    return { reason: 'no Docker engine answers', remedy: 'start Docker and see that `docker info` works' }
  const kind = await runCommand('kind', ['version'])
  if (kind.code === 0) return undefined
  return { reason: 'the `kind` command is missing', remedy: 'go install sigs.k8s.io/kind@latest' }
}

async function start(): Promise<Cluster> {
  const binariesFolder = await ensureBinaries(['kubectl', 'helm'])
  const name = `modelroute-${randomBytes(3).toString('hex')}`
  const folder = mkdtempSync(join(tmpdir(), 'modelroute-kind-'))
  const caretaker = hireCaretaker()
  caretaker.remember({ kind: 'remove', path: folder })
  caretaker.remember({ kind: 'run', command: 'kind', parameters: ['delete', 'cluster', '--name', name] })
  try {
    const kubeconfig = join(folder, 'kind.kubeconfig')
    const image = process.env['MODELROUTE_KIND_IMAGE']
    const choice = image ? ['--image', image] : []
    const create = ['create', 'cluster', '--name', name, '--kubeconfig', kubeconfig, '--wait', '120s', ...choice]
    await mustRun('kind', create, { timeoutMs: startMs })
    const connection = await connectionOf({ name, folder, binariesFolder, kubeconfig })
    return {
      ...connectTo(connection),
      connection,
      loadImage: (archivePath) => loadImage(connection, archivePath),
      stop: () => caretaker.finish(),
    }
  } catch (error) {
    await caretaker.finish()
    throw error
  }
}

interface KindParts {
  readonly name: string
  readonly folder: string
  readonly binariesFolder: string
  readonly kubeconfig: string
}

interface Kubeconfig {
  readonly clusters: readonly { cluster: { server: string; 'certificate-authority-data': string } }[]
}

async function connectionOf(parts: KindParts): Promise<ClusterConnection> {
  const { name, folder, binariesFolder, kubeconfig } = parts
  const kubectl = (...parameters: string[]) =>
    mustRun(join(binariesFolder, 'kubectl'), ['--kubeconfig', kubeconfig, ...parameters])
  const account = ['modelroute-test-admin', '--namespace=kube-system']
  await kubectl('create', 'serviceaccount', ...account)
  const subject = '--serviceaccount=kube-system:modelroute-test-admin'
  await kubectl('create', 'clusterrolebinding', 'modelroute-test-admin', '--clusterrole=cluster-admin', subject)
  const token = (await kubectl('create', 'token', ...account, '--duration=24h')).trim()
  const text = await kubectl('config', 'view', '--raw', '--minify')
  const cluster = (load(text) as Kubeconfig).clusters[0]?.cluster
  if (!cluster) throw new Error(`kind wrote a kubeconfig without a cluster: ${kubeconfig}`)
  const caPem = Buffer.from(cluster['certificate-authority-data'], 'base64').toString()
  const connection = {
    url: cluster.server,
    caPem,
    kubeconfigPath: join(folder, 'kubeconfig'),
    binariesFolder,
    tokens: { admin: token },
    images: { kind: 'kind' as const, name },
    outage: { kind: 'docker' as const, container: `${name}-control-plane` },
  }
  writeKubeconfig({ ...connection, path: connection.kubeconfigPath, currentUser: 'admin' })
  return connection
}
