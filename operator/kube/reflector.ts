// Keeps an ObjectStore equal to one kind of the API server's objects, whatever happens to the watch.
//
//   list (pages) -> store -> watch from the list's resourceVersion -> events -> store -> onChange(namespace)
//     ^                        |- ends in order, cut, refused: watch again from where it was, with back-off
//     |------------------------|- 410, ERROR, unreadable, or the last list is 10 min old: list again
//
// resourceVersions are opaque. Nothing here ever gives up: an API server that is away for an hour is listed when it is
// back. Handlers only note a namespace, so that no consumer can break the loop.
import type { Logger } from '../../proxy/telemetry/log.ts'
import type { Clock } from '../../proxy/telemetry/clock.ts'
import type { KubeApi } from './api.ts'
import { listAll } from './list.ts'
import type { ObjectStore } from './object-store.ts'
import { readWatchEvent, type WatchEvent } from './watch-event.ts'

/** The API server ends a watch after so many seconds, chosen anew each time, so that replicas do not come together. */
export const WATCH_SECONDS = { least: 240, most: 300 }
/** The API server sends a bookmark about every minute; a watch that is quiet for longer than this is cut. */
export const SILENCE_MS = 100_000
/** A list this old is made again: the last defence against an event that was lost. */
export const RESYNC_MS = 10 * 60_000
/** Back-off between failures, by full jitter; small, because tables must be current seconds after an outage. */
export const FIRST_BACKOFF_MS = 100
export const MAX_BACKOFF_MS = 3_000
/** A watch that ended in order sooner than this counts as a failure, or it would be opened in a hot loop. */
export const SHORT_WATCH_MS = 1_000
/** Without any sign of life for this long the loop itself is stuck. */
export const STUCK_MS = 3 * 60_000

export interface ReflectorDeps<Item> {
  readonly api: KubeApi
  readonly clock: Clock
  /** Uniform in [0, 1). */
  readonly random: () => number
  readonly logger: Logger
  readonly store: ObjectStore<Item>
  /** `/apis/modelroute.dev/v1alpha1/modelroutes`, without a query. */
  readonly path: string
  /** Selectors, for list and watch alike. */
  readonly query: Readonly<Record<string, string>>
  readonly accept: { readonly list: string; readonly watch: string }
  /** Null: the object is not to be kept, for example because it is being deleted. */
  readonly read: (raw: unknown) => Item | null
  readonly onChange: (namespace: string) => void
  readonly onSign?: (sign: ReflectorSign) => void
}

/** For metrics. */
export type ReflectorSign = 'list' | 'watch' | 'event' | 'bookmark' | 'failure' | 'silence'

export class Reflector<Item> {
  readonly #deps: ReflectorDeps<Item>
  readonly #listed = Promise.withResolvers<void>()
  readonly #stopping = new AbortController()
  #running: Promise<void> = Promise.resolve()
  /** Where the next watch begins; null: list first. */
  #resourceVersion: string | null = null
  #listedAtMs = 0
  #aliveAtMs = 0
  #failures = 0
  #isFresh = false

  constructor(deps: ReflectorDeps<Item>) {
    this.#deps = deps
  }

  /** Resolves when the first list is in the store. */
  start(): Promise<void> {
    this.#aliveAtMs = this.#deps.clock.now()
    this.#running = this.#run()
    return this.#listed.promise
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#listed.reject(new Error('stopped before the first list'))
    this.#listed.promise.catch(() => undefined)
    await this.#running
  }

  /** The loop turns: events come, or attempts are made. False means that only a restart would help. */
  isAlive(): boolean {
    return this.#deps.clock.now() - this.#aliveAtMs < STUCK_MS
  }

