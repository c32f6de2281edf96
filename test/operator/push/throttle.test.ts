// At most once in an interval for each key, and never a mark lost: with a clock that the test moves, so that both sides
// of the interval are shown.
import { expect, test } from 'vitest'
import { Throttle } from '../../../operator/push/throttle.ts'
import { ManualClock } from '../../support/manual-clock.ts'

function throttled() {
  const clock = new ManualClock()
  const calls: string[] = []
  return { clock, calls, throttle: new Throttle((key) => calls.push(key), 1_000, clock) }
}

test('the first mark runs at once, all others of the interval together at its end', () => {
  const { clock, calls, throttle } = throttled()
  for (let count = 0; count < 5; count++) throttle.mark('shop')
  expect(calls).toEqual(['shop'])
  clock.advance(999)
  expect(calls).toHaveLength(1)
  clock.advance(1)
  expect(calls).toHaveLength(2)
})

test('a single mark is not repeated, and the next one after the interval runs at once', () => {
  const { clock, calls, throttle } = throttled()
  throttle.mark('shop')
  clock.advance(5_000)
  expect(calls).toHaveLength(1)
  throttle.mark('shop')
  expect(calls).toHaveLength(2)
})

test('keys do not slow each other, and nothing is held for a key that is quiet', () => {
  const { clock, calls, throttle } = throttled()
  for (const key of ['shop', 'bank', 'shop']) throttle.mark(key)
  expect(calls).toEqual(['shop', 'bank'])
  clock.advance(2_000)
  expect(calls).toEqual(['shop', 'bank', 'shop'])
  expect(clock.waiting).toBe(0)
})

test('nothing runs after stop', () => {
  const { clock, calls, throttle } = throttled()
  throttle.mark('shop')
  throttle.mark('shop')
  throttle.stop()
  clock.advance(5_000)
  expect(calls).toEqual(['shop'])
})
