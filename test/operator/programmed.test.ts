// The condition Programmed, row by row of the table above its code, and both sides of the ten seconds.
import { describe, expect, test } from 'vitest'
import type { Condition } from '../../crds/status.ts'
import { describeProgrammed, MAX_LAG_MS, type ProgrammedInputs } from '../../operator/programmed.ts'
import type { Progress } from '../../operator/progress.ts'

const nowMs = Date.parse('2026-03-01T10:00:00Z')

function progress(different: Partial<Progress> = {}): Progress {
  return { total: 3, current: 3, rejected: 0, firstRejection: null, behind: [], ...different }
}

const behindFor = (ms: number, name = 'chat-1') => ({ podName: name, sinceMs: nowMs - ms })

function describeIt(different: Partial<ProgrammedInputs>) {
  return describeProgrammed({
    progress: progress(),
    isAccepted: true,
    generation: 5,
    previous: undefined,
    nowMs,
    ...different,
  })
}

function before(status: Condition['status'], reason: string): Condition[] {
  const lastTransitionTime = '2026-01-01T00:00:00Z'
  return [{ type: 'Programmed', status, reason, message: 'as before', observedGeneration: 4, lastTransitionTime }]
}

describe('without news', () => {
  test('is Unknown the first time that not every replica was heard', () => {
    expect(describeIt({ progress: null }).condition).toMatchObject({ status: 'Unknown', reason: 'Pending' })
  })

  test.each([
    ['True', 'Programmed'],
    ['False', 'Rejected'],
  ] as const)('stays %s as it was, generation and all', (status, reason) => {
    const { condition } = describeIt({ progress: null, previous: before(status, reason) })
    expect(condition).toMatchObject({ status, reason, message: 'as before', observedGeneration: 4 })
  })
})

describe('with every proxy heard', () => {
  test('is True with reason NoPods when there are none', () => {
    const { condition } = describeIt({ progress: progress({ total: 0, current: 0 }) })
    expect(condition).toMatchObject({ status: 'True', reason: 'NoPods' })
  })

  test('is True when all are current, and speaks of the newest generation', () => {
    const { condition, recheckAfterMs } = describeIt({ previous: before('False', 'ProxiesBehind') })
    expect(condition).toMatchObject({ status: 'True', message: '3 of 3 proxies run generation 5' })
    expect(condition).not.toHaveProperty('observedGeneration')
    expect(recheckAfterMs).toBeNull()
  })

  test('is False when the newest generation is not accepted, though all run the last good one', () => {
    expect(describeIt({ isAccepted: false }).condition).toMatchObject({ status: 'False', reason: 'NotAccepted' })
  })

  test('is False at once when one has refused, with its reason', () => {
    const refused = progress({ current: 2, rejected: 1, firstRejection: 'pod "chat-1": no', behind: [behindFor(1)] })
    const { condition } = describeIt({ progress: refused, previous: before('True', 'Programmed') })
    expect(condition).toMatchObject({ status: 'False', reason: 'Rejected' })
    expect(condition.message).toContain('1 of 3 proxies refused the table')
    expect(condition.message).toContain('pod "chat-1": no')
  })
})

describe('with a proxy behind', () => {
  const late = (ms: number) => progress({ current: 2, behind: [behindFor(ms)] })

  test('stays as it was for ten seconds and asks to be looked at again then', () => {
    const { condition, recheckAfterMs } = describeIt({
      progress: late(MAX_LAG_MS - 1),
      previous: before('True', 'Programmed'),
    })
    expect(condition).toMatchObject({ status: 'True', message: 'as before', observedGeneration: 4 })
    expect(recheckAfterMs).toBe(1)
  })

  test('is False after ten seconds and names the pod', () => {
    const { condition, recheckAfterMs } = describeIt({
      progress: late(MAX_LAG_MS),
      previous: before('True', 'Programmed'),
    })
    expect(condition).toMatchObject({ status: 'False', reason: 'ProxiesBehind' })
    expect(condition.message).toBe('2 of 3 proxies run the newest table; behind for 10 s or more: chat-1')
    expect(recheckAfterMs).toBeNull()
  })

  test('names three pods and counts the others', () => {
    const behind = ['a', 'b', 'c', 'd', 'e'].map((name) => behindFor(MAX_LAG_MS, name))
    const { condition } = describeIt({ progress: progress({ total: 5, current: 0, behind }) })
    expect(condition.message).toMatch(/: a, b, c and 2 more$/)
  })

  test('is Unknown when nothing was said before, and when the last word was NoPods', () => {
    const unknown = { status: 'Unknown', reason: 'Pending', message: 'waiting for 1 of 3 proxies' }
    expect(describeIt({ progress: late(1) }).condition).toMatchObject(unknown)
    expect(describeIt({ progress: late(1), previous: before('True', 'NoPods') }).condition).toMatchObject(unknown)
  })

  test('does not fall for a clock that went back', () => {
    expect(describeIt({ progress: late(-5_000) }).recheckAfterMs).toBe(MAX_LAG_MS)
  })
})
