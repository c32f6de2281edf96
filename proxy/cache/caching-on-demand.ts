// The cache of a proxy, loaded with the first table that has a rule with one; calls of other rules never come here.
// While it cannot be loaded, calls are asked as if there were none.
import type { Logger } from '../telemetry/log.ts'
import type { RoutingTable } from '../table/schema.ts'
import type { Asking, Served } from './asking.ts'
import type { Caching } from './caching.ts'

export interface CachingOnDemandDeps {
  readonly load: () => Promise<Pick<Caching, 'serve'>>
  readonly logger: Pick<Logger, 'error'>
}

export class CachingOnDemand {
  readonly #deps: CachingOnDemandDeps
  #loading: Promise<void> | null = null
  #caching: Pick<Caching, 'serve'> | null = null

  constructor(deps: CachingOnDemandDeps) {
    this.#deps = deps
  }

  /** Null: there is no cache to ask. */
  serve(asking: Asking): Served | null | Promise<Served | null> {
    if (this.#caching !== null) return this.#caching.serve(asking)
    return this.#load().then(() => this.#caching?.serve(asking) ?? null)
  }

  /** A new table: its rules' cache is here before their first call, or soon after. */
  prepare({ routes }: Pick<RoutingTable, 'routes'>): void {
    if (routes.some(({ cache }) => cache !== undefined)) void this.#load()
  }

  #load(): Promise<void> {
    this.#loading ??= this.#deps.load().then(
      (caching) => {
        this.#caching = caching
      },
      (error: unknown) => this.#deps.logger.error({ err: error }, 'the cache cannot be loaded'),
    )
    return this.#loading
  }
}
