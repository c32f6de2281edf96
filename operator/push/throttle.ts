// Calls something at most once in an interval for each key: at once for the first, and once more at the interval's
// end when there was another meanwhile. Holds an entry only for keys that were marked within the last interval.
import type { Clock } from '../../proxy/telemetry/clock.ts'

export class Throttle {
  readonly #run: (key: string) => void
  readonly #intervalMs: number
  readonly #clock: Clock
  readonly #open = new Map<string, { isMarked: boolean; readonly cancel: () => void }>()

  constructor(run: (key: string) => void, intervalMs: number, clock: Clock) {
    this.#run = run
    this.#intervalMs = intervalMs
    this.#clock = clock
  }

  mark(key: string): void {
    const entry = this.#open.get(key)
    if (entry !== undefined) entry.isMarked = true
    else this.#fire(key)
  }

  stop(): void {
    for (const { cancel } of this.#open.values()) cancel()
    this.#open.clear()
  }

  #fire(key: string): void {
    const cancel = this.#clock.after(this.#intervalMs, () => {
      const isMarked = this.#open.get(key)?.isMarked ?? false
      this.#open.delete(key)
      if (isMarked) this.#fire(key)
    })
    this.#open.set(key, { isMarked: false, cancel })
    this.#run(key)
  }
}
