// One connection to a Redis or Valkey server: commands out, replies within a deadline, and never an exception. The
// library pipelines what is written in one turn. It is not left to reconnect by itself: after a failure the connection
// is thrown away, whatever it still owed with it, and made anew after a rest, when a call asks again.
import type { Logger } from '../../telemetry/log.ts'
import type { Timers } from '../../upstream/timers.ts'
import { Breaker } from './breaker.ts'
import type { SharedSettings } from './shared-settings.ts'

/** Commands without a reply; more are not sent. */
export const MAX_COMMANDS = 1024
const CONNECT_DEADLINE_MS = 2000
const REST_MS = 3000

export type RedisReply =
  | { readonly kind: 'reply'; readonly reply: unknown }
  /** Not connected, or resting. */
  | { readonly kind: 'down' }
  | { readonly kind: 'late' }
  /** The server refuses the command: the first word of its sentence, `OOM`, `NOPERM`, `WRONGTYPE`. */
  | { readonly kind: 'failed'; readonly code: string }

export interface RedisConnectionDeps {
  readonly elapsedMs: () => number
  readonly timers: Timers
  readonly logger: Pick<Logger, 'info' | 'warn'>
  readonly password: () => string | null
}

export type RedisCommand = readonly (string | Buffer)[]

/** What of the library's client is used. */
interface Client {
  sendCommand(command: RedisCommand): Promise<unknown>
  destroy(): void
}

export class RedisConnection {
  readonly #settings: SharedSettings
  readonly #deps: RedisConnectionDeps
  readonly #breaker: Breaker
  #client: Client | null = null
  #connecting: Promise<void> | null = null
  #isClosed = false
  #lastFault = ''

  constructor(settings: SharedSettings, deps: RedisConnectionDeps) {
    this.#settings = settings
    this.#deps = deps
    const onChange = (isResting: boolean) => this.#logChange(isResting)
    this.#breaker = new Breaker({ elapsedMs: deps.elapsedMs, restMs: REST_MS, onChange })
  }

  get isReady(): boolean {
    return this.#client !== null
  }

  /** Begins to connect where there is no connection; a failed one is not tried again before its rest is over. */
  connect(): Promise<void> {
    if (this.#isClosed || this.#client !== null) return Promise.resolve()
    if (this.#connecting === null && !this.#breaker.admits()) return Promise.resolve()
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = null
    })
    return this.#connecting
  }

  /** Never rejects. */
  async ask(command: RedisCommand, deadlineMs: number): Promise<RedisReply> {
    const client = this.#client
    if (client === null) {
      void this.connect()
      return { kind: 'down' }
    }
    const reply = await this.#withDeadline(client.sendCommand(command), deadlineMs)
    if (client !== this.#client) return { kind: 'down' }
    if (reply.kind === 'reply') this.#breaker.succeeded()
    if (reply.kind === 'late') this.#late()
    return reply
  }

  close(): void {
    this.#isClosed = true
    this.#drop()
  }

  async #connect(): Promise<void> {
    try {
      // With the first shared cache: the library is half as large as all the rest.
      const { connectClient } = await import('./redis-client.ts')
      const client = await connectClient(this.#settings, {
        password: this.#deps.password(),
        deadlineMs: CONNECT_DEADLINE_MS,
        timers: this.#deps.timers,
        maxCommands: MAX_COMMANDS,
        onFault: (reason) => {
          if (this.#client === client) this.#fail(reason)
        },
      })
      if (this.#isClosed) client.destroy()
      else this.#client = client
      this.#breaker.succeeded()
    } catch (error) {
      if (!this.#isClosed) this.#fail(error instanceof Error ? error.message : String(error))
    }
  }

  #withDeadline(reply: Promise<unknown>, deadlineMs: number): Promise<RedisReply> {
    return new Promise((resolve) => {
      const timer = this.#deps.timers.start(deadlineMs, () => resolve({ kind: 'late' }))
      const settle = (result: RedisReply) => {
        timer.close()
        resolve(result)
      }
      reply.then(
        (value) => settle({ kind: 'reply', reply: value }),
        // The server's own refusal (out of memory, no permission, loading) says that it lives.
        (error: unknown) => {
          this.#lastFault = error instanceof Error ? error.message : String(error)
          this.#breaker.failed()
          settle({ kind: 'failed', code: /^[A-Z]+/.exec(this.#lastFault)?.[0] ?? '' })
        },
      )
    })
  }

  #late(): void {
    this.#lastFault = 'it was too slow'
    this.#breaker.failed()
    if (this.#breaker.isResting) this.#drop()
  }

  #fail(reason: string): void {
    this.#lastFault = reason
    this.#drop()
    this.#breaker.rest()
  }

  #drop(): void {
    const client = this.#client
    this.#client = null
    client?.destroy()
  }

  #logChange(isResting: boolean): void {
    const { logger } = this.#deps
    const { name, host, port } = this.#settings
    const place = { cache: name, server: `${host}:${port}` }
    if (isResting)
      logger.warn({ ...place, reason: this.#lastFault }, 'a shared cache cannot be used; calls go without it')
    else logger.info(place, 'a shared cache is used again')
  }
}
