// A folder of yaml files in the cluster's place: the second implementation of ResourceSource and SecretSource, for
// `npm start` and tests. A saved file takes effect within a second; one that cannot be read keeps its last content.
//
//   fs.watch (+ a slow look around) -> settle -> readFolder -> collectObjects -> onChange(namespace)
//
// Writes nothing: status lives in the view of each pass.
import { watch } from 'node:fs'
import { stat } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../../proxy/telemetry/clock.ts'
import type { Logger } from '../../proxy/telemetry/log.ts'
import { collectObjects, type FileFault, type FolderObjects, type FolderSecret } from './folder-objects.ts'
import { type FolderFiles, readFolder, VANISH_MS } from './folder-reader.ts'
import type { NamespaceResources, ProxyPod, ResourceSource, SecretSource } from './source.ts'

/** Quiet time after an event before files are read: an editor writes in several steps. */
export const SETTLE_MS = 50
/** The look around without an event, for file systems that send none. */
export const LOOK_AROUND_MS = 2_000

export interface FolderDeps {
  readonly folder: string
  /** Used while no file has a Pod: the laptop's own proxy. */
  readonly pods: readonly ProxyPod[]
  readonly logger: Logger
  readonly clock: Clock
}

export interface ResourceFolder {
  readonly resources: ResourceSource
  readonly secrets: SecretSource
  /** What in the files has no effect now, by file. */
  faults(): readonly FileFault[]
}

export function openResourceFolder(deps: FolderDeps): ResourceFolder {
  const follower = new FolderFollower(deps)
  return {
    resources: {
      start: (onChange) => follower.start(onChange),
      namespaces: () => [...follower.namespaces()],
      read: (namespace) => follower.read(namespace),
      findPod: (uid) => follower.pods().find((pod) => pod.uid === uid),
      stop: () => follower.stop(),
    },
    secrets: {
      version: async (namespace, name) => {
        const secret = follower.findSecret(namespace, name)
        return secret ? { kind: 'found', resourceVersion: secret.resourceVersion } : { kind: 'missing' }
      },
      read: async (namespace, name) => {
        const secret = follower.findSecret(namespace, name)
        return secret
          ? { kind: 'found', resourceVersion: secret.resourceVersion, data: secret.data }
          : { kind: 'missing' }
      },
    },
    faults: () => follower.faults(),
  }
}

const NOTHING: FolderObjects = { routes: [], providers: [], pods: [], secrets: [], faults: [], generations: new Map() }

class FolderFollower {
  readonly #deps: FolderDeps
  #files: FolderFiles = new Map()
  #objects = NOTHING
  #onChange: (namespace: string) => void = () => undefined
  #closeWatch: () => void = () => undefined
  #nextLook: { readonly dueMs: number; readonly cancel: () => void } | null = null
  #looking: Promise<void> | null = null
  #isStopped = false

  constructor(deps: FolderDeps) {
    this.#deps = deps
  }

  async start(onChange: (namespace: string) => void): Promise<void> {
    const { folder } = this.#deps
    const entry = await stat(folder).catch(() => null)
    if (!entry?.isDirectory()) throw new Error(`${folder} is not a folder that can be read: name one with yaml files`)
    this.#onChange = onChange
    await this.#look()
    const watcher = watch(folder, { recursive: true, persistent: false }, () => this.#lookAfter(SETTLE_MS))
    watcher.on('error', (error) => this.#warn(error, 'events of the folder failed; it is looked at by time alone'))
    this.#closeWatch = () => watcher.close()
    // What was saved between the first look and the watch has sent no event.
    this.#lookAfter(SETTLE_MS)
  }

  pods(): readonly ProxyPod[] {
    return this.#objects.pods.length > 0 ? this.#objects.pods : this.#deps.pods
  }

  namespaces(): ReadonlySet<string> {
    const resources = [...this.#objects.routes, ...this.#objects.providers].map(({ metadata }) => metadata)
    return new Set([...resources, ...this.pods()].map(({ namespace }) => namespace))
  }

  read(namespace: string): NamespaceResources {
    return {
      routes: this.#objects.routes.filter(({ metadata }) => metadata.namespace === namespace),
      providers: this.#objects.providers.filter(({ metadata }) => metadata.namespace === namespace),
      pods: this.pods().filter((pod) => pod.namespace === namespace),
    }
  }

  findSecret(namespace: string, name: string): FolderSecret | undefined {
    return this.#objects.secrets.find((secret) => secret.namespace === namespace && secret.name === name)
  }

  faults(): readonly FileFault[] {
    return [...[...this.#files.values()].flatMap(({ fault }) => fault ?? []), ...this.#objects.faults]
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#closeWatch()
    this.#nextLook?.cancel()
    await this.#looking
  }

  /** The earliest of several wishes counts. */
  #lookAfter(delayMs: number): void {
    const dueMs = this.#deps.clock.now() + delayMs
    if (this.#isStopped || (this.#nextLook && this.#nextLook.dueMs <= dueMs)) return
    this.#nextLook?.cancel()
    const cancel = this.#deps.clock.after(delayMs, () => {
      this.#nextLook = null
      // A look under way may have passed the changed file already, so this one follows it.
      this.#looking = (this.#looking ?? Promise.resolve()).then(() => this.#look())
    })
    this.#nextLook = { dueMs, cancel }
  }

  async #look(): Promise<void> {
    const { folder, clock } = this.#deps
    try {
      const before = { namespaces: this.namespaces(), objects: this.#objects, faults: this.faults() }
      this.#files = await readFolder({ folder, previous: this.#files, nowMs: clock.now() })
      const contents = [...this.#files].map(([path, { documents }]) => ({ path, documents }))
      this.#objects = collectObjects(contents, before.objects.generations)
      this.#tellFaults(before.faults)
      this.#tellChanges(before)
    } catch (error) {
      this.#warn(error, 'the folder could not be read; what it had last stays in force')
    }
    const isVanishing = [...this.#files.values()].some(({ vanishedMs }) => vanishedMs !== null)
    this.#lookAfter(isVanishing ? VANISH_MS : LOOK_AROUND_MS)
  }

  #tellFaults(before: readonly FileFault[]): void {
    for (const fault of this.faults()) {
      if (before.some((known) => isDeepStrictEqual(known, fault))) continue
      this.#deps.logger.warn({ file: fault.file, line: fault.line }, `${fault.file}: ${fault.message}`)
    }
  }

  #tellChanges(before: { readonly namespaces: ReadonlySet<string>; readonly objects: FolderObjects }): void {
    const concerned = new Set([...before.namespaces, ...this.namespaces()])
    for (const namespace of concerned) {
      const is = byNamespace(this.#objects, namespace)
      if (!isDeepStrictEqual(byNamespace(before.objects, namespace), is)) this.#onChange(namespace)
    }
  }

  #warn(error: unknown, message: string): void {
    this.#deps.logger.warn({ error: String(error) }, message)
  }
}

function byNamespace({ routes, providers, pods, secrets }: FolderObjects, namespace: string): unknown {
  return [
    [...routes, ...providers].filter(({ metadata }) => metadata.namespace === namespace),
    [...pods, ...secrets].filter((entry) => entry.namespace === namespace),
  ]
}