  /** Connected and up to date as far as anybody can know. */
  isFresh(): boolean {
    return this.#isFresh && this.isAlive()
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        await this.#turn()
      } catch (error) {
        if (this.#stopping.signal.aborted) return
        this.#isFresh = false
        this.#failures += 1
        this.#sign('failure')
        this.#deps.logger.warn({ path: this.#deps.path, error: messageOf(error) }, 'list or watch failed; trying again')
        if (error instanceof Stale) this.#resourceVersion = null
        await this.#pause()
      }
    }
  }

  /** One list if one is due, and one watch to its end. */
  async #turn(): Promise<void> {
    const { clock } = this.#deps
    const isListDue = this.#resourceVersion === null || clock.now() - this.#listedAtMs >= RESYNC_MS
    if (isListDue || clock.now() < this.#listedAtMs) await this.#list()
    const openedMs = clock.now()
    await this.#watch(this.#resourceVersion ?? '')
    if (clock.now() - openedMs < SHORT_WATCH_MS) throw new Error('the watch ended as soon as it was opened')
    this.#failures = 0
  }

  async #list(): Promise<void> {
    const { api, path, query, accept, read, store, onChange, clock } = this.#deps
    const { signal } = this.#stopping
    const { items, resourceVersion } = await listAll({ api, path, query, accept: accept.list, signal })
    const kept = items.flatMap((raw) => read(raw) ?? [])
    const namespaces = store.replaceAll(kept)
    this.#resourceVersion = resourceVersion
    this.#listedAtMs = clock.now()
    this.#isFresh = true
    this.#sign('list')
    this.#listed.resolve()
    for (const namespace of namespaces) onChange(namespace)
  }

  async #watch(resourceVersion: string): Promise<void> {
    const { api, accept } = this.#deps
    const cut = new AbortController()
    const signal = AbortSignal.any([cut.signal, this.#stopping.signal])
    const quiet = this.#quietTimer(() => cut.abort(new Error('the watch was silent for too long')))
    try {
      const opened = await api.openLines({
        method: 'GET',
        path: this.#watchPath(resourceVersion),
        accept: accept.watch,
        signal,
      })
      if (opened.status === 410) throw new Stale('410 Gone: the resourceVersion is too old')
      if (opened.status !== 200) throw new Error(`the API server answered ${opened.status} to the watch`)
      this.#isFresh = true
      this.#sign('watch')
      for await (const line of opened.lines) {
        quiet.restart()
        this.#take(readWatchEvent(line))
      }
    } catch (error) {
      if (cut.signal.aborted && !this.#stopping.signal.aborted) throw cut.signal.reason
      throw error
    } finally {
      quiet.cancel()
      cut.abort()
    }
  }

  #watchPath(resourceVersion: string): string {
    const { least, most } = WATCH_SECONDS
    const seconds = Math.round(least + (most - least) * this.#deps.random())
    const query = new URLSearchParams({
      ...this.#deps.query,
      watch: 'true',
      allowWatchBookmarks: 'true',
      timeoutSeconds: String(seconds),
      resourceVersion,
    })
    return `${this.#deps.path}?${query.toString()}`
  }

  #take(event: WatchEvent): void {
    switch (event.kind) {
      case 'unreadable':
        throw new Stale(`unreadable event: ${event.reason}`)
      case 'error':
        throw new Stale(`the watch reported an error: ${event.reason}`)
      case 'bookmark':
        this.#resourceVersion = event.resourceVersion
        return this.#sign('bookmark')
      case 'set':
      case 'delete':
        return this.#change(event)
    }
  }

  #change(event: Extract<WatchEvent, { kind: 'set' | 'delete' }>): void {
    const { store, read, onChange } = this.#deps
    const item = event.kind === 'set' ? read(event.object) : null
    if (item === null) store.delete(event.namespace, event.name)
    else store.set(item)
    this.#resourceVersion = event.resourceVersion
    this.#failures = 0
    this.#sign('event')
    try {
      onChange(event.namespace)
    } catch (error) {
      // The store has the change already, so the event would not come again: a new list tells everybody anew.
      throw new Stale(`a listener failed: ${messageOf(error)}`)
    }
  }

  #sign(sign: ReflectorSign): void {
    this.#aliveAtMs = this.#deps.clock.now()
    this.#deps.onSign?.(sign)
  }

  #quietTimer(onSilence: () => void): { restart(): void; cancel(): void } {
    const start = () =>
      this.#deps.clock.after(SILENCE_MS, () => {
        this.#sign('silence')
        onSilence()
      })
    let cancel = start()
    return {
      restart: () => {
        cancel()
        cancel = start()
      },
      cancel: () => cancel(),
    }
  }

  async #pause(): Promise<void> {
    const limitMs = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(this.#failures - 1, 10))
    const { promise, resolve } = Promise.withResolvers<void>()
    const cancel = this.#deps.clock.after(limitMs * this.#deps.random(), resolve)
    const { signal } = this.#stopping
    const stop = () => resolve()
    signal.addEventListener('abort', stop)
    await promise
    signal.removeEventListener('abort', stop)
    cancel()
  }
}

/** What is known may be wrong: only a new list helps. */
class Stale extends Error {}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
