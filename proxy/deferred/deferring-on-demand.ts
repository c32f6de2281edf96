// Deferred calls, loaded with the first table that has a rule for them, or with the first question after one: their
// thread and their code are nothing that other pods pay for. Without a folder to rest in, no call is deferred.
import type { RoutingTable } from '../table/schema.ts'
import type { Logger } from '../telemetry/log.ts'
import type { Deferring, Offer, Offered } from './deferring.ts'
import type { OwnReply } from './job-answers.ts'

export interface Loaded {
  readonly deferring: Pick<Deferring, 'offer' | 'reply'>
  readonly start: () => void
  readonly close: () => Promise<void>
}

export interface DeferringOnDemandDeps {
  /** Null: there is no folder for the file. */
  readonly load: (() => Promise<Loaded>) | null
  readonly logger: Pick<Logger, 'error'>
}

export class DeferringOnDemand {
  readonly #deps: DeferringOnDemandDeps
  #loading: Promise<Loaded | null> | null = null

  constructor(deps: DeferringOnDemandDeps) {
    this.#deps = deps
  }

  async offer(offer: Offer): Promise<Offered> {
    const loaded = await this.#load()
    return loaded === null ? { kind: 'declined', reason: 'failed' } : loaded.deferring.offer(offer)
  }

  async reply(method: string, path: string): Promise<OwnReply | null> {
    const loaded = await this.#load()
    return loaded === null ? null : loaded.deferring.reply(method, path)
  }

  /** Jobs of before go on with the first table that may have been theirs. */
  prepare({ routes }: Pick<RoutingTable, 'routes'>): void {
    if (routes.some(({ deferred }) => deferred !== undefined)) void this.#load()
  }

  async close(): Promise<void> {
    await (await this.#loading)?.close()
  }

  #load(): Promise<Loaded | null> {
    this.#loading ??= this.#loadSafely()
    return this.#loading
  }

  async #loadSafely(): Promise<Loaded | null> {
    try {
      const loaded = (await this.#deps.load?.()) ?? null
      loaded?.start()
      return loaded
    } catch (error) {
      this.#deps.logger.error({ err: error }, 'calls cannot be deferred')
      return null
    }
  }
}
