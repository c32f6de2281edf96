// Builds the Kubernetes tools from Go modules into the cache folder, once per version:
//   test/cluster/tools/*/go.mod -> go build -> CACHE/tools/VERSION-HASH/NAME
// The Go module proxy and its checksums are the only source; nothing is downloaded as a binary.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheFolder } from './cache-folder.ts'
import { withLock } from './file-lock.ts'
import { runCommand } from './run-command.ts'

export const kubernetesVersion = 'v1.36.3'

const toolsFolder = fileURLToPath(new URL('../../cluster/tools/', import.meta.url))
const longestBuildMs = 35 * 60_000
const [major, minor] = kubernetesVersion.slice(1).split('.')
// Without these the server calls itself v0.0.0, and a chart's kubeVersion check refuses it.
const versionFlags = [
  `-X k8s.io/component-base/version.gitVersion=${kubernetesVersion}`,
  `-X k8s.io/component-base/version.gitMajor=${major}`,
  `-X k8s.io/component-base/version.gitMinor=${minor}`,
].join(' ')

interface Recipe {
  readonly module: 'kubernetes' | 'helm' | 'coredns' | 'pause'
  readonly goPackage: string
  /** What `go build` calls the file. */
  readonly output: string
}

const recipes = {
  etcd: { module: 'kubernetes', goPackage: 'go.etcd.io/etcd/server/v3', output: 'server' },
  'kube-apiserver': kubernetesRecipe('kube-apiserver'),
  'kube-controller-manager': kubernetesRecipe('kube-controller-manager'),
  'kube-scheduler': kubernetesRecipe('kube-scheduler'),
  'kube-proxy': kubernetesRecipe('kube-proxy'),
  kubelet: kubernetesRecipe('kubelet'),
  kubectl: kubernetesRecipe('kubectl'),
  helm: { module: 'helm', goPackage: 'helm.sh/helm/v3/cmd/helm', output: 'helm' },
  coredns: { module: 'coredns', goPackage: '.', output: 'coredns' },
  pause: { module: 'pause', goPackage: '.', output: 'pause' },
} as const satisfies Record<string, Recipe>

export type BinaryName = keyof typeof recipes

/** Returns the folder that holds the named binaries, after building those that are missing (minutes, the first time). */
export async function ensureBinaries(names: readonly BinaryName[]): Promise<string> {
  const folder = join(cacheFolder(), 'tools', cacheKey())
  if (names.every((name) => existsSync(join(folder, name)))) return folder
  mkdirSync(folder, { recursive: true })
  await withLock(join(folder, '.lock'), async () => {
    const missing = names.filter((name) => !existsSync(join(folder, name)))
    for (const [module, group] of Map.groupBy(missing, (name) => recipes[name].module)) {
      await build(module, group, folder)
    }
  })
  return folder
}

async function build(module: Recipe['module'], names: readonly BinaryName[], folder: string): Promise<void> {
  const started = performance.now()
  const workFolder = join(folder, `.building-${module}-${process.pid}`)
  mkdirSync(workFolder, { recursive: true })
  process.stderr.write(`building ${names.join(', ')} (once; minutes when Go's own cache is empty)\n`)
  const packages = names.map((name) => recipes[name].goPackage)
  const result = await runCommand('go', ['build', `-ldflags=-s -w ${versionFlags}`, '-o', workFolder, ...packages], {
    folder: join(toolsFolder, module),
    environment: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-buildvcs=false -trimpath -mod=readonly' },
    timeoutMs: longestBuildMs,
  })
  try {
    if (result.code === 127) throw new Error(goIsMissing)
    if (result.code !== 0) throw new Error(`Building ${names.join(', ')} failed: ${result.stderr.slice(-4000)}`)
    for (const name of names) renameSync(join(workFolder, recipes[name].output), join(folder, name))
  } finally {
    rmSync(workFolder, { recursive: true, force: true })
  }
  process.stderr.write(`built ${names.join(', ')} in ${((performance.now() - started) / 1000).toFixed(1)} s\n`)
}

const goIsMissing =
  'The Kubernetes test tools are built with Go, and no `go` command was found. ' +
  'Install Go 1.26 or later (https://go.dev/doc/install), see that `go version` answers, then run `npm run test:api` again.'

/** Everything that decides what is built: the module files, our Go sources and the flags. */
function cacheKey(): string {
  const hash = createHash('sha256').update(versionFlags).update(process.platform).update(process.arch)
  const sources = ['kubernetes/go.sum', 'helm/go.sum', 'coredns/go.sum', 'coredns/main.go', 'pause/main.go']
  for (const source of sources) hash.update(readFileSync(join(toolsFolder, source)))
  return `${kubernetesVersion}-${hash.digest('hex').slice(0, 12)}`
}

function kubernetesRecipe<Name extends string>(name: Name) {
  return { module: 'kubernetes', goPackage: `k8s.io/kubernetes/cmd/${name}`, output: name } as const
}
