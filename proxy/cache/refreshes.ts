// New answers for entries that were served although their time was over: asked for in the background, one at a time for
// each key and few at once, so that a slow provider is not met with a crowd.
import type { Buffer } from 'node:buffer'
import { Caller } from '../caller.ts'
import type { BodySink } from '../exchange.ts'
import type { Led } from './flight/entrant.ts'
import type { Slots } from './slots.ts'
import type { CacheKey } from './store.ts'

/** At the same time; of more, entries stay as old as they are until the next call. */
export const MAX_REFRESHES = 16

export class Refreshes {
  readonly #running = new Set<CacheKey>()

  get size(): number {
    return this.#running.size
  }

  /** `ask` stores by itself; here the answer is only read to its end, which `onEnded` is told. */
  begin(key: CacheKey, ask: (caller: Caller) => Promise<Led<Slots>>, onEnded: (led: Led<Slots>) => void): void {
    if (this.#running.size >= MAX_REFRESHES || this.#running.has(key)) return
    this.#running.add(key)
    const end = () => void this.#running.delete(key)
    ask(new Caller()).then((led) => {
      const { result } = led
      const over = () => {
        end()
        onEnded(led)
      }
      if (result.kind === 'failure' || !('start' in result.body)) return over()
      result.body.start(new Drain(over))
    }, end)
  }
}

class Drain implements BodySink {
  readonly end: () => void
  readonly cut: () => void

  constructor(onEnd: () => void) {
    this.end = onEnd
    this.cut = onEnd
  }

  write(_chunk: Buffer): boolean {
    return true
  }
}
