// A clock that stands until a test moves it: `advance` runs what became due, in order, each at its own time.
import type { Clock } from '../../proxy/telemetry/clock.ts'

interface Appointment {
  readonly dueMs: number
  readonly run: () => void
}

export class ManualClock implements Clock {
  #nowMs: number
  readonly #appointments = new Set<Appointment>()

  constructor(nowMs = Date.parse('2026-03-01T10:00:00Z')) {
    this.#nowMs = nowMs
  }

  now(): number {
    return this.#nowMs
  }

  after(delayMs: number, run: () => void): () => void {
    const appointment = { dueMs: this.#nowMs + delayMs, run }
    this.#appointments.add(appointment)
    return () => this.#appointments.delete(appointment)
  }

  /** How many timers are waiting. */
  get waiting(): number {
    return this.#appointments.size
  }

  advance(byMs: number): void {
    const untilMs = this.#nowMs + byMs
    for (let next = this.#nextBefore(untilMs); next !== undefined; next = this.#nextBefore(untilMs)) {
      this.#appointments.delete(next)
      this.#nowMs = Math.max(this.#nowMs, next.dueMs)
      next.run()
    }
    this.#nowMs = untilMs
  }

  /** The machine was asleep: time has passed, and timers that were due run only now. */
  jump(byMs: number): void {
    this.#nowMs += byMs
    this.advance(0)
  }

  #nextBefore(untilMs: number): Appointment | undefined {
    const due = [...this.#appointments].filter((appointment) => appointment.dueMs <= untilMs)
    return due.toSorted((left, right) => left.dueMs - right.dueMs)[0]
  }
}
