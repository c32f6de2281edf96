// Which targets calls go to first: ejection by both rules, cooling, the half-open probe, and never none.
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { beforeEach, describe, expect, it, test } from 'vitest'
import type { Answered, Attempt, Outcome } from '../../../proxy/exchange.ts'
import { FAILOVER_CLASSES, type FailoverClass, type Target } from '../../../proxy/table/schema.ts'
import {
  DEFAULT_COOLING_MS,
  DEFAULT_HEALTH,
  Health,
  MAX_COOLING_MS,
  MAX_TARGETS,
  MIN_RATE_CALLS,
  RATE_WINDOW_MS,
  SILENCES_PER_FAILURE,
} from '../../../proxy/upstream/health.ts'

const attemptAt = (targetId: string, health?: Target['health']): Attempt => ({
  targetId,
  target: { provider: 'p', dialect: 'OpenAI', url: 'http://a.test', ...(health === undefined ? {} : { health }) },
  endpoint: { origin: 'http://a.test', basePath: '' },
})
const a = attemptAt('a')
const b = attemptAt('b')

const outcomeOf = (failureClass: FailoverClass | null, retryAfterMs: number | null = null): Answered => ({
  kind: 'answered',
  status: failureClass === null ? 200 : 500,
  failureClass,
  retryAfterMs,
  headers: {},
  body: Buffer.alloc(0),
  isEventStream: false,
})
const good = outcomeOf(null)
const bad = outcomeOf('Server')
const begun: Outcome = { ...outcomeOf(null), body: { start: () => {}, resume: () => {}, abandon: () => {} } }

let nowMs: number
let events: string[]
let health: Health

beforeEach(() => {
  nowMs = 1_000_000
  events = []
  health = new Health({
    now: () => nowMs,
    onEjected: ({ targetId }, why) => events.push(`${targetId} ejected: ${why}`),
    onReadmitted: (targetId) => events.push(`${targetId} readmitted`),
  })
})

const order = (attempts: readonly Attempt[] = [a, b], hasRoom = true) =>
  health.order(attempts, { hasRoom: () => hasRoom }).map(({ targetId }) => targetId)
const repeat = (count: number, outcome: Outcome, attempt = a) => {
  for (let index = 0; index < count; index += 1) health.end(attempt, outcome)
}
const eject = (attempt = a) => repeat(DEFAULT_HEALTH.failuresToEject, bad, attempt)

describe('failures one after another', () => {
  test('move a target behind the others, and one fewer does not', () => {
    repeat(DEFAULT_HEALTH.failuresToEject - 1, bad)
    expect(order()).toEqual(['a', 'b'])
    health.end(a, bad)
    expect(order()).toEqual(['b', 'a'])
    expect(events).toEqual(['a ejected: consecutive failures'])
  })

  test('are counted from the last success', () => {
    for (let round = 0; round < 4; round += 1) {
      repeat(DEFAULT_HEALTH.failuresToEject - 1, bad)
      health.end(a, good)
    }
    expect(order()).toEqual(['a', 'b'])
  })

  test('are as many as the provider says', () => {
    const touchy = attemptAt('a', { failuresToEject: 1, ejectForMs: 1000 })
    health.end(touchy, bad)
    expect(order()).toEqual(['b', 'a'])
  })

  const harmless: readonly FailoverClass[] = [
    'RateLimited',
    'Auth',
    'ModelNotFound',
    'ContextLength',
    'ContentFilter',
    'Truncated',
    'BadRequest',
  ]
  it.each(FAILOVER_CLASSES)('of class %s count or do not, as the table of classes says', (failureClass) => {
    repeat(DEFAULT_HEALTH.failuresToEject, outcomeOf(failureClass, null))
    nowMs += DEFAULT_COOLING_MS
    expect(order()).toEqual(harmless.includes(failureClass) ? ['a', 'b'] : ['b', 'a'])
  })

  test('are not those of callers that go or of keys that are missing', () => {
    repeat(10, { kind: 'cancelled' })
    expect(order()).toEqual(['a', 'b'])
  })

  test('count where a stream broke off after its first token', () => {
    for (let index = 0; index < DEFAULT_HEALTH.failuresToEject; index += 1) {
      health.end(a, begun)
      health.streamEnded('a', { isCut: true })
    }
    expect(order()).toEqual(['b', 'a'])
  })

  test('are no silences in which another target answered first, unless there are twice as many of them', () => {
    const limit = SILENCES_PER_FAILURE * DEFAULT_HEALTH.failuresToEject
    const silent = (count: number) => {
      for (let index = 0; index < count; index += 1) {
        health.end(a, { kind: 'cancelled' })
        health.outrun(a)
      }
    }
    silent(limit - 1)
    health.end(a, begun)
    silent(limit - 1)
    expect(order()).toEqual(['a', 'b'])
    silent(1)
    expect(order()).toEqual(['b', 'a'])
    expect(events).toEqual(['a ejected: silence'])
    nowMs += DEFAULT_HEALTH.ejectForMs
    expect(order()).toEqual(['a', 'b'])
    silent(1)
    expect(order()).toEqual(['b', 'a'])
    expect(events.at(-1)).toBe('a ejected: failed probe')
  })

  test('are counted from the last stream that came to its end', () => {
    repeat(DEFAULT_HEALTH.failuresToEject - 1, bad)
    health.end(a, begun)
    health.streamEnded('a', { isCut: false })
    health.end(a, bad)
    expect(order()).toEqual(['a', 'b'])
  })
})

