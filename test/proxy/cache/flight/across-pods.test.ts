// Pods that ask the same at the same time, with a shared cache that is a map: who asks, who waits, and what it costs
// when a pod dies, the cache is down, or an answer takes too long.
import { Buffer } from 'node:buffer'
import { describe, expect, it, test } from 'vitest'
import { Caller } from '../../../../proxy/caller.ts'
import {
  acrossPods,
  LOCK_MS,
  MAX_WAIT_MS,
  RENEW_EVERY_MS,
  type Lock,
  type SharedLocks,
} from '../../../../proxy/cache/flight/across-pods.ts'
import type { Entrant, Led } from '../../../../proxy/cache/flight/entrant.ts'
import { failure } from '../../../../proxy/errors.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

/** Locks of a shared cache, and its entries, by a clock that the test moves. */
class SharedCache implements SharedLocks {
  readonly entries = new Map<string, string>()
  readonly #held = new Map<string, { readonly token: string; readonly untilMs: number }>()
  readonly #clock: ManualClock
  isDown = false

  constructor(clock: ManualClock) {
    this.#clock = clock
  }

  take({ key, token }: Lock, ttlMs: number): Promise<'taken' | 'held' | 'unavailable'> {
    if (this.isDown) return Promise.resolve('unavailable')
    if (this.holder(key) !== null) return Promise.resolve('held')
    this.#held.set(key, { token, untilMs: this.#clock.now() + ttlMs })
    return Promise.resolve('taken')
  }

  renew({ key, token }: Lock, ttlMs: number): Promise<void> {
    if (this.holder(key) === token) this.#held.set(key, { token, untilMs: this.#clock.now() + ttlMs })
    return Promise.resolve()
  }

  release({ key, token }: Lock): Promise<void> {
    if (this.holder(key) === token) this.#held.delete(key)
    return Promise.resolve()
  }

  holder(key: string): string | null {
    const held = this.#held.get(key)
    return held === undefined || held.untilMs <= this.#clock.now() ? null : held.token
  }
}

function answer(text: string): Led<string> {
  const head = { kind: 'answered', status: 200, failureClass: null, retryAfterMs: null, headers: {} } as const
  return { attempt: null, records: [], result: { ...head, isEventStream: false, body: Buffer.from(text) } }
}

function scene() {
  const clock = new ManualClock()
  const shared = new SharedCache(clock)
  const timers = {
    start: (delayMs: number, run: () => void) => ({ refresh: () => {}, close: clock.after(delayMs, run) }),
  }
  const calls: { readonly pod: string; readonly end: (led: Led<string>) => void }[] = []
  const stored: string[] = []
  const enter = (pod: string) => {
    const caller = new Caller()
    const entrant: Entrant<string> = {
      caller,
      body: Buffer.from('b'),
      leftMs: () => null,
      marks: pod,
      lead: () => new Promise((end) => calls.push({ pod, end })),
      onEnded: () => stored.push(pod),
    }
    const find = () => {
      const text = shared.entries.get('k')
      return Promise.resolve(text === undefined ? null : { ...answer(text), marks: 'another pod' })
    }
    const lock = { shared: 'redis', key: 'k', token: pod }
    const wrapped = acrossPods(entrant, { lock, find }, { locks: shared, timers, now: () => clock.now() })
    const led = wrapped.lead(caller)
    const end = async (text: string | null) => {
      if (text !== null) shared.entries.set('k', text)
      const fault = failure('stream_cut', '')
      wrapped.onEnded?.(
        await led,
        text === null ? { kind: 'cut', fault } : { kind: 'complete', read: () => Buffer.alloc(0) },
      )
    }
    return { caller, led, end }
  }
  return { clock, shared, calls, stored, enter }
}

