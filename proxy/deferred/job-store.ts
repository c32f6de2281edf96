// The calls' side of the thread of the deferred calls: each step is asked for by its name and comes back as a promise,
// which rejects where the file cannot be used (full disk, read-only): then calls are served at once instead.
import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads'
import type { Logger } from '../telemetry/log.ts'
import type { Given, JobsThreadData, Result, Step, StepReply, StepRequest } from './jobs-messages.ts'

/** Steps without an answer; more are refused. */
export const MAX_STEPS = 1024
/** A thread that has ended is started anew, at the next step that comes so long after its last start. */
export const RESTART_MS = 10_000
const HEAP = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 8, stackSizeMb: 1 }

export interface JobStoreDeps {
  readonly now: () => number
  /** In place of the thread's own file, for tests of one that ends. */
  readonly threadUrl?: URL | undefined
  readonly logger: Pick<Logger, 'error' | 'warn'>
}

interface Waiting {
  readonly resolve: (result: unknown) => void
  readonly reject: (error: Error) => void
}

interface Thread {
  readonly worker: Worker
  readonly port: MessagePort
}

export class JobStore {
  readonly #path: string
  readonly #deps: JobStoreDeps
  readonly #waiting = new Map<number, Waiting>()
  #thread: Thread | null = null
  #startedAtMs = Number.NEGATIVE_INFINITY
  #lastId = 0
  #isClosed = false

  constructor(path: string, deps: JobStoreDeps) {
    this.#path = path
    this.#deps = deps
  }

  do<Name extends Step>(step: Name, given: Given<Name>): Promise<Result<Name>> {
    const thread = this.#threadNow()
    if (thread === null) return Promise.reject(new Error('the thread of the deferred calls has ended'))
    if (this.#waiting.size >= MAX_STEPS) return Promise.reject(new Error('too much is asked of the deferred calls'))
    this.#lastId += 1
    const request: StepRequest = { id: this.#lastId, step, given }
    return new Promise<Result<Name>>((resolve, reject) => {
      this.#waiting.set(request.id, { resolve: (result) => resolve(result as Result<Name>), reject })
      thread.port.postMessage(request)
    })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const thread = this.#thread
    this.#end('the deferred calls are closed')
    await thread?.worker.terminate()
  }

  /** Null: it has ended a moment ago, and is not started again at once. */
  #threadNow(): Thread | null {
    const nowMs = this.#deps.now()
    if (this.#thread !== null || this.#isClosed || nowMs - this.#startedAtMs < RESTART_MS) return this.#thread
    this.#startedAtMs = nowMs
    this.#thread = this.#start()
    return this.#thread
  }

  #start(): Thread {
    const { port1: port, port2 } = new MessageChannel()
    const workerData: JobsThreadData = { path: this.#path, port: port2 }
    const options = { workerData, transferList: [port2], resourceLimits: HEAP, env: {}, execArgv: [] }
    const worker = new Worker(this.#deps.threadUrl ?? ownUrl(), { ...options, name: 'deferred-jobs' })
    const thread = { worker, port }
    port.on('message', (reply: StepReply) => this.#take(reply))
    port.unref()
    worker.unref()
    worker.on('error', (error) => this.#fail(thread, error instanceof Error ? error.message : String(error)))
    worker.on('exit', () => this.#fail(thread, 'it has ended'))
    return thread
  }

  #take(reply: StepReply): void {
    if (reply.kind === 'putAside') {
      this.#deps.logger.error(
        { path: reply.path },
        'the file of the deferred calls could not be used and was put aside',
      )
      return
    }
    const waiting = this.#waiting.get(reply.id)
    this.#waiting.delete(reply.id)
    if (reply.kind === 'done') waiting?.resolve(reply.result)
    else waiting?.reject(new Error(reply.reason))
  }

  #fail(thread: Thread, reason: string): void {
    if (this.#thread !== thread) return
    this.#deps.logger.error({ reason }, 'the thread of the deferred calls has ended')
    this.#end(`the thread of the deferred calls has ended: ${reason}`)
  }

  #end(reason: string): void {
    this.#thread?.port.close()
    this.#thread = null
    for (const { reject } of this.#waiting.values()) reject(new Error(reason))
    this.#waiting.clear()
  }
}

/** Beside this file as a source, beside the proxy's bundle as a bundle of its own (.ci/bundle.ts). */
function ownUrl(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? './jobs-thread.ts' : './deferred-jobs.mjs', import.meta.url)
}
