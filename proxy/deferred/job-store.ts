// The calls' side of the thread of the deferred calls: each step is asked for by its name and comes back as a promise,
// which rejects where the file cannot be used (full disk, read-only): then calls are served at once instead.
import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads'
import type { Logger } from '../telemetry/log.ts'
import type { Given, JobsThreadData, Result, Step, StepReply, StepRequest } from './jobs-messages.ts'

/** Steps without an answer; more are refused. */
export const MAX_STEPS = 1024
const HEAP = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 8, stackSizeMb: 1 }

export interface JobStoreDeps {
  readonly logger: Pick<Logger, 'error' | 'warn'>
}

interface Waiting {
  readonly resolve: (result: unknown) => void
  readonly reject: (error: Error) => void
}

export class JobStore {
  readonly #deps: JobStoreDeps
  readonly #worker: Worker
  readonly #port: MessagePort
  readonly #waiting = new Map<number, Waiting>()
  #lastId = 0
  #endedBy: string | null = null

  private constructor(deps: JobStoreDeps, worker: Worker, port: MessagePort) {
    this.#deps = deps
    this.#worker = worker
    this.#port = port
  }

  static start(path: string, deps: JobStoreDeps): JobStore {
    const { port1, port2 } = new MessageChannel()
    const workerData: JobsThreadData = { path, port: port2 }
    const options = { workerData, transferList: [port2], resourceLimits: HEAP, env: {}, execArgv: [] }
    const worker = new Worker(ownUrl(), { ...options, name: 'deferred-jobs' })
    const store = new JobStore(deps, worker, port1)
    store.#listen()
    return store
  }

  do<Name extends Step>(step: Name, given: Given<Name>): Promise<Result<Name>> {
    if (this.#endedBy !== null) return Promise.reject(new Error(this.#endedBy))
    if (this.#waiting.size >= MAX_STEPS) return Promise.reject(new Error('too much is asked of the deferred calls'))
    this.#lastId += 1
    const request: StepRequest = { id: this.#lastId, step, given }
    return new Promise<Result<Name>>((resolve, reject) => {
      this.#waiting.set(request.id, { resolve: (result) => resolve(result as Result<Name>), reject })
      this.#port.postMessage(request)
    })
  }

  async close(): Promise<void> {
    this.#finish('the deferred calls are closed')
    await this.#worker.terminate()
  }

  #listen(): void {
    this.#port.on('message', (reply: StepReply) => this.#take(reply))
    this.#port.unref()
    this.#worker.unref()
    this.#worker.on('error', (error) => this.#finish(error instanceof Error ? error.message : String(error)))
    this.#worker.on('exit', () => this.#finish('the thread of the deferred calls has ended'))
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

  #finish(reason: string): void {
    if (this.#endedBy !== null) return
    this.#endedBy = reason
    for (const { reject } of this.#waiting.values()) reject(new Error(reason))
    this.#waiting.clear()
    this.#port.close()
  }
}

/** Beside this file as a source, beside the proxy's bundle as a bundle of its own (.ci/bundle.ts). */
function ownUrl(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? './jobs-thread.ts' : './deferred-jobs.mjs', import.meta.url)
}
