// A canary's share at a moment, and when it stops itself: the decisions alone, on both sides of each boundary.
import { describe, expect, test } from 'vitest'
import { type Arm, NO_CALLS, percentAt, reasonToStop, withCall } from '../../../proxy/strategy/canary.ts'

const START = Date.parse('2026-11-23T09:00:00Z')
const MINUTE_MS = 60_000
const steps = [
  { percent: 5, forMs: 10 * MINUTE_MS },
  { percent: 25, forMs: 60 * MINUTE_MS },
  { percent: 100, forMs: MINUTE_MS },
]

describe('the share of a canary', () => {
  test.each([
    ['before its start', -1, 0],
    ['at its start', 0, 5],
    ['at the end of the first step', 10 * MINUTE_MS - 1, 5],
    ['in the second', 10 * MINUTE_MS, 25],
    ['in the last', 70 * MINUTE_MS, 100],
    ['long after the last', 1e12, 100],
  ])('%s', (_, afterMs, expected) => {
    expect(percentAt({ startMs: START, steps }, START + afterMs)).toBe(expected)
  })

  test('is the same for a clock that jumps back and on again', () => {
    const at = (minutes: number) => percentAt({ startMs: START, steps }, START + minutes * MINUTE_MS)
    expect([at(30), at(-600), at(30)]).toEqual([25, 0, 25])
  })
})

interface Calls {
  readonly good: number
  readonly bad?: number
  readonly tookMs?: (index: number) => number
  readonly isStreaming?: boolean
}

function arm({ good, bad = 0, tookMs = (index) => 900 + (index % 21) * 10, isStreaming = true }: Calls): Arm {
  let counted = NO_CALLS
  for (let index = 0; index < good + bad; index += 1) {
    counted = withCall(counted, { hasFailed: index >= good, isStreaming, tookMs: tookMs(index) })
  }
  return counted
}

const limits = { errors: 5, slower: 50, minCalls: 20 }

describe('a canary', () => {
  test.each<[string, Calls, Calls, string | null]>([
    ['goes on when nothing fails', { good: 100 }, { good: 100 }, null],
    ['is not judged by few calls, however bad', { good: 0, bad: 19 }, { good: 500 }, null],
    ['stops when it fails always', { good: 0, bad: 20 }, { good: 500 }, 'errors'],
    ['stops when it fails a third of the time', { good: 40, bad: 20 }, { good: 500 }, 'errors'],
    ['goes on when the others fail as much', { good: 40, bad: 20 }, { good: 330, bad: 170 }, null],
    ['goes on within what the rule allows', { good: 960, bad: 40 }, { good: 500 }, null],
    ['is held to what the rule allows where the others have no calls', { good: 10, bad: 30 }, { good: 0 }, 'errors'],
    ['stops when its first tokens come twice as late', { good: 60, tookMs: (n) => 1800 + n }, { good: 300 }, 'slower'],
    ['goes on when they come a third later', { good: 60, tookMs: (n) => 1300 + n }, { good: 300 }, null],
    [
      'is not called slow for one call in twenty',
      { good: 60, tookMs: (n) => (n % 20 ? 1000 : 60_000) },
      { good: 300 },
      null,
    ],
    [
      'is not held to streams for answers that are whole',
      { good: 60, tookMs: () => 9000, isStreaming: false },
      { good: 300 },
      null,
    ],
  ])('%s', (_, canary, baseline, expected) => {
    expect(reasonToStop(arm(canary), arm(baseline), limits)).toBe(expected)
  })

  test('forgets what was long ago', () => {
    const long = arm({ good: 50_000 })
    expect(long.calls).toBeLessThanOrEqual(1024)
    let failing = long
    for (let index = 0; index < 600; index += 1) {
      failing = withCall(failing, { hasFailed: true, isStreaming: true, tookMs: 1 })
    }
    expect(reasonToStop(failing, arm({ good: 500 }), limits)).toBe('errors')
  })
})
