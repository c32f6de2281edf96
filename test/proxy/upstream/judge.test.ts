// The verdict on every outcome: with and without the class in the rule's list, a target left, and a wait that fits.
import { Buffer } from 'node:buffer'
import { describe, expect, it, test } from 'vitest'
import { failure } from '../../../proxy/errors.ts'
import type { Answered, Outcome } from '../../../proxy/exchange.ts'
import { FAILOVER_CLASSES, type FailoverClass } from '../../../proxy/table/schema.ts'
import { judge, type Situation } from '../../../proxy/upstream/judge.ts'

const answered = (status: number, failureClass: FailoverClass | null): Answered => ({
  kind: 'answered',
  status,
  failureClass,
  retryAfterMs: null,
  headers: {},
  body: Buffer.alloc(0),
  isEventStream: false,
})
const broken: Outcome = { kind: 'broken', failureClass: 'Reset', reason: 'its answer broke off' }
const unreachable: Outcome = {
  kind: 'unreachable',
  failureClass: 'Connect',
  reason: 'the connection was refused',
  isStaleConnection: false,
}
const timedOut: Outcome = { kind: 'timedOut', failureClass: 'Timeout', afterMs: 10, waitedFor: 'first byte' }
const refused: Outcome = { kind: 'refused', failure: failure('key_missing', 'no key') }
const cancelled: Outcome = { kind: 'cancelled' }

type Around = Partial<Pick<Situation, 'canTryNext' | 'waitMs' | 'retryAfterMs'>> & {
  readonly on?: readonly FailoverClass[]
}

function judged(outcome: Outcome, { on = FAILOVER_CLASSES, ...around }: Around) {
  const target = { provider: 'p', dialect: 'OpenAI', url: 'http://a.test' } as const
  const attempt = { targetId: 'a', target, endpoint: { origin: 'http://a.test', basePath: '' } }
  const situation = { canTryNext: false, waitMs: null, retryAfterMs: null, tried: 'One target was tried.', ...around }
  return judge(outcome, { attempt, failover: { attempts: 3, on }, ...situation })
}

function verdictOn(outcome: Outcome, around: Around): string {
  const verdict = judged(outcome, around)
  return verdict.kind === 'giveUp' ? verdict.failure.code : verdict.kind
}

describe('judge', () => {
  // outcome | a target is left | only a wait is left | nothing is left | its class is not listed
  it.each([
    ['an answer of 200', answered(200, null), 'deliver', 'deliver', 'deliver', 'deliver'],
    ['a rate limit', answered(429, 'RateLimited'), 'next', 'wait', 'targets_rate_limited', 'deliver'],
    ['an overload', answered(529, 'Overloaded'), 'next', 'wait', 'targets_overloaded', 'deliver'],
    ['an overload in place of a stream', answered(200, 'Overloaded'), 'next', 'wait', 'targets_overloaded', 'deliver'],
    ['a quota that is used up', answered(429, 'Quota'), 'next', 'wait', 'targets_failed', 'deliver'],
    ['a key that is refused', answered(401, 'Auth'), 'next', 'wait', 'deliver', 'deliver'],
    ['a model that is not there', answered(404, 'ModelNotFound'), 'next', 'wait', 'deliver', 'deliver'],
    ['a request that is too long', answered(400, 'ContextLength'), 'next', 'wait', 'deliver', 'deliver'],
    ['a filtered request', answered(400, 'ContentFilter'), 'next', 'wait', 'deliver', 'deliver'],
    ['a faulty request', answered(422, 'BadRequest'), 'next', 'wait', 'deliver', 'deliver'],
    ['a failure of the provider', answered(500, 'Server'), 'next', 'wait', 'targets_failed', 'deliver'],
    ['an answer that broke off', broken, 'next', 'wait', 'targets_failed', 'targets_failed'],
    ['a target that cannot be reached', unreachable, 'next', 'wait', 'targets_failed', 'targets_failed'],
    ['a first byte that does not come', timedOut, 'next', 'wait', 'targets_failed', 'targets_failed'],
    ['a key that has not come', refused, 'next', 'key_missing', 'key_missing', 'next'],
    ['a caller that has gone', cancelled, 'caller_gone', 'caller_gone', 'caller_gone', 'caller_gone'],
  ])('%s', (...[, outcome, targetLeft, waitLeft, nothingLeft, notListed]) => {
    expect(verdictOn(outcome, { canTryNext: true, waitMs: 5 })).toBe(targetLeft)
    expect(verdictOn(outcome, { waitMs: 5 })).toBe(waitLeft)
    expect(verdictOn(outcome, {})).toBe(nothingLeft)
    expect(verdictOn(outcome, { canTryNext: true, waitMs: 5, on: [] })).toBe(notListed)
  })

  it.each(FAILOVER_CLASSES)('class %s alone lets its own outcome go on and no other', (failureClass) => {
    const others = FAILOVER_CLASSES.filter((name) => name !== failureClass)
    const outcomes = [answered(500, failureClass), { ...broken, failureClass }, { ...unreachable, failureClass }]
    for (const outcome of outcomes) {
      expect(verdictOn(outcome, { canTryNext: true, on: [failureClass] })).toBe('next')
      expect(verdictOn(outcome, { canTryNext: true, on: others })).not.toBe('next')
    }
  })

  test('a refusal says which target failed, how, and when to come back', () => {
    const verdict = judged(answered(429, 'RateLimited'), { retryAfterMs: 61_000 })
    expect(verdict).toEqual({
      kind: 'giveUp',
      failure: {
        kind: 'failure',
        code: 'targets_rate_limited',
        message: 'Target a failed: it answered with status 429 (rate limited). One target was tried.',
        retryAfterMs: 61_000,
      },
    })
  })
})
