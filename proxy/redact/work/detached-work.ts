// The work on bodies in a thread of its own, so that no text can hold the proxy: not a long one, not one with a hundred
// thousand findings, and not a detector that never returns. A call waits for its result at once for a millisecond,
// which most need less than half of, and behind that like for any other event.
//
//   mask(job) -> message -> thread | result within 1 ms | promise
//                                  | stands still: the thread is ended, its job refused, the others asked once more
import type { Buffer } from 'node:buffer'
import { failure, type Failure } from '../../errors.ts'
import type { Logger } from '../../telemetry/log.ts'
import type { Timer, Timers } from '../../upstream/timers.ts'
import type { MaskJob, MaskResult, MaskWork, PolicyOrder } from './job.ts'
import type { Told } from './messages.ts'
import { MaskingThread } from './masking-thread.ts'

/** The thread is looked at so often while it has something to do. */
export const LOOK_EVERY_MS = 250
/**
 * One step of work takes a few milliseconds, a hundred and more before it is compiled, and ten times that in a pod with
 * a tenth of a CPU: so many looks without one, and it will not end.
 */
const LOOKS_WITHOUT_STEP = 20
/** Times that one job is given to a thread: it may have been another's fault. */
const MAX_TRIES = 2
const WAIT_AT_ONCE_MS = 1

export interface DetachedWorkDeps {
  readonly timers: Timers
  readonly logger: Pick<Logger, 'error'>
  readonly memoryKey: Buffer
  /** The thread's code, in place of the proxy's own. */
  readonly threadUrl?: URL
}

interface Pending {
  readonly ask: { readonly policy: PolicyOrder; readonly rule: string; readonly job: MaskJob | null }
  readonly settle: (told: Told | null) => void
  tries: number
}

export class DetachedWork implements MaskWork {
  readonly #deps: DetachedWorkDeps
  /** Bounded by the bodies in flight. */
  readonly #pending = new Map<number, Pending>()
  #thread: MaskingThread | null = null
  #nextId = 1
  #watch: Timer | null = null
  #steps = -1
  #looksWithoutStep = 0

  constructor(deps: DetachedWorkDeps) {
    this.#deps = deps
  }

  mask(job: MaskJob): MaskResult | Promise<MaskResult> {
    const isAlone = this.#pending.size === 0
    const { promise, resolve } = Promise.withResolvers<MaskResult>()
    let result: MaskResult | null = null
    const settle = (told: Told | null) => {
      result = told?.kind === 'masked' ? told.result : stoodStill(job.rule)
      resolve(result)
    }
    this.#ask({ ask: { policy: job.policy, rule: job.rule, job }, settle, tries: 0 })
    if (isAlone) this.#thread?.waitFor(() => result !== null, WAIT_AT_ONCE_MS)
    return result ?? promise
  }

  prepare(policy: PolicyOrder, rule: string): Promise<Failure | null> {
    const { promise, resolve } = Promise.withResolvers<Failure | null>()
    const settle = (told: Told | null) => resolve(told?.kind === 'prepared' ? told.failure : stoodStill(rule))
    this.#ask({ ask: { policy, rule, job: null }, settle, tries: 0 })
    return promise
  }

  close(): void {
    this.#thread?.end()
    this.#thread = null
    this.#giveUp()
  }

  #ask(pending: Pending): void {
    const id = this.#nextId
    this.#nextId = (id % 0x7fff_fffe) + 1
    this.#pending.set(id, { ...pending, tries: pending.tries + 1 })
    this.#thread ??= this.#start()
    this.#thread.send(id, pending.ask)
    if (this.#watch === null) this.#lookLater()
  }

  #start(): MaskingThread {
    const { memoryKey, threadUrl } = this.#deps
    const thread = new MaskingThread({
      memoryKey,
      ...(threadUrl && { threadUrl }),
      onTold: (told) => this.#settle(told),
      onEnd: (reason) => this.#replace(thread, { culprit: thread.progress().job, reason }),
    })
    return thread
  }

  #settle(told: Told): void {
    const pending = this.#pending.get(told.id)
    this.#pending.delete(told.id)
    pending?.settle(told)
  }

  #lookLater(): void {
    this.#watch = this.#deps.timers.start(LOOK_EVERY_MS, () => this.#look())
  }

  /** The timer rests while nothing is asked. */
  #look(): void {
    this.#watch = null
    const thread = this.#thread
    if (thread === null || this.#pending.size === 0) {
      this.#steps = -1
      return
    }
    const { steps, job } = thread.progress()
    const isStill = steps === this.#steps && job !== 0
    this.#steps = steps
    this.#looksWithoutStep = isStill ? this.#looksWithoutStep + 1 : 0
    if (this.#looksWithoutStep >= LOOKS_WITHOUT_STEP)
      this.#replace(thread, { culprit: job, reason: 'a text kept it busy for too long' })
    this.#lookLater()
  }

  /** The job at hand is the culprit; 0: there was none, and each job is tried once more. */
  #replace(thread: MaskingThread, { culprit, reason }: { readonly culprit: number; readonly reason: string }) {
    if (thread !== this.#thread) return
    this.#deps.logger.error({ reason }, 'the thread that masks was ended, and is started anew')
    this.#thread = null
    this.#steps = -1
    this.#looksWithoutStep = 0
    thread.end()
    const left = [...this.#pending]
    this.#pending.clear()
    for (const [id, pending] of left) {
      if (id === culprit || pending.tries >= MAX_TRIES) pending.settle(null)
      else this.#ask(pending)
    }
  }

  #giveUp(): void {
    for (const { settle } of this.#pending.values()) settle(null)
    this.#pending.clear()
  }
}

function stoodStill(rule: string): Failure {
  return failure('masking_failed', `Masking the request of rule ${rule} did not come to an end, and was stopped.`)
}
