// How long the proxy waits before it dials again: a table of failures and dice, and the bound that keeps tables current
// within 5 s.
import { expect, test } from 'vitest'
import { LARGEST_RANGE_MS, reconnectDelayMs } from '../../../proxy/table/reconnect.ts'

test.each([
  { failures: 0, random: 0, delayMs: 50 },
  { failures: 0, random: 0.999_999, delayMs: 499 },
  { failures: 1, random: 0.999_999, delayMs: 999 },
  { failures: 2, random: 0.5, delayMs: 1_025 },
  { failures: 3, random: 0.999_999, delayMs: 3_999 },
  { failures: 4, random: 0.999_999, delayMs: 3_999 },
  { failures: 1_000_000, random: 0.999_999, delayMs: 3_999 },
])('after $failures failures and a die of $random the wait is $delayMs ms', ({ failures, random, delayMs }) => {
  expect(reconnectDelayMs(failures, random)).toBe(delayMs)
})

test('the longest wait leaves a second of the five to connect and be current', () => {
  expect(LARGEST_RANGE_MS).toBeLessThanOrEqual(4_000)
})
