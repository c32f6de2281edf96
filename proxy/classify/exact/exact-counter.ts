// Exact counts of tokens for calls that are near the limit of a target, in a thread that is started by the first of
// them and ends when nobody has asked for a while. A count that is late is no count: the estimate decides, and the next
// call finds the vocabularies loaded.
import { Worker } from 'node:worker_threads'
import type { Timer, Timers } from '../../upstream/timers.ts'
import type { CountQuestion, CountReply, Encoding } from './messages.ts'

/** What a call waits for its count; more would cost it more than a target that refuses. */
export const COUNT_WITHIN_MS = 150
/** Questions without an answer; more are not asked. */
export const MAX_COUNTS = 8
/** Characters counted for one call; about a second of the thread's time. */
export const MAX_CHARACTERS = 1024 * 1024
/** The vocabularies take 80 MB. */
export const IDLE_MS = 60_000
const HEAP = { maxOldGenerationSizeMb: 160, maxYoungGenerationSizeMb: 8, stackSizeMb: 4 }

export interface ExactCounterDeps {
  readonly timers: Timers
  /** In place of the thread's own file, for tests. */
  readonly threadUrl?: URL
}

interface Waiting {
  readonly resolve: (tokens: number | null) => void
  readonly timer: Timer
}

export class ExactCounter {
  readonly #deps: ExactCounterDeps
  readonly #waiting = new Map<number, Waiting>()
  #worker: Worker | null = null
  #idle: Timer | null = null
  #lastId = 0

  constructor(deps: ExactCounterDeps) {
    this.#deps = deps
  }

  /** Never rejects; null: too long, too late, or it cannot be counted. */
  count(encoding: Encoding, texts: readonly string[]): Promise<number | null> {
    const characters = texts.reduce((sum, text) => sum + text.length, 0)
    if (this.#waiting.size >= MAX_COUNTS || characters > MAX_CHARACTERS) return Promise.resolve(null)
    const id = (this.#lastId += 1)
    const worker = (this.#worker ??= this.#start())
    this.#stayFor(IDLE_MS)
    return new Promise((resolve) => {
      const timer = this.#deps.timers.start(COUNT_WITHIN_MS, () => this.#settle(id, null))
      this.#waiting.set(id, { resolve, timer })
      worker.postMessage({ id, encoding, texts } satisfies CountQuestion)
    })
  }

  close(): void {
    this.#idle?.close()
    this.#end()
  }

  #start(): Worker {
    const options = { resourceLimits: HEAP, env: {}, execArgv: [], name: 'token-count' }
    const worker = new Worker(this.#deps.threadUrl ?? ownUrl(), options)
    // It must not keep a process alive that is about to end.
    worker.unref()
    worker.on('message', ({ id, tokens }: CountReply) => this.#settle(id, tokens))
    worker.on('error', () => this.#lost(worker))
    worker.on('exit', () => this.#lost(worker))
    return worker
  }

  #settle(id: number, tokens: number | null): void {
    const waiting = this.#waiting.get(id)
    if (waiting === undefined) return
    this.#waiting.delete(id)
    waiting.timer.close()
    waiting.resolve(tokens)
  }

  #stayFor(idleMs: number): void {
    this.#idle?.close()
    this.#idle = this.#deps.timers.start(idleMs, () => this.#end())
  }

  #end(): void {
    const worker = this.#worker
    this.#worker = null
    void worker?.terminate()
    for (const id of this.#waiting.keys()) this.#settle(id, null)
  }

  /** The next question starts another one. */
  #lost(worker: Worker): void {
    if (this.#worker !== worker) return
    this.#worker = null
    for (const id of this.#waiting.keys()) this.#settle(id, null)
  }
}

/** In a bundle it stands beside the proxy's file (.ci/bundle.ts). */
function ownUrl(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? './count-thread.ts' : './token-count.mjs', import.meta.url)
}
