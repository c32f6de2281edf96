// A canary's share at a moment, and when it stops itself: the decisions alone, on both sides of each boundary.
import { describe, expect, test } from 'vitest'
import type { AttemptRecord, Exchange } from '../../../proxy/exchange.ts'
import { Canaries } from '../../../proxy/strategy/canaries.ts'
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

describe('what a canary is judged by', () => {
  const canary = { target: 'new', startMs: 0, steps: [{ percent: 10, forMs: 1000 }], stopWhen: limits }
  const route = { name: 'shop/chat/all' }
  const first = (targetId: string, different: Partial<AttemptRecord> = {}): AttemptRecord => ({
    targetId,
    outcome: '200',
    failureClass: null,
    durationMs: 500,
    ...different,
  })
  const exchange = (attempt: AttemptRecord, different: Partial<Exchange> = {}): Exchange => ({
    operation: 'Chat',
    model: 'auto',
    route: route.name,
    targetId: attempt.targetId,
    attempts: [attempt],
    isStreaming: true,
    tableVersion: null,
    id: 'a-call',
    atMs: 0,
    status: 200,
    error: null,
    finish: null,
    firstByteMs: null,
    durationMs: 500,
    requestBytes: 0,
    answerBytes: 0,
    ...different,
  })
  const failed = first('new', { outcome: '500', failureClass: 'Server' })

  /** Percent of the canary after so many of these calls beside good ones of the others. */
  function percentAfter(call: Exchange, count = 40): number {
    const canaries = new Canaries({ now: () => 10, onStopped: () => {} })
    canaries.percentOf(route, canary)
    for (let index = 0; index < count; index += 1) {
      canaries.note(exchange(first('old')))
      canaries.note(call)
    }
    return canaries.percentOf(route, canary)
  }

  test.each<[string, Exchange, number]>([
    ['failures of its own', exchange(failed), 0],
    ['streams that break off', exchange(first('new'), { error: 'stream_cut' }), 0],
    ['that it cannot be asked at all', exchange(first('new', { outcome: 'key_missing', durationMs: 0 })), 0],
    ['good calls', exchange(first('new')), 10],
    ['not callers that leave', exchange(failed, { error: 'caller_gone' }), 10],
    ['not calls that joined another one', exchange(failed, { flight: 'joined' }), 10],
    ['not calls of other rules', exchange(failed, { route: 'shop/chat/other' }), 10],
    ['not calls that no target was asked for', exchange(failed, { attempts: [] }), 10],
    ['not what failed after it was good', exchange(failed, { attempts: [first('old'), failed] }), 10],
  ])('%s', (_, call, percent) => {
    expect(percentAfter(call)).toBe(percent)
  })

  test('is forgotten when the canary is another one, and kept when the table is', () => {
    const canaries = new Canaries({ now: () => 10, onStopped: () => {} })
    canaries.percentOf(route, canary)
    for (let index = 0; index < 40; index += 1) canaries.note(exchange(failed))
    expect(canaries.percentOf(route, structuredClone(canary))).toBe(0)
    expect(canaries.percentOf(route, { ...canary, startMs: 1 })).toBe(10)
    expect(canaries.states()).toEqual([{ route: route.name, percent: 10, stopped: null }])
  })
})
