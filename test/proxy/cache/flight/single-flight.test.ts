// Who leads, who joins, who leaves and what each of them gets; the provider is a promise that the test settles.
import { Buffer } from 'node:buffer'
import { describe, expect, it, test } from 'vitest'
import { Caller } from '../../../../proxy/caller.ts'
import type { Entrant, Led, Share } from '../../../../proxy/cache/flight/entrant.ts'
import { MAX_PASSENGERS } from '../../../../proxy/cache/flight/flight.ts'
import { RecordingBudget } from '../../../../proxy/cache/flight/recording-budget.ts'
import type { RecordingEnd } from '../../../../proxy/cache/flight/recording.ts'
import { MAX_FLIGHTS, SingleFlight } from '../../../../proxy/cache/flight/single-flight.ts'
import { failure, type Failure } from '../../../../proxy/errors.ts'
import type { Answered } from '../../../../proxy/exchange.ts'
import type { FailoverClass } from '../../../../proxy/table/schema.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const RECORDS = [{ targetId: 'openai', outcome: '200', failureClass: null, durationMs: 5 }]

/** Calls at a provider, in the order in which they were made. */
interface Call {
  readonly by: string
  readonly caller: Caller
  readonly end: (led: Led) => void
  readonly fail: (fault: Error) => void
}

function scene() {
  const clock = new ManualClock()
  const budget = new RecordingBudget()
  const timers = {
    start: (delayMs: number, run: () => void) => ({ refresh: () => {}, close: clock.after(delayMs, run) }),
  }
  const flights = new SingleFlight<string>({ timers, budget })
  const calls: Call[] = []
  const ends: string[] = []
  const enter = (name: string, { key = 'k', body = 'b', leftMs = null }: Partial<Asked> = {}) => {
    const caller = new Caller()
    const entrant: Entrant<string> = {
      caller,
      body: Buffer.from(body),
      leftMs: () => leftMs,
      marks: name,
      lead: (own) => {
        const { promise, resolve, reject } = Promise.withResolvers<Led>()
        own.whenGone(() => resolve({ attempt: null, records: RECORDS, result: GONE }))
        calls.push({ by: name, caller: own, end: resolve, fail: reject })
        return promise
      },
      onEnded: (_: Led<string>, { kind }: RecordingEnd) => ends.push(`${name} ${kind}`),
    }
    return { caller, share: flights.take(key, entrant) }
  }
  return { flights, calls, ends, clock, enter }
}

interface Asked {
  readonly key: string | null
  readonly body: string
  readonly leftMs: number | null
}

const GONE = failure('caller_gone', 'gone')

function answer(text: string, status = 200, failureClass: FailoverClass | null = null): Led {
  const head = { kind: 'answered', retryAfterMs: null, headers: {}, isEventStream: false } as const
  return { attempt: null, records: RECORDS, result: { ...head, status, failureClass, body: Buffer.from(text) } }
}

const failed = (result: Failure): Led => ({ attempt: null, records: RECORDS, result })

/** `led by a: text`, or the code of the failure. */
function told({ role, marks, result }: Share<string>): string {
  return `${role} by ${marks}: ${result.kind === 'failure' ? result.code : textOf(result)}`
}

function textOf({ body }: Answered): string {
  return 'start' in body ? 'a stream' : body.toString()
}

const tellAll = async (entered: readonly { readonly share: Promise<Share<string>> }[]) =>
  Promise.all(entered.map(async ({ share }) => told(await share)))

describe('callers who ask the same at the same time', () => {
  it('cost one call, and each gets its answer with the name of who made it', async () => {
    const { calls, enter, ends, flights } = scene()
    const entered = [enter('a'), enter('b'), enter('c')]
    calls[0]?.end(answer('hello'))
    expect(await tellAll(entered)).toEqual(['led by a: hello', 'joined by a: hello', 'joined by a: hello'])
    expect([calls.length, ends, flights.size]).toEqual([1, ['a complete'], 0])
  })

  it('tell the attempts of their call once', async () => {
    const { calls, enter } = scene()
    const [a, b] = [enter('a'), enter('b')]
    calls[0]?.end(answer('hello'))
    expect([(await a.share).records, (await b.share).records]).toEqual([RECORDS, []])
  })

  it('do not meet under other keys, nor without one', async () => {
    const { calls, enter } = scene()
    const entered = [enter('a'), enter('b', { key: 'other' }), enter('c', { key: null }), enter('d', { key: null })]
    for (const { by, end } of calls) end(answer(by))
    expect(await tellAll(entered)).toEqual(['a', 'b', 'c', 'd'].map((name) => `led by ${name}: ${name}`))
  })

  it('lead a new call once the last one is over', async () => {
    const { calls, enter } = scene()
    const a = enter('a')
    calls[0]?.end(answer('one'))
    await a.share
    const b = enter('b')
    calls[1]?.end(answer('two'))
    expect(told(await b.share)).toBe('led by b: two')
  })

  test('one that leads may go: the others get the answer and one of them tells the attempts', async () => {
    const { calls, enter } = scene()
    const [a, b, c] = [enter('a'), enter('b'), enter('c')]
    a.caller.hangUp()
    expect(told(await a.share)).toBe('led by a: caller_gone')
    expect(calls[0]?.caller.isGone).toBe(false)
    calls[0]?.end(answer('hello'))
    expect(await tellAll([b, c])).toEqual(['joined by a: hello', 'joined by a: hello'])
    expect([(await b.share).records, (await c.share).records]).toEqual([RECORDS, []])
  })

  test('the last one that goes ends the call, and who comes then begins anew', async () => {
    const { calls, enter, flights } = scene()
    const [a, b] = [enter('a'), enter('b')]
    b.caller.hangUp()
    expect(calls[0]?.caller.isGone).toBe(false)
    a.caller.hangUp()
    expect([calls[0]?.caller.isGone, flights.size]).toEqual([true, 0])
    const c = enter('c')
    calls[1]?.end(answer('hello'))
    expect(await tellAll([a, b, c])).toEqual(['led by a: caller_gone', 'joined by a: caller_gone', 'led by c: hello'])
    expect((await a.share).records).toEqual(RECORDS)
  })

  test('one whose time is over goes alone, and the last one ends the call', async () => {
    const { calls, enter, clock } = scene()
    const [a, b] = [enter('a', { leftMs: 50 }), enter('b', { leftMs: 500 })]
    clock.advance(51)
    expect(told(await a.share)).toBe('led by a: targets_failed')
    expect(calls[0]?.caller.isGone).toBe(false)
    clock.advance(500)
    expect(calls[0]?.caller.isGone).toBe(true)
    expect(told(await b.share)).toBe('joined by a: targets_failed')
    expect(clock.waiting).toBe(0)
  })

  test('one that has hung up before it asks costs no call that goes on', async () => {
    const { calls, enter } = scene()
    const a = enter('a')
    a.caller.hangUp()
    a.caller.hangUp()
    expect(told(await a.share)).toBe('led by a: caller_gone')
    expect(calls.map(({ caller }) => caller.isGone)).toEqual([true])
  })
})

