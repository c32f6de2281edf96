// Callers who ask the same at the same time share one call at the provider, streamed or not. What is the same is the
// cache's key to say, and only calls that its policy would store come here: two samples are never made one.
//
//   take(key, entrant) -> no flight under the key: lead one | one is open: join it
//                         it failed in a way that may pass: the first who waited leads the next, the rest join that
//
// The way of one flight is in flight.ts. Over the bounds a caller leads a call of its own, as if it were alone.
import { Flight, type FlightDeps } from './flight.ts'
import type { Entrant, Share } from './entrant.ts'

/** Calls that others may join, at the same time; the next ones go alone. */
export const MAX_FLIGHTS = 2048

export class SingleFlight<Marks> {
  readonly #deps: FlightDeps
  readonly #flights = new Map<string, Flight<Marks>>()

  constructor(deps: FlightDeps) {
    this.#deps = deps
  }

  get size(): number {
    return this.#flights.size
  }

  /** A null key: its call is recorded as any other, and nobody joins it. */
  async take(key: string | null, entrant: Entrant<Marks>): Promise<Share<Marks>> {
    for (let tries = 1; ; tries += 1) {
      const open = key === null ? undefined : this.#flights.get(key)
      const boarded = await (open?.isOpen ? open.join(entrant, tries) : this.#lead(key, entrant).depart(tries))
      if (boarded.kind === 'share') return boarded
    }
  }

  #lead(key: string | null, leader: Entrant<Marks>): Flight<Marks> {
    const flight: Flight<Marks> = new Flight(leader, this.#deps, () => {
      if (key !== null && this.#flights.get(key) === flight) this.#flights.delete(key)
    })
    // One that is full gives way: it goes on with those it has.
    if (key !== null && (this.#flights.size < MAX_FLIGHTS || this.#flights.has(key))) this.#flights.set(key, flight)
    return flight
  }
}
