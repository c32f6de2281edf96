// One caller's call within a batch: it waits for its own part of the answer and may leave at any time. Its whenGone
// listener is the batch's until the call is settled, or goes alone and its attempts listen for themselves.
import { failure } from '../errors.ts'
import type { Attempt, AttemptRecord, BatchReport, RoutedCall } from '../exchange.ts'
import { failover, type FailoverDeps, type Settled } from '../upstream/failover.ts'
import type { Batchable, BatchPart } from './form.ts'

/** What a call came to, and with how many others. */
export interface SettledCall extends Settled {
  /** Absent: it went alone. */
  readonly batch?: BatchReport
}

export interface MemberParts {
  readonly routed: RoutedCall
  readonly attempts: readonly Attempt[]
  readonly batchable: Batchable
}

export class Member implements BatchPart {
  readonly routed: RoutedCall
  readonly attempts: readonly Attempt[]
  readonly batchable: Batchable
  readonly settled: Promise<SettledCall>
  #resolve: (settled: SettledCall) => void = () => {}
  #reject: (error: unknown) => void = () => {}
  #isOver = false

  constructor({ routed, attempts, batchable }: MemberParts) {
    this.routed = routed
    this.attempts = attempts
    this.batchable = batchable
    this.settled = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  get call() {
    return this.routed.call
  }

  /** Its caller has gone, or it has its answer. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** `leave` is called at once when the caller has gone already. */
  whenGone(leave: () => void): void {
    if (!this.#isOver) this.call.received.caller.whenGone(leave)
  }

  leave(): void {
    const result = failure('caller_gone', 'The application closed the connection.')
    this.settle({ attempt: null, result, records: [] })
  }

  settle(settled: SettledCall): void {
    if (this.#isOver) return
    this.#isOver = true
    this.call.received.caller.whenGone(null)
    this.#resolve(settled)
  }

  fail(error: unknown): void {
    this.#isOver = true
    this.call.received.caller.whenGone(null)
    this.#reject(error)
  }

  /** As if there were no batches; `history` is what was tried with others before. */
  async goAlone(history: readonly AttemptRecord[], deps: FailoverDeps): Promise<Settled> {
    this.call.received.caller.whenGone(null)
    const settled = await failover(this.routed, this.attempts, deps)
    this.settle({ ...settled, records: [...history, ...settled.records] })
    return settled
  }
}
