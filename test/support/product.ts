// The product as a cluster test installs it: the image of both bundles, the test applications' image, and helm.
import { build } from 'esbuild'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ClusterAccess } from './kubernetes/cluster-access.ts'
import { mustRun } from './kubernetes/run-command.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

export const RELEASE_NAMESPACE = 'modelroute-system'
export const APPS_IMAGE = 'modelroute-test/apps:1'
const PRODUCT_IMAGE = { registry: 'modelroute.test', repository: 'modelroute', tag: 'test' }

/** Bundles operator and proxy as a release does, and makes the image known to the cluster. */
export async function provideProduct(cluster: ClusterAccess): Promise<void> {
  await mustRun(process.execPath, [join(root, '.ci/bundle.ts')])
  const bundles = readdirSync(join(root, 'dist')).filter((name) => name.endsWith('.mjs'))
  const dictionaries = readdirSync(join(root, 'dist/dictionaries')).map((name) => `dictionaries/${name}`)
  const shipped = [...bundles, ...dictionaries]
  const files = Object.fromEntries(shipped.map((name) => [join(root, `dist/${name}`), `/app/${name}`]))
  const name = `${PRODUCT_IMAGE.registry}/${PRODUCT_IMAGE.repository}:${PRODUCT_IMAGE.tag}`
  await cluster.provideImage({ name, files, program: [], user: '65532:65532' })
}

/** The applications of test/cluster/programs, the official SDK bundled in. */
export async function provideApps(cluster: ClusterAccess): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'modelroute-apps-'))
  try {
    await build({
      entryPoints: ['chat', 'provider'].map((app) => join(root, `test/cluster/programs/${app}.ts`)),
      outdir: folder,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'error',
    })
    const files = { [join(folder, 'chat.mjs')]: '/app/chat.mjs', [join(folder, 'provider.mjs')]: '/app/provider.mjs' }
    await cluster.provideImage({ name: APPS_IMAGE, files, program: [], user: '65532:65532' })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The one line of the README, plus where the image is. */
export async function helmInstall(cluster: ClusterAccess): Promise<string> {
  const image = Object.entries({ ...PRODUCT_IMAGE, pullPolicy: 'Never' })
  const settings = image.flatMap(([key, value]) => ['--set', `image.${key}=${value}`])
  const chart = join(root, 'charts/modelroute')
  return helm(cluster, ['install', 'modelroute', chart, '--create-namespace', '--timeout', '2m', ...settings])
}

export async function helmUninstall(cluster: ClusterAccess): Promise<string> {
  return helm(cluster, ['uninstall', 'modelroute', '--wait'])
}

async function helm(cluster: ClusterAccess, parameters: readonly string[]): Promise<string> {
  const result = await cluster.helm(['--namespace', RELEASE_NAMESPACE, ...parameters])
  if (result.code !== 0) throw new Error(`helm ${parameters[0]}: ${result.stderr}`)
  return result.stdout
}
