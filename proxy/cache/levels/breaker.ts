// Whether a level is asked at all. After failures in a row over some time it rests, so that calls do not each wait for
// a deadline that will not be met; then one attempt at a time shows whether it is well again. A moment in which the
// whole machine stood still fails many calls and is no reason to rest.
//
//   well -FAILURES_IN_A_ROW over FAILING_MS-> resting -restMs-> one trial -> well | resting

export const FAILURES_IN_A_ROW = 5
export const FAILING_MS = 100

export interface BreakerDeps {
  /** Does not jump: not the wall clock. */
  readonly elapsedMs: () => number
  readonly restMs: number
  /** The level rests now (true), or is asked again (false). */
  readonly onChange: (isResting: boolean) => void
}

export class Breaker {
  readonly #deps: BreakerDeps
  #failures = 0
  #failingSinceMs = 0
  #restsUntilMs: number | null = null

  constructor(deps: BreakerDeps) {
    this.#deps = deps
  }

  /** Whether the level may be asked now. While it rests, true once after each rest: that one is the trial. */
  admits(): boolean {
    if (this.#restsUntilMs === null) return true
    const nowMs = this.#deps.elapsedMs()
    if (nowMs < this.#restsUntilMs) return false
    this.#restsUntilMs = nowMs + this.#deps.restMs
    return true
  }

  get isResting(): boolean {
    return this.#restsUntilMs !== null
  }

  succeeded(): void {
    this.#failures = 0
    if (this.#restsUntilMs === null) return
    this.#restsUntilMs = null
    this.#deps.onChange(false)
  }

  failed(): void {
    const nowMs = this.#deps.elapsedMs()
    if (this.#failures === 0) this.#failingSinceMs = nowMs
    this.#failures += 1
    if (this.#failures >= FAILURES_IN_A_ROW && nowMs - this.#failingSinceMs >= FAILING_MS) this.rest()
  }

  /** At once: what has failed will not get well by being asked. */
  rest(): void {
    const wasResting = this.#restsUntilMs !== null
    this.#restsUntilMs = this.#deps.elapsedMs() + this.#deps.restMs
    if (!wasResting) this.#deps.onChange(true)
  }
}
