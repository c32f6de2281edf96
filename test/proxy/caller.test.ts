// Who listens for a hang-up is told once, also when it has happened before.
import { expect, test } from 'vitest'
import { Caller } from '../../proxy/caller.ts'

test('tells the one who listens, once', () => {
  const caller = new Caller()
  const told: string[] = []
  caller.whenGone(() => told.push('first'))
  caller.whenGone(() => told.push('second'))
  expect(caller.isGone).toBe(false)
  caller.hangUp()
  caller.hangUp()
  expect([told, caller.isGone]).toEqual([['second'], true])
})

test('tells a late listener at once and one that was taken off never', () => {
  const caller = new Caller()
  const told: string[] = []
  caller.whenGone(() => told.push('taken off'))
  caller.whenGone(null)
  caller.hangUp()
  expect(told).toEqual([])
  caller.whenGone(() => told.push('late'))
  expect(told).toEqual(['late'])
})
