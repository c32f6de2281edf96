// Work by key: a key that is added ten times while it waits is worked once, one key never runs twice at the same
// time, and a key whose work fails comes back later and later. Bounded concurrency; keys are as many as namespaces.
//
//   add -> waiting (a set, in order) -> running (at most `concurrency`) -> done | again after a delay | back-off
import type { Clock } from '../../proxy/telemetry/clock.ts'

export interface QueueDeps {
  /** Does the work of one key; resolves with the delay after which it is due again, or null. */
  readonly work: (key: string) => Promise<number | null>
  readonly onFailure: (key: string, failure: { readonly error: unknown; readonly retryAfterMs: number }) => void
  readonly clock: Clock
  /** Uniform in [0, 1). */
  readonly random: () => number
  readonly concurrency?: number
}

export const DEFAULT_CONCURRENCY = 4
export const FIRST_RETRY_MS = 100
export const MAX_RETRY_MS = 60_000

export class KeyedQueue {
  readonly #deps: QueueDeps
  readonly #waiting = new Set<string>()
  readonly #running = new Set<string>()
  /** Added while running: runs once more afterwards, however often it was added. */
  readonly #again = new Set<string>()
  readonly #later = new Map<string, { readonly dueMs: number; readonly cancel: () => void }>()
  readonly #failures = new Map<string, number>()
  readonly #idleWaiters: (() => void)[] = []
  #isStarted = false

  constructor(deps: QueueDeps) {
    this.#deps = deps
  }

  /** Until now keys were only collected. */
  start(): void {
    this.#isStarted = true
    this.#startWork()
  }

  add(key: string): void {
    if (this.#running.has(key)) this.#again.add(key)
    else this.#waiting.add(key)
    this.#startWork()
  }

  /** The earliest of several delays counts. */
  addAfter(key: string, delayMs: number): void {
    const dueMs = this.#deps.clock.now() + delayMs
    const before = this.#later.get(key)
    if (before && before.dueMs <= dueMs) return
    before?.cancel()
    const cancel = this.#deps.clock.after(delayMs, () => {
      this.#later.delete(key)
      this.add(key)
    })
    this.#later.set(key, { dueMs, cancel })
  }

  /** Keys that wait or run, those with a delay not counted. */
  get size(): number {
    return this.#waiting.size + this.#running.size
  }

  /** Starts nothing more and resolves when what runs has ended. */
  async stop(): Promise<void> {
    this.#isStarted = false
    this.#waiting.clear()
    this.#again.clear()
    for (const { cancel } of this.#later.values()) cancel()
    this.#later.clear()
    if (this.#running.size > 0) await new Promise<void>((resolve) => this.#idleWaiters.push(resolve))
  }

  #startWork(): void {
    const limit = this.#deps.concurrency ?? DEFAULT_CONCURRENCY
    for (const key of this.#waiting) {
      if (!this.#isStarted || this.#running.size >= limit) return
      this.#waiting.delete(key)
      this.#running.add(key)
      void this.#run(key)
    }
  }

  async #run(key: string): Promise<void> {
    try {
      const againAfterMs = await this.#deps.work(key)
      this.#failures.delete(key)
      if (againAfterMs !== null && this.#isStarted) this.addAfter(key, againAfterMs)
    } catch (error) {
      this.#retry(key, error)
    }
    this.#running.delete(key)
    if (this.#again.delete(key)) this.#waiting.add(key)
    if (this.#running.size === 0) for (const resolve of this.#idleWaiters.splice(0)) resolve()
    this.#startWork()
  }

  /** Doubles from 0.1 s to a minute; half of it by chance, so that replicas do not come back together. */
  #retry(key: string, error: unknown): void {
    const failures = (this.#failures.get(key) ?? 0) + 1
    this.#failures.set(key, failures)
    const fullMs = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 20))
    const retryAfterMs = Math.round(fullMs * (0.5 + this.#deps.random() / 2))
    this.#deps.onFailure(key, { error, retryAfterMs })
    if (this.#isStarted) this.addAfter(key, retryAfterMs)
  }
}
