// The verdict on every outcome: with and without the class in the rule's list, with and without a target left.
import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import { failure } from '../../../proxy/errors.ts'
import type { Answered, Outcome } from '../../../proxy/exchange.ts'
import type { FailoverClass } from '../../../proxy/table/schema.ts'
import { judge } from '../../../proxy/upstream/judge.ts'

const answered = (status: number): Answered => ({
  kind: 'answered',
  status,
  headers: {},
  body: Buffer.alloc(0),
  isEventStream: false,
})
const broken: Outcome = { kind: 'broken', reason: 'its answer broke off' }
const unreachable: Outcome = { kind: 'unreachable', reason: 'the connection was refused', isStaleConnection: false }
const timedOut: Outcome = { kind: 'timedOut', afterMs: 10, waitedFor: 'first byte' }
const refused: Outcome = { kind: 'refused', failure: failure('key_missing', 'no key') }

const ALL: readonly FailoverClass[] = ['Connect', 'Timeout', 'Server']

function verdictOn(outcome: Outcome, on: readonly FailoverClass[], canTryNext: boolean): string {
  const target = { provider: 'p', dialect: 'OpenAI', url: 'http://a.test' } as const
  const attempt = { ordinal: 1, targetId: 'a', target, endpoint: { origin: 'http://a.test', basePath: '' } }
  const verdict = judge(outcome, { attempt, failover: { attempts: 3, on }, canTryNext, tried: 'One target was tried.' })
  return verdict.kind === 'giveUp' ? `giveUp ${verdict.failure.code}` : verdict.kind
}

describe('judge', () => {
  it.each([
    ['an answer of 200', answered(200), 'deliver', 'deliver', 'deliver'],
    ['an answer of 404', answered(404), 'deliver', 'deliver', 'deliver'],
    ['an answer of 429', answered(429), 'deliver', 'deliver', 'deliver'],
    ['an answer of 499', answered(499), 'deliver', 'deliver', 'deliver'],
    ['an answer of 500', answered(500), 'next', 'giveUp targets_failed', 'deliver'],
    ['an answer of 503', answered(503), 'next', 'giveUp targets_overloaded', 'deliver'],
    ['an answer that broke off', broken, 'next', 'giveUp targets_failed', 'giveUp targets_failed'],
    ['a target that cannot be reached', unreachable, 'next', 'giveUp targets_failed', 'giveUp targets_failed'],
    ['a first byte that does not come', timedOut, 'next', 'giveUp targets_failed', 'giveUp targets_failed'],
    ['a key that is missing', refused, 'next', 'giveUp key_missing', 'next'],
    [
      'a caller that has gone',
      { kind: 'cancelled' } as const,
      'giveUp caller_gone',
      'giveUp caller_gone',
      'giveUp caller_gone',
    ],
  ])('%s: next if listed and a target is left', (...[, outcome, listed, noneLeft, notListed]) => {
    expect(verdictOn(outcome, ALL, true)).toBe(listed)
    expect(verdictOn(outcome, ALL, false)).toBe(noneLeft)
    expect(verdictOn(outcome, [], true)).toBe(notListed)
  })

  it.each([
    ['Connect', unreachable],
    ['Timeout', timedOut],
    ['Server', answered(500)],
    ['Server', broken],
  ] as const)('class %s alone lets its own outcome go on and no other', (failureClass, outcome) => {
    const others = ALL.filter((name) => name !== failureClass)
    expect(verdictOn(outcome, [failureClass], true)).toBe('next')
    expect(verdictOn(outcome, others, true)).not.toBe('next')
  })
})