describe('the rate of failures', () => {
  const alternate = (count: number) => {
    for (let index = 0; index < count; index += 1) health.end(a, index % 2 === 0 ? good : bad)
  }

  test('of half of the recent calls moves a target behind the others', () => {
    alternate(MIN_RATE_CALLS - 1)
    expect(order()).toEqual(['a', 'b'])
    health.end(a, bad)
    expect(events).toEqual(['a ejected: failure rate'])
  })

  test('below half does not, nor does that of an earlier window', () => {
    repeat(MIN_RATE_CALLS, good)
    alternate(MIN_RATE_CALLS)
    expect(order()).toEqual(['a', 'b'])
    nowMs += RATE_WINDOW_MS
    alternate(MIN_RATE_CALLS - 1)
    expect(order()).toEqual(['a', 'b'])
  })
})

describe('a target that is ejected', () => {
  beforeEach(() => eject())

  test('waits for its time, then one call finds out whether it is well', () => {
    nowMs += DEFAULT_HEALTH.ejectForMs - 1
    expect(order()).toEqual(['b', 'a'])
    nowMs += 1
    expect(order(), 'half open').toEqual(['a', 'b'])
    health.begin(a)
    expect(order(), 'while the probe is under way').toEqual(['b', 'a'])
    health.end(a, good)
    expect(order()).toEqual(['a', 'b'])
    expect(events.at(-1)).toBe('a readmitted')
  })

  test('is ejected anew when the probe fails', () => {
    nowMs += DEFAULT_HEALTH.ejectForMs
    health.begin(a)
    health.end(a, bad)
    expect(events.at(-1)).toBe('a ejected: failed probe')
    nowMs += DEFAULT_HEALTH.ejectForMs - 1
    expect(order()).toEqual(['b', 'a'])
  })

  test('is probed again when the caller of the probe has gone', () => {
    nowMs += DEFAULT_HEALTH.ejectForMs
    health.begin(a)
    health.end(a, { kind: 'cancelled' })
    expect(order()).toEqual(['a', 'b'])
  })

  test('is not probed by calls while there is no budget for another attempt', () => {
    nowMs += DEFAULT_HEALTH.ejectForMs
    expect(order([a, b], false)).toEqual(['b', 'a'])
  })

  test('is not ejected for longer by failures of calls that began earlier', () => {
    nowMs += 10
    repeat(3, bad)
    nowMs += DEFAULT_HEALTH.ejectForMs - 10
    expect(order()).toEqual(['a', 'b'])
  })

  test('is left to its check where it has one', () => {
    const checked = attemptAt('c', { failuresToEject: 1, ejectForMs: 10, check: { path: '/models', everyMs: 5 } })
    health.end(checked, bad)
    nowMs += 1000
    expect(order([checked, b])).toEqual(['b', 'c'])
    expect(health.isEjected('c')).toBe(true)
    health.readmit('c')
    expect(order([checked, b])).toEqual(['c', 'b'])
  })

  test('is asked all the same when it is the only one, or when all are', () => {
    expect(order([a])).toEqual(['a'])
    eject(b)
    expect(order()).toEqual(['a', 'b'])
  })

  test('is shown with the time until which it is', () => {
    const { ejectForMs, failuresToEject } = DEFAULT_HEALTH
    const shown = { targetId: 'a', state: 'ejected', consecutiveFailures: failuresToEject, untilMs: nowMs + ejectForMs }
    expect(health.stateOf('a')).toEqual(shown)
    nowMs += ejectForMs
    expect(health.stateOf('a').state).toBe('half open')
    expect(health.stateOf('b')).toEqual({ targetId: 'b', state: 'well', consecutiveFailures: 0, untilMs: null })
  })
})

describe('a target that asks for a pause', () => {
  it.each([
    ['what it asked for', outcomeOf('RateLimited', 7000), 7000],
    ['a second where it does not say', outcomeOf('RateLimited'), DEFAULT_COOLING_MS],
    ['what an overloaded one asked for', outcomeOf('Overloaded', 3000), 3000],
    ['no longer than the bound', outcomeOf('RateLimited', MAX_COOLING_MS * 2), MAX_COOLING_MS],
  ])('cools down for %s', (_, outcome, forMs) => {
    health.end(a, outcome)
    nowMs += forMs - 1
    expect(order()).toEqual(['b', 'a'])
    expect(health.stateOf('a').state).toBe('cooling')
    nowMs += 1
    expect(order()).toEqual(['a', 'b'])
    expect(events).toEqual([])
  })

  test('is not asked sooner because another answer asks for less', () => {
    health.end(a, outcomeOf('RateLimited', 7000))
    health.end(a, outcomeOf('RateLimited', 10))
    nowMs += 6999
    expect(order()).toEqual(['b', 'a'])
  })
})

test('no more targets are remembered than the bound', () => {
  for (let index = 0; index <= MAX_TARGETS; index += 1) eject(attemptAt(`t${index}`))
  expect(health.stateOf('t0').state).toBe('well')
  expect(health.stateOf('t1').state).toBe('ejected')
})

test('whatever happens, every target is in the order once', () => {
  const targets = ['a', 'b', 'c'].map((targetId) => attemptAt(targetId))
  const outcomes = [good, bad, outcomeOf('RateLimited', 5), outcomeOf('BadRequest'), { kind: 'cancelled' } as const]
  const step = fc.record({ target: fc.nat(2), outcome: fc.nat(4), afterMs: fc.constantFrom(0, 5, 30_000) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      for (const { target, outcome, afterMs } of steps) {
        nowMs += afterMs
        const attempt = targets[target] ?? a
        health.begin(attempt)
        health.end(attempt, outcomes[outcome] ?? good)
        expect(order(targets).toSorted()).toEqual(['a', 'b', 'c'])
      }
    }),
  )
})
