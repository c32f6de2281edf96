// A follower's side of the tally: tells the Lease holder what this replica's proxies said.
//
//   every second: leader myself? nothing. changed? the whole report. else every 3 s a sign of life.
//
// The whole state each time, so a lost message never needs repair; one request under way at most.
import type { Logger } from '../../proxy/telemetry/log.ts'
import type { Clock } from '../../proxy/telemetry/clock.ts'
import type { PushMetrics } from './metrics.ts'
import type { ReplicaMessage } from './replica-message.ts'
import { MAX_REPORTS } from './replica-message.ts'
import { reportText } from './sessions.ts'
import type { DatedReport, Sessions } from './sessions.ts'

export const TICK_MS = 1_000
export const ALIVE_MS = 3_000

export interface ReporterDeps {
  readonly sessions: Sessions
  readonly lease: { isLeader(): boolean; holderAddress(): string | null }
  /** Resolves with the answer's status. */
  readonly post: (address: string, message: ReplicaMessage) => Promise<number>
  readonly clock: Clock
  readonly metrics: PushMetrics
  readonly logger: Logger
}

/** What the leader at that address has taken. */
interface Taken {
  readonly address: string
  readonly content: string
  readonly sequence: number
  readonly atMs: number
}

export class Reporter {
  readonly #deps: ReporterDeps
  #taken: Taken | null = null
  #sequence = 0
  #isSending = false
  #cancel = () => {}

  constructor(deps: ReporterDeps) {
    this.#deps = deps
  }

  start(): void {
    void this.#tick()
    this.#cancel = this.#deps.clock.after(TICK_MS, () => this.start())
  }

  stop(): void {
    this.#cancel()
  }

  async #tick(): Promise<void> {
    const { lease, clock } = this.#deps
    const address = lease.isLeader() ? null : lease.holderAddress()
    if (address === null || this.#taken?.address !== address) this.#taken = null
    if (address === null || this.#isSending) return
    const dated = this.#deps.sessions.reports(null).slice(0, MAX_REPORTS)
    const content = dated.map(reportText).join()
    const isChanged = this.#taken?.content !== content
    if (!isChanged && this.#taken !== null && clock.now() - this.#taken.atMs < ALIVE_MS) return
    if (isChanged) this.#sequence += 1
    const sequence = this.#sequence
    const message = isChanged
      ? { type: 'reports' as const, sequence, reports: this.#toWire(dated) }
      : { type: 'unchanged' as const, sequence }
    await this.#send(message, { address, content, sequence, atMs: clock.now() })
  }

  async #send(message: ReplicaMessage, taken: Taken): Promise<void> {
    const { post, metrics, logger } = this.#deps
    this.#isSending = true
    try {
      const status = await post(taken.address, message)
      this.#taken = status === 200 ? taken : null
      metrics.reports.inc({ result: status === 200 ? 'sent' : 'failed' })
      if (status !== 200 && status !== 409)
        logger.warn({ leader: taken.address, status }, 'report refused by the leader')
    } catch (cause) {
      this.#taken = null
      metrics.reports.inc({ result: 'failed' })
      const reason = cause instanceof Error ? cause.message : String(cause)
      logger.warn({ leader: taken.address, reason }, 'report not sent to the leader')
    } finally {
      this.#isSending = false
    }
  }

  #toWire(reports: readonly DatedReport[]) {
    const nowMs = this.#deps.clock.now()
    return reports.map(({ namespace, openedAtMs, report }) => ({
      namespace,
      ageMs: Math.max(0, nowMs - openedAtMs),
      report: { ...report },
    }))
  }
}
