// How many extra attempts (failovers, repeats on a fresh connection) all calls together may cost: 20 % of the recent
// calls and 3 besides, so that an outage is not multiplied by the proxies in front of it. Two windows, the older one
// counted by the part of it that is still recent; no timer.
import type { Clock } from '../telemetry/clock.ts'

export const EXTRA_SHARE = 0.2
export const EXTRA_RESERVE = 3
export const WINDOW_MS = 10_000

interface Window {
  calls: number
  extras: number
}

export class AttemptBudget {
  readonly #clock: Pick<Clock, 'now'>
  #windowStartMs = 0
  #current: Window = { calls: 0, extras: 0 }
  #previous: Window = { calls: 0, extras: 0 }

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock
  }

  recordCall(): void {
    this.#turn()
    this.#current.calls += 1
  }

  /** Whether one more extra attempt fits; it does not take it. */
  hasRoom(): boolean {
    const olderShare = this.#turn()
    const calls = this.#current.calls + olderShare * this.#previous.calls
    const extras = this.#current.extras + olderShare * this.#previous.extras
    return extras + 1 <= EXTRA_SHARE * calls + EXTRA_RESERVE
  }

  recordExtra(): void {
    this.#turn()
    this.#current.extras += 1
  }

  /** Moves the windows on; returns the part of the previous one that is still recent, 0 to 1. */
  #turn(): number {
    const now = this.#clock.now()
    const age = now - this.#windowStartMs
    if (age >= WINDOW_MS || age < 0) {
      this.#previous = age < 2 * WINDOW_MS && age >= 0 ? this.#current : { calls: 0, extras: 0 }
      this.#current = { calls: 0, extras: 0 }
      this.#windowStartMs = now - (age >= 0 && age < 2 * WINDOW_MS ? age - WINDOW_MS : 0)
    }
    return 1 - (now - this.#windowStartMs) / WINDOW_MS
  }
}
