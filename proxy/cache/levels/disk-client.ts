// The calls' side of the disk level's thread: starts it, asks it, and knows whether it lives. An answer that is late is
// no answer; one that has come but was not yet looked at, because calls kept this thread busy, is not late.
import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads'
import type { Timer, Timers } from '../../upstream/timers.ts'
import type { DiskAnswer, DiskQuestion, DiskReply, DiskSettings, DiskThreadData } from './disk-messages.ts'

/** Questions without an answer; more are not asked. */
export const MAX_QUESTIONS = 512
/** Of the thread; its file and pages are outside of it. */
const HEAP = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 }

export interface DiskClientDeps {
  /** In place of the thread's own file, for tests of a slow one. */
  readonly threadUrl?: URL | undefined
  readonly timers: Timers
  /** What the thread has noted besides, the opening of the file (id 0) among it. */
  readonly onReply: (reply: DiskReply) => void
  /** The thread has ended, or could not be started; nothing is asked of this client any more. */
  readonly onEnd: (reason: string) => void
}

export type Asked = DiskAnswer | { readonly kind: 'late' } | { readonly kind: 'busy' } | { readonly kind: 'ended' }

interface Waiting {
  readonly resolve: (answer: Asked) => void
  readonly timer: Timer | null
}

export class DiskClient {
  readonly #deps: DiskClientDeps
  readonly #worker: Worker
  readonly #port: MessagePort
  readonly #waiting = new Map<number, Waiting>()
  #lastId = 0
  #hasEnded = false

  private constructor(deps: DiskClientDeps, worker: Worker, port: MessagePort) {
    this.#deps = deps
    this.#worker = worker
    this.#port = port
  }

  static start(settings: DiskSettings, deps: DiskClientDeps): DiskClient {
    const { port1, port2 } = new MessageChannel()
    const workerData: DiskThreadData = { ...settings, port: port2 }
    // Of the process's settings and variables the thread needs none.
    const options = {
      workerData,
      transferList: [port2],
      resourceLimits: HEAP,
      env: {},
      execArgv: [],
      name: 'cache-disk',
    }
    const client = new DiskClient(deps, new Worker(deps.threadUrl ?? ownUrl(), options), port1)
    client.#listen()
    return client
  }

  /** Never rejects. `deadlineMs` null: as long as it takes. */
  ask(question: DiskQuestion, deadlineMs: number | null): Promise<Asked> {
    if (this.#hasEnded) return Promise.resolve({ kind: 'ended' })
    if (this.#waiting.size >= MAX_QUESTIONS) return Promise.resolve({ kind: 'busy' })
    this.#lastId += 1
    const id = this.#lastId
    return new Promise((resolve) => {
      const timer = deadlineMs === null ? null : this.#deps.timers.start(deadlineMs, () => this.#isLate(id))
      this.#waiting.set(id, { resolve, timer })
      this.#port.postMessage({ ...question, id })
    })
  }

  async end(): Promise<void> {
    this.#finish('closed')
    await this.#worker.terminate()
  }

  #listen(): void {
    this.#port.on('message', (reply: DiskReply) => this.#take(reply))
    this.#port.unref()
    this.#worker.unref()
    this.#worker.on('error', (error) => this.#finish(error instanceof Error ? error.message : String(error)))
    this.#worker.on('exit', (code) => this.#finish(`the thread ended with ${code}`))
  }

  #take(reply: DiskReply): void {
    this.#deps.onReply(reply)
    this.#answer(reply.id, reply)
  }

  #isLate(id: number): void {
    for (let next = receiveMessageOnPort(this.#port); next !== undefined; next = receiveMessageOnPort(this.#port)) {
      this.#take(next.message as DiskReply)
    }
    this.#answer(id, { kind: 'late' })
  }

  #answer(id: number, answer: Asked): void {
    const waiting = this.#waiting.get(id)
    if (waiting === undefined) return
    this.#waiting.delete(id)
    waiting.timer?.close()
    waiting.resolve(answer)
  }

  #finish(reason: string): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    for (const id of this.#waiting.keys()) this.#answer(id, { kind: 'ended' })
    this.#port.close()
    this.#deps.onEnd(reason)
  }
}

/** Beside this file as a source, beside the proxy's bundle as a bundle of its own (.ci/bundle.ts). */
function ownUrl(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? './disk-thread.ts' : './cache-disk.mjs', import.meta.url)
}
