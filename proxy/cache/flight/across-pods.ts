// The same call from several pods at the same time, asked once: who takes the lock in the shared cache makes it, the
// others look there for its answer. Opt-in, because who waits gets nothing before the answer is whole. Wraps what an
// entrant brings to its flight; within the pod its callers share as ever.
//
//   take the lock -> taken, or no shared cache now: lead, and renew the lock until the answer has ended
//                -> held by another pod: look for the entry, again and again, for as long as the lock is held
//                      '-- found: its answer | the lock is free: take it | MAX_WAIT_MS are over: lead without it
//
// A pod that dies holds the others up for LOCK_MS at most; a shared cache that is down, not at all.
import type { Caller } from '../../caller.ts'
import type { Timer, Timers } from '../../upstream/timers.ts'
import type { Entrant, Led } from './entrant.ts'
import type { RecordingEnd } from './recording.ts'

/** Of a lock that its pod does not renew any more. */
export const LOCK_MS = 6_000
export const RENEW_EVERY_MS = 2_000
/** So that the lock of a call that never ends is let go at last. */
export const MAX_RENEWALS = 900
/** The entry may be on its way behind the end of the answer: for so long the lock stays. */
export const LINGER_MS = 1_000
/** Before a pod goes alone. */
export const MAX_WAIT_MS = 10_000
/** Looks come at first after this, and less and less often. */
export const FIRST_LOOK_MS = 50
export const MAX_LOOK_MS = 1_000

/** Who knows that another pod is at work is not put off by a shared cache that is late so many times in a row. */
export const MAX_LATE_LOOKS = 2

/** Neither throws nor rejects: where there is no answer in time, the lock is unavailable and nobody waits for it. */
export interface SharedLocks {
  take(lock: Lock, ttlMs: number): Promise<'taken' | 'held' | 'unavailable'>
  /** Only while the token is still the lock's. */
  renew(lock: Lock, ttlMs: number): Promise<void>
  release(lock: Lock): Promise<void>
}

export interface Lock {
  /** The shared cache, by its name in the table. */
  readonly shared: string
  readonly key: string
  /** Of this holder alone. */
  readonly token: string
}

export interface AcrossPods<Marks> {
  readonly lock: Lock
  /** The entry that another pod has stored under the key; null: none yet. */
  readonly find: () => Promise<Led<Marks> | null>
}

export interface AcrossPodsDeps {
  readonly locks: SharedLocks
  readonly timers: Timers
  readonly now: () => number
}

export function acrossPods<Marks>(
  entrant: Entrant<Marks>,
  across: AcrossPods<Marks>,
  deps: AcrossPodsDeps,
): Entrant<Marks> {
  const turn = new PodTurn(entrant, across, deps)
  return { ...entrant, lead: (caller) => turn.lead(caller), onEnded: (led, end) => turn.end(led, end) }
}

class PodTurn<Marks> {
  readonly #entrant: Entrant<Marks>
  readonly #across: AcrossPods<Marks>
  readonly #deps: AcrossPodsDeps
  #isFound = false
  #isHeld = false
  #renewal: Timer | null = null

  constructor(entrant: Entrant<Marks>, across: AcrossPods<Marks>, deps: AcrossPodsDeps) {
    this.#entrant = entrant
    this.#across = across
    this.#deps = deps
  }

  async lead(caller: Caller): Promise<Led<Marks>> {
    const { locks, now } = this.#deps
    const untilMs = now() + MAX_WAIT_MS
    let lateLooks = MAX_LATE_LOOKS
    for (let lookMs = FIRST_LOOK_MS; ; lookMs = Math.min(2 * lookMs, MAX_LOOK_MS)) {
      const taken = await locks.take(this.#across.lock, LOCK_MS)
      if (taken === 'taken') return this.#leadWithLock(caller)
      lateLooks = taken === 'held' ? 0 : lateLooks + 1
      if (lateLooks > MAX_LATE_LOOKS || caller.isGone || now() >= untilMs) return this.#entrant.lead(caller)
      await this.#pause(lookMs, caller)
      const found = await this.#across.find()
      if (found === null) continue
      this.#isFound = true
      return found
    }
  }

  /** An entry that was found is stored already. */
  end(led: Led<Marks>, end: RecordingEnd): void {
    if (!this.#isFound) this.#entrant.onEnded?.(led, end)
    this.#letGo(end.kind === 'complete')
  }

  async #leadWithLock(caller: Caller): Promise<Led<Marks>> {
    this.#isHeld = true
    this.#renewLater(MAX_RENEWALS)
    try {
      // The last holder may have stored its answer between our look and its lock's end.
      const found = await this.#across.find()
      if (found !== null) return this.#foundLate(found)
      const led = await this.#entrant.lead(caller)
      if (led.result.kind === 'failure') this.#letGo(false)
      return led
    } catch (error) {
      this.#letGo(false)
      throw error
    }
  }

  #foundLate(found: Led<Marks>): Led<Marks> {
    this.#isFound = true
    this.#letGo(false)
    return found
  }

  #renewLater(renewals: number): void {
    if (renewals === 0) return
    this.#renewal = this.#deps.timers.start(RENEW_EVERY_MS, () => {
      void this.#deps.locks.renew(this.#across.lock, LOCK_MS)
      this.#renewLater(renewals - 1)
    })
  }

  /** Once; what was not stored may be asked for by the next pod at once. */
  #letGo(isStored: boolean): void {
    if (!this.#isHeld) return
    this.#isHeld = false
    this.#renewal?.close()
    const { locks } = this.#deps
    void (isStored ? locks.renew(this.#across.lock, LINGER_MS) : locks.release(this.#across.lock))
  }

  /** Ends early when the last caller goes. */
  #pause(delayMs: number, caller: Caller): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#deps.timers.start(delayMs, () => {
        caller.whenGone(null)
        resolve()
      })
      caller.whenGone(() => {
        timer.close()
        resolve()
      })
    })
  }
}
