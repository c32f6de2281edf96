// The images of the cluster tests: Node with a few files (the product, test applications), pause and CoreDNS.
// The Node layer is the `node` package's binary with the shared libraries it names, and is the same in all of them.
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureBinaries } from './binaries.ts'
import { type Layer, writeImageArchive } from './image-archive.ts'
import { mustRun } from './run-command.ts'

export interface NodeImage {
  /** With a tag, and used with `imagePullPolicy: Never`: no registry holds it. */
  readonly name: string
  /** Host path (file or folder) -> path in the image. */
  readonly files: Readonly<Record<string, string>>
  /** After `node`: `['/app/main.mjs']`. */
  readonly program: readonly string[]
  readonly user?: string
  readonly environment?: Readonly<Record<string, string>>
}

export const pauseImage = 'modelroute-test/pause:1'
export const dnsImage = 'modelroute-test/coredns:1'

export async function buildNodeImage(image: NodeImage): Promise<string> {
  const { name, files, program, ...rest } = image
  const turned = Object.fromEntries(Object.entries(files).map(([hostPath, imagePath]) => [imagePath, hostPath]))
  const layers = [await nodeLayer(), { files: turned }]
  return writeImageArchive({ ...rest, name, layers, entrypoint: ['/usr/local/bin/node', ...program] })
}

export async function buildPauseImage(): Promise<string> {
  const folder = await ensureBinaries(['pause'])
  const layers = [{ files: { '/pause': join(folder, 'pause') } }]
  return writeImageArchive({ name: pauseImage, layers, entrypoint: ['/pause'] })
}

/** Runs as root in its container, since port 53 takes a capability that only root keeps without file capabilities. */
export async function buildDnsImage(): Promise<string> {
  const folder = await ensureBinaries(['coredns'])
  const layers = [{ files: { '/coredns': join(folder, 'coredns') } }]
  return writeImageArchive({ name: dnsImage, layers, entrypoint: ['/coredns'], user: '0:0' })
}

async function nodeLayer(): Promise<Layer> {
  const binary = nodeBinary()
  const { size, mtimeMs } = statSync(binary)
  const libraries = await sharedLibraries(binary)
  return {
    cacheKey: JSON.stringify([binary, size, mtimeMs, libraries, 'layout 1']),
    files: {
      '/usr/local/bin/node': binary,
      ...Object.fromEntries(libraries.map((path) => [path, path])),
      '/etc/passwd': { text: 'root:x:0:0:root:/:/bin/false\nnonroot:x:65532:65532:nonroot:/tmp:/bin/false\n' },
      '/etc/group': { text: 'root:x:0:\nnonroot:x:65532:\n' },
    },
  }
}

/** The npm package's binary, whichever Node runs the tests. */
function nodeBinary(): string {
  const packaged = fileURLToPath(new URL('../../../node_modules/node/bin/node', import.meta.url))
  return existsSync(packaged) ? packaged : process.execPath
}

/** ldd prints `libm.so.6 => /lib/…/libm.so.6 (0x…)` and `/lib64/ld-linux-x86-64.so.2 (0x…)`. */
async function sharedLibraries(binary: string): Promise<string[]> {
  const text = await mustRun('ldd', [binary])
  return text.split('\n').flatMap((line) => /(\/\S+) \(0x/.exec(line)?.[1] ?? [])
}
