// Writes a container image as a docker-archive file, without a registry, a daemon or a build tool:
//   files -> one tar per layer (reproducible) -> config.json + manifest.json -> one tar
// A layer's digest depends on its files alone, so containerd unpacks a shared layer once.
import { createHash } from 'node:crypto'
import {
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { cacheFolder } from './cache-folder.ts'
import { mustRun } from './run-command.ts'

/** Path in the image (absolute) -> file or folder on this machine, or the text of a small file. */
export type LayerFiles = Readonly<Record<string, string | { readonly text: string }>>

export interface Layer {
  readonly files: LayerFiles
  /** Set when the content is known without reading it; the layer is then kept in the cache. */
  readonly cacheKey?: string
}

export interface Image {
  /** With a tag: `modelroute:test`. */
  readonly name: string
  readonly layers: readonly Layer[]
  readonly entrypoint: readonly string[]
  /** Default `65532:65532`. */
  readonly user?: string
  readonly environment?: Readonly<Record<string, string>>
}

interface PackedLayer {
  readonly path: string
  readonly digest: string
}

const nonRoot = '65532:65532'
const staleMs = 24 * 3_600_000
// Reproducible: the same files give the same bytes, whoever owns them and whenever they were written.
const tarOptions = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '--format=gnu']

/** Returns the archive's path in the cache folder; its name tells its content, so an image that exists is not packed again. */
export async function writeImageArchive(image: Image): Promise<string> {
  const folder = join(cacheFolder(), 'images')
  mkdirSync(folder, { recursive: true })
  const work = mkdtempSync(join(folder, '.work-'))
  try {
    const layers: PackedLayer[] = []
    for (const [index, layer] of image.layers.entries())
      layers.push(await packLayer(layer, join(work, `layer-${index}`)))
    const config = configOf(image, layers)
    const prefix = `${image.name.replaceAll(/[^\w.-]/g, '_')}-`
    const target = join(folder, `${prefix}${digestOfText(config).slice(0, 16)}.tar`)
    if (!existsSync(target)) renameSync(await packImage(image.name, { config, layers, work }), target)
    utimesSync(target, new Date(), new Date())
    removeStale(folder, prefix)
    return target
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

async function packLayer(layer: Layer, work: string): Promise<PackedLayer> {
  if (layer.cacheKey === undefined) return tarLayer(layer.files, work, `${work}.tar`)
  const folder = join(cacheFolder(), 'layers')
  mkdirSync(folder, { recursive: true })
  const kept = join(folder, `${digestOfText(layer.cacheKey).slice(0, 24)}.tar`)
  if (existsSync(kept)) return { path: kept, digest: await digestOf(kept) }
  const made = await tarLayer(layer.files, work, `${kept}.${process.pid}`)
  renameSync(made.path, kept)
  return { path: kept, digest: made.digest }
}

/** Lays the files out as links and lets tar follow them, so nothing is copied twice. */
async function tarLayer(files: LayerFiles, stage: string, target: string): Promise<PackedLayer> {
  mkdirSync(stage, { recursive: true })
  for (const [imagePath, source] of Object.entries(files)) {
    const place = join(stage, imagePath)
    mkdirSync(dirname(place), { recursive: true })
    if (typeof source === 'string') symlinkSync(source, place)
    else writeFileSync(place, source.text)
  }
  const mode = '--mode=u+rwX,go+rX,go-w'
  await mustRun('tar', ['--create', '--dereference', ...tarOptions, mode, '--file', target, '-C', stage, '.'])
  return { path: target, digest: await digestOf(target) }
}

function configOf(image: Image, layers: readonly PackedLayer[]): string {
  return JSON.stringify({
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    config: {
      User: image.user ?? nonRoot,
      Entrypoint: image.entrypoint,
      Env: Object.entries({ PATH: '/usr/local/bin:/usr/bin:/bin', ...image.environment }).map((pair) => pair.join('=')),
      WorkingDir: '/',
    },
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => `sha256:${layer.digest}`) },
  })
}

interface Parts {
  readonly config: string
  readonly layers: readonly PackedLayer[]
  readonly work: string
}

async function packImage(name: string, parts: Parts): Promise<string> {
  const { config, layers, work } = parts
  const stage = join(work, 'archive')
  mkdirSync(stage)
  const configName = `${digestOfText(config)}.json`
  writeFileSync(join(stage, configName), config)
  for (const layer of layers) symlinkSync(layer.path, join(stage, `${layer.digest}.tar`))
  const manifest = { Config: configName, RepoTags: [name], Layers: layers.map((layer) => `${layer.digest}.tar`) }
  writeFileSync(join(stage, 'manifest.json'), JSON.stringify([manifest]))
  const target = join(work, 'image.tar')
  await mustRun('tar', ['--create', '--dereference', ...tarOptions, '--file', target, '-C', stage, '.'])
  return target
}

/** Archives of earlier contents that nobody has asked for during a day. */
function removeStale(folder: string, prefix: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    const isSameImage = name.startsWith(prefix) && /^[0-9a-f]{16}\.tar$/.test(name.slice(prefix.length))
    if (isSameImage && Date.now() - statSync(path).mtimeMs > staleMs) rmSync(path, { force: true })
  }
}

function digestOfText(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}