describe('a call that fails', () => {
  it('in a way that may pass is tried by the next one, once for all who wait', async () => {
    const { calls, enter } = scene()
    const entered = ['a', 'b', 'c', 'd'].map((name) => enter(name))
    calls[0]?.end(failed(failure('targets_failed', '')))
    expect(told(await (entered[0]?.share ?? Promise.reject(new Error('no leader'))))).toBe('led by a: targets_failed')
    expect(calls.map(({ by }) => by)).toEqual(['a', 'b'])
    calls[1]?.end(answer('hello'))
    expect(await tellAll(entered.slice(1))).toEqual(['led by b: hello', 'joined by b: hello', 'joined by b: hello'])
  })

  it('twice is told to all who waited for both', async () => {
    const { calls, enter } = scene()
    const entered = ['a', 'b', 'c'].map((name) => enter(name))
    for (const index of [0, 1]) {
      calls[index]?.end(answer('down', 503, 'Overloaded'))
      await entered[index]?.share
    }
    expect(await tellAll(entered)).toEqual(['led by a: down', 'led by b: down', 'joined by b: down'])
    expect(calls).toHaveLength(2)
  })

  it('at its rate limit is told to all at once', async () => {
    const { calls, enter } = scene()
    const entered = ['a', 'b', 'c'].map((name) => enter(name))
    calls[0]?.end(answer('slow down', 429, 'RateLimited'))
    expect((await tellAll(entered))[2]).toBe('joined by a: slow down')
    expect(calls).toHaveLength(1)
  })

  it('because of its request is told to those who sent the same bytes', async () => {
    const { calls, enter } = scene()
    const entered = [enter('a'), enter('b', { body: ' b' }), enter('c')]
    calls[0]?.end(answer('no such field', 400, 'BadRequest'))
    expect(told(await (entered[2]?.share ?? Promise.reject(new Error('nobody'))))).toBe('joined by a: no such field')
    expect(calls.map(({ by }) => by)).toEqual(['a', 'b'])
    calls[1]?.end(answer('hello'))
    expect((await tellAll(entered))[1]).toBe('led by b: hello')
  })

  it('by a fault of the proxy rejects for its leader and is tried by the next one', async () => {
    const { calls, enter } = scene()
    const [a, b, c] = [enter('a'), enter('b'), enter('c')]
    calls[0]?.fail(new Error('a bug'))
    await expect(a.share).rejects.toThrow('a bug')
    calls[1]?.fail(new Error('again'))
    await expect(b.share).rejects.toThrow('again')
    await expect(c.share).rejects.toThrow('again')
  })
})

describe('over its bounds', () => {
  it('a call has no more than so many callers, and the next one leads another', async () => {
    const { calls, enter } = scene()
    const entered = Array.from({ length: MAX_PASSENGERS + 1 }, (_, index) => enter(String(index)))
    expect(calls.map(({ by }) => by)).toEqual(['0', String(MAX_PASSENGERS)])
    for (const { end } of calls) end(answer('hello'))
    await tellAll(entered)
  })

  it('there are no more than so many calls to join, and the rest go alone', async () => {
    const { calls, enter, flights } = scene()
    const entered = Array.from({ length: MAX_FLIGHTS }, (_, index) => enter('x', { key: String(index) }))
    entered.push(enter('one', { key: 'more' }), enter('two', { key: 'more' }))
    expect([flights.size, calls.length]).toEqual([MAX_FLIGHTS, MAX_FLIGHTS + 2])
    for (const { end } of calls) end(answer('hello'))
    await tellAll(entered)
    expect(flights.size).toBe(0)
  })
})