/** Whatever is ready to go on has gone on. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

/** Moves the clock in steps, and lets everything that waits go on in between. */
async function pass(clock: ManualClock, byMs: number): Promise<void> {
  for (let leftMs = byMs; leftMs > 0; leftMs -= 100) {
    clock.advance(Math.min(100, leftMs))
    await turn()
  }
}

const pods = (calls: readonly { readonly pod: string }[]) => calls.map(({ pod }) => pod)

describe('two pods that ask the same', () => {
  it('cost one call: the second one finds the answer of the first', async () => {
    const { clock, calls, enter, stored } = scene()
    const [one, other] = [enter('one'), enter('other')]
    await pass(clock, 500)
    expect(pods(calls)).toEqual(['one'])
    calls[0]?.end(answer('hello'))
    await one.end('hello')
    await pass(clock, 2000)
    expect(await other.led).toEqual({ ...answer('hello'), marks: 'another pod' })
    await other.end('hello')
    expect([pods(calls), stored]).toEqual([['one'], ['one']])
  })

  it('go on waiting while the first one works, for as long as it is worth it, and then ask alone', async () => {
    const { clock, calls, enter, shared } = scene()
    enter('one')
    enter('other')
    await pass(clock, MAX_WAIT_MS - 1000)
    expect([pods(calls), shared.holder('k')]).toEqual([['one'], 'one'])
    await pass(clock, 2500)
    expect(pods(calls)).toEqual(['one', 'other'])
  })

  it('lose no more than the life of a lock when the first one dies', async () => {
    const { clock, calls, enter, shared } = scene()
    await shared.take({ shared: 'redis', key: 'k', token: 'dead' }, LOCK_MS)
    enter('other')
    await pass(clock, LOCK_MS + 1500)
    expect([pods(calls), shared.holder('k')]).toEqual([['other'], 'other'])
  })

  it('try one after the other when the first one fails', async () => {
    const { clock, calls, enter } = scene()
    const one = enter('one')
    enter('other')
    await pass(clock, 200)
    calls[0]?.end({ attempt: null, records: [], result: failure('targets_failed', '') })
    await one.led
    await pass(clock, 1000)
    expect(pods(calls)).toEqual(['one', 'other'])
  })

  it('try one after the other when the answer of the first one is cut', async () => {
    const { clock, calls, enter } = scene()
    const one = enter('one')
    enter('other')
    await turn()
    calls[0]?.end(answer('hel'))
    await one.end(null)
    await pass(clock, 1000)
    expect(pods(calls)).toEqual(['one', 'other'])
  })

  test('both ask at once when the shared cache is down', async () => {
    const { calls, enter, shared } = scene()
    shared.isDown = true
    enter('one')
    enter('other')
    await turn()
    expect(pods(calls)).toEqual(['one', 'other'])
  })

  it('go on waiting when the shared cache is late once, and ask when it is gone', async () => {
    const { clock, calls, enter, shared } = scene()
    enter('one')
    enter('other')
    await turn()
    shared.isDown = true
    await pass(clock, 100)
    shared.isDown = false
    await pass(clock, 1000)
    expect(pods(calls)).toEqual(['one'])
    shared.isDown = true
    await pass(clock, 3500)
    expect(pods(calls)).toEqual(['one', 'other'])
  })

  test('one that nobody waits for any more looks no further', async () => {
    const { clock, calls, enter } = scene()
    enter('one')
    const other = enter('other')
    await turn()
    other.caller.hangUp()
    await turn()
    expect([pods(calls), clock.waiting]).toEqual([['one', 'other'], 1])
  })

  test('the lock is not renewed once the answer has ended', async () => {
    const { clock, calls, enter, shared } = scene()
    const one = enter('one')
    await pass(clock, 3 * RENEW_EVERY_MS)
    expect(shared.holder('k')).toBe('one')
    calls[0]?.end(answer('hello'))
    await one.end('hello')
    await pass(clock, 1100)
    expect([shared.holder('k'), clock.waiting]).toEqual([null, 0])
  })
})
