// Extra attempts: 3, and 20 % of the calls of the last ten seconds.
import { expect, test } from 'vitest'
import { AttemptBudget, EXTRA_RESERVE, WINDOW_MS } from '../../../proxy/upstream/budget.ts'
import { ManualClock } from '../../support/manual-clock.ts'

function takeAll(budget: AttemptBudget): number {
  let taken = 0
  while (budget.hasRoom() && taken < 10_000) {
    budget.recordExtra()
    taken += 1
  }
  return taken
}

test('allows the reserve when there were no calls', () => {
  expect(takeAll(new AttemptBudget(new ManualClock()))).toBe(EXTRA_RESERVE)
})

test('allows a fifth of the recent calls and the reserve', () => {
  const budget = new AttemptBudget(new ManualClock())
  for (let count = 0; count < 100; count += 1) budget.recordCall()
  expect(takeAll(budget)).toBe(20 + EXTRA_RESERVE)
})

test('forgets calls and extras as they grow old', () => {
  const clock = new ManualClock()
  const budget = new AttemptBudget(clock)
  for (let count = 0; count < 100; count += 1) budget.recordCall()
  takeAll(budget)
  clock.advance(2 * WINDOW_MS)
  expect(takeAll(budget)).toBe(EXTRA_RESERVE)
})

test('never exceeds the share over a long outage, wherever the windows turn', () => {
  const clock = new ManualClock()
  const budget = new AttemptBudget(clock)
  let calls = 0
  let extras = 0
  for (let step = 0; step < 5000; step += 1) {
    clock.advance(37)
    budget.recordCall()
    calls += 1
    if (!budget.hasRoom()) continue
    budget.recordExtra()
    extras += 1
  }
  expect(extras).toBeLessThanOrEqual(0.25 * calls + EXTRA_RESERVE)
  expect(extras).toBeGreaterThan(0.15 * calls)
})

test('survives a clock that is set back', () => {
  let nowMs = 1_000_000
  const budget = new AttemptBudget({ now: () => nowMs })
  takeAll(budget)
  nowMs = 0
  expect(budget.hasRoom()).toBe(true)
})
