// What moves deferred calls on: woken when one is taken in, or when the file says that the time of the next step has
// come, it sends what is due, looks at what is under way, and forgets what was kept for long enough.
//
//   wake -> sweep -> due jobs: a batch | a call, in its off-peak time -> batches to look at -> sleep until the next
//
// One round at a time. Between rounds nothing runs and nothing is held in memory.
import { isWithin } from '../table/schedule.ts'
import type { RoutingTable } from '../table/schema.ts'
import type { Logger } from '../telemetry/log.ts'
import type { Timer, Timers } from '../upstream/timers.ts'
import { MAX_TRIES, RETRY_MS, type Batches } from './batches.ts'
import { callNow, type CallDeps } from './calls-later.ts'
import type { JobStore } from './job-store.ts'
import type { DueJob } from './job.ts'

/** Ordinary calls at the same time. */
export const MAX_CALLS_AT_ONCE = 4
/** Of one batch; providers take more, memory does not. */
export const MAX_BATCH_JOBS = 2000
export const MAX_BATCH_BYTES = 32 * 1024 * 1024
/** Groups sent in one round; the rest in the next one, at once. */
const MAX_GROUPS = 16
/** A job whose time of the day has not come is asked again after this. */
export const OFF_PEAK_LOOK_MS = 60_000
/** The longest sleep, and the one after a fault. */
const MAX_SLEEP_MS = 60 * 60_000
const FAULT_SLEEP_MS = 10_000

export interface RunnerDeps extends CallDeps {
  readonly store: Pick<JobStore, 'do'>
  readonly batches: Pick<Batches, 'send' | 'look'>
  readonly table: () => RoutingTable | null
  readonly timers: Timers
  readonly logger: Pick<Logger, 'error'>
}

export class Runner {
  readonly #deps: RunnerDeps
  #timer: Timer | null = null
  #isRunning = false
  #isWoken = false
  #isStopped = false

  constructor(deps: RunnerDeps) {
    this.#deps = deps
  }

  wake(): void {
    this.#isWoken = true
    this.#timer?.close()
    this.#timer = null
    if (!this.#isRunning && !this.#isStopped) void this.#run()
  }

  stop(): void {
    this.#isStopped = true
    this.#timer?.close()
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    let sleepMs = 0
    while (!this.#isStopped && (this.#isWoken || sleepMs === 0)) {
      this.#isWoken = false
      sleepMs = await this.#roundSafely()
    }
    this.#isRunning = false
    if (!this.#isStopped) this.#timer = this.#deps.timers.start(sleepMs, () => this.wake())
  }

  async #roundSafely(): Promise<number> {
    try {
      return await this.#round()
    } catch (error) {
      if (!this.#isStopped) this.#deps.logger.error({ err: error }, 'a round of the deferred calls failed')
      return FAULT_SLEEP_MS
    }
  }

  /** For how long there is nothing to do. */
  async #round(): Promise<number> {
    const { store, batches, now, table } = this.#deps
    if (table() === null) return FAULT_SLEEP_MS
    await store.do('sweep', now())
    await this.#sendDue()
    for (const batch of await store.do('batchesToLookAt', now())) await batches.look(batch)
    const nextAtMs = await store.do('nextAtMs', undefined)
    return nextAtMs === null ? MAX_SLEEP_MS : Math.min(MAX_SLEEP_MS, Math.max(0, nextAtMs - now()))
  }

  async #sendDue(): Promise<void> {
    const { store, batches, now } = this.#deps
    const underWay = new Set<Promise<void>>()
    for (let groups = 0; groups < MAX_GROUPS; groups += 1) {
      const wish = { nowMs: now(), maxJobs: MAX_BATCH_JOBS, maxBytes: MAX_BATCH_BYTES }
      const jobs = await store.do('takeDue', wish)
      const [first] = jobs
      if (first === undefined) break
      if (first.sendBy === 'BatchApi') await batches.send(jobs)
      else {
        const call = this.#call(first).finally(() => underWay.delete(call))
        underWay.add(call)
        if (underWay.size >= MAX_CALLS_AT_ONCE) await Promise.race(underWay)
      }
    }
    await Promise.all(underWay)
  }

  async #call(job: DueJob): Promise<void> {
    const { store, now } = this.#deps
    if (!this.#isItsTime(job)) {
      const dueAtMs = now() + OFF_PEAK_LOOK_MS
      await store.do('rest', { route: job.route, nowMs: now(), dueAtMs })
      return store.do('postpone', { ids: [job.id], dueAtMs, isTry: false })
    }
    const answer = await callNow(job, this.#deps)
    const mayPass = answer === null || answer.status >= 500 || answer.status === 429
    if (mayPass && job.tries + 1 < MAX_TRIES) {
      return store.do('postpone', { ids: [job.id], dueAtMs: now() + RETRY_MS * 2 ** job.tries, isTry: true })
    }
    const body = answer ?? { status: 502, contentType: 'application/json', body: LOST }
    return store.do('finish', [{ ...body, id: job.id, sentBy: 'call', nowMs: now() }])
  }

  /** The rule of today decides; a rule that is gone, or has no such time any more, leaves nothing to wait for. */
  #isItsTime({ route }: DueJob): boolean {
    const offPeak = this.#deps.table()?.routes.find(({ name }) => name === route)?.deferred?.offPeak
    return offPeak === undefined || isWithin(offPeak, this.#deps.now())
  }
}

const LOST = Buffer.from(
  '{"error":{"message":"The answer broke off, or was too long to be kept.","type":"stream_cut"}}',
)
