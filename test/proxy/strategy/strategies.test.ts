// Each strategy over facts and a number of the test's own: which target is asked first, and in which shares.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HALF_LIFE_MS, DecayedMean, MAX_WEIGHT } from '../../../proxy/strategy/decayed-mean.ts'
import { saltOf } from '../../../proxy/strategy/rendezvous.ts'
import { STRATEGY_RULES } from '../../../proxy/strategy/strategy.ts'
import { STRATEGIES, type StrategyName } from '../../../proxy/table/strategy-schema.ts'
import { candidatesOf, draw, known, type CandidateSpec } from './facts.ts'

type Specs = Readonly<Record<string, CandidateSpec>>

function orderBy(strategy: StrategyName, specs: Specs, different: Parameters<typeof draw>[1] = {}, uniform = 0.5) {
  const ranked = STRATEGY_RULES[strategy].rank(candidatesOf(specs), draw(uniform, different))
  return ranked.map(({ candidate }) => candidate.attempt.targetId)
}

/** How often each is the first, over evenly spread numbers. */
function sharesBy(strategy: StrategyName, specs: Specs, different: Parameters<typeof draw>[1] = {}) {
  const counts: Record<string, number> = {}
  for (let step = 0; step < 1000; step += 1) {
    const [first = ''] = orderBy(strategy, specs, different, (step + 0.5) / 1000)
    counts[first] = (counts[first] ?? 0) + 1 / 1000
  }
  return counts
}

const streaming = (firstTokenMs: number, tokenMs = 10): CandidateSpec => ({
  facts: { firstTokenMs: known(firstTokenMs), tokenMs: known(tokenMs), outputTokens: known(100) },
})

describe('latency', () => {
  test('a target that is twice as slow gets next to nothing', () => {
    const shares = sharesBy('Latency', { fast: streaming(1000), slow: streaming(3000) })
    expect(shares['fast']).toBeGreaterThan(0.97)
    expect(shares['slow']).toBeGreaterThan(0)
  })

  test('one that is a little slower gets a little less, so that not everyone moves at once', () => {
    const { fast = 0, slow = 0 } = sharesBy('Latency', { fast: streaming(1000), slow: streaming(1100) })
    expect(slow).toBeGreaterThan(0.35)
    expect(slow).toBeLessThan(fast)
  })

  test('the time of the tokens counts as the time of the first one does', () => {
    const specs = { soon: streaming(100, 50), steady: streaming(1000, 10) }
    expect(orderBy('Latency', specs)).toEqual(['steady', 'soon'])
  })

  test('a call that is not streamed goes by whole answers', () => {
    const specs = {
      a: { facts: { firstTokenMs: known(1), wholeMs: known(9000) } },
      b: { facts: { firstTokenMs: known(5000), wholeMs: known(1000) } },
    }
    expect(orderBy('Latency', specs, { isStreaming: false })).toEqual(['b', 'a'])
  })

  test('a target of which nothing is known is tried, by few', () => {
    const { fresh = 0, bad = 0 } = sharesBy('Latency', { fresh: {}, good: streaming(1000), bad: streaming(9000) })
    expect(fresh).toBeGreaterThan(0.08)
    expect(fresh).toBeLessThan(0.25)
    expect(bad).toBeLessThan(0.01)
  })

  test('one that was not asked for long is tried again, a little', () => {
    const stale = { facts: { firstTokenMs: known(9000, 0.05), tokenMs: known(10, 0.05), outputTokens: known(100) } }
    const { old = 0 } = sharesBy('Latency', { old: stale, good: streaming(1000) })
    expect(old).toBeGreaterThan(0.01)
    expect(old).toBeLessThan(0.15)
  })

  test('one that hangs is noticed before it answers', () => {
    const hanging = { facts: { ...streaming(1000).facts, waitingMs: 20_000 } }
    expect(sharesBy('Latency', { hanging, other: streaming(2000) })['other']).toBeGreaterThan(0.99)
  })

  test('more answers at once than times are known for count as slower, fewer do not count', () => {
    const loaded = (outstanding: number) => ({
      facts: { ...streaming(1000).facts, outstanding, usuallyOutstanding: known(20) },
    })
    const order = (outstanding: number) => orderBy('Latency', { loaded: loaded(outstanding), other: streaming(2000) })
    expect(order(20)[0]).toBe('loaded')
    expect(order(1)[0]).toBe('loaded')
    expect(order(60)[0]).toBe('other')
  })

  test('failures make a quick target slow', () => {
    const failing = { facts: { ...streaming(500).facts, failureRate: known(0.7) } }
    expect(orderBy('Latency', { failing, other: streaming(1000) })[0]).toBe('other')
  })

  test('a spare is asked last, however fast', () => {
    expect(orderBy('Latency', { spare: { ...streaming(1), weight: 0 }, only: streaming(5000) })).toEqual([
      'only',
      'spare',
    ])
  })
})

describe('load', () => {
  const busy = (outstanding: number, weight = 1): CandidateSpec => ({ weight, facts: { outstanding } })

  test('of two the less busy one is asked', () => {
    expect(sharesBy('Load', { a: busy(3), b: busy(2) })).toEqual({ b: expect.closeTo(1) as number })
  })

  test('weight is capacity', () => {
    expect(sharesBy('Load', { large: busy(5, 4), small: busy(2) })).toEqual({ large: expect.closeTo(1) as number })
  })

  test('of many the least busy is not everyone’s choice', () => {
    const shares = sharesBy('Load', { a: busy(0), b: busy(1), c: busy(2), d: busy(3) })
    expect(shares['a']).toBeCloseTo(0.5, 1)
    expect(shares['b']).toBeGreaterThan(0.25)
    expect(shares['d'] ?? 0).toBe(0)
  })

  test('equal ones share by their weights', () => {
    const shares = sharesBy('Load', { a: busy(0), b: busy(0), c: busy(0) })
    for (const share of Object.values(shares)) expect(share).toBeCloseTo(1 / 3, 1)
  })
})

describe('cost', () => {
  const price = (input: number, output: number): CandidateSpec => ({ price: { input, output } })

  test('the cheapest first, those without a price last', () => {
    const specs = { unknown: {}, dear: price(900, 900), cheap: price(10, 10) }
    expect(orderBy('Cost', specs)).toEqual(['cheap', 'dear', 'unknown'])
  })

  test('which is cheapest depends on how long the prompt and the answers are', () => {
    const specs = { talker: price(10, 1000), reader: price(100, 100) }
    const answering = (tokens: number, inputTokens: number) =>
      Object.fromEntries(
        Object.entries(specs).map(([name, spec]) => [
          name,
          { ...spec, inputTokens, facts: { outputTokens: known(tokens) } },
        ]),
      )
    expect(orderBy('Cost', answering(1, 10_000))[0]).toBe('talker')
    expect(orderBy('Cost', answering(2000, 100))[0]).toBe('reader')
  })

  test('equal ones share by their weights', () => {
    const shares = sharesBy('Cost', { a: { ...price(5, 5), weight: 3 }, b: price(5, 5), dear: price(6, 6) })
    expect(shares).toEqual({ a: expect.closeTo(0.75, 1) as number, b: expect.closeTo(0.25, 1) as number })
  })
})

describe.each(STRATEGIES)('%s', (strategy) => {
  test('puts every target into the order once, whatever is known', () => {
    const estimate = fc.record({
      mean: fc.double({ min: 0, max: 1e6, noNaN: true }),
      weight: fc.constantFrom(0, 1, 32),
    })
    const spec = fc.record({
      weight: fc.nat(3),
      facts: fc.record({
        outstanding: fc.nat(9),
        waitingMs: fc.nat(9e5),
        firstTokenMs: estimate,
        failureRate: fc.constant(known(1)),
      }),
    })
    const specs = fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/), spec, { minKeys: 1, maxKeys: 6 })
    fc.assert(
      fc.property(specs, fc.double({ min: 0, max: 0.999999, noNaN: true }), (targets, uniform) => {
        expect(orderBy(strategy, targets, { salt: saltOf('x') }, uniform).toSorted()).toEqual(
          Object.keys(targets).toSorted(),
        )
      }),
      { numRuns: 40 },
    )
  })
})

describe('a mean that forgets', () => {
  test('knows half as much after each half-life, and nothing more when the clock goes back', () => {
    const mean = new DecayedMean()
    for (let at = 0; at < 100; at += 1) mean.add(10, 1000)
    expect(mean.at(1000)).toEqual({ mean: expect.closeTo(10) as number, weight: MAX_WEIGHT })
    expect(mean.at(1000 + HALF_LIFE_MS).weight).toBeCloseTo(MAX_WEIGHT / 2)
    expect(mean.at(-1e9).weight).toBe(MAX_WEIGHT)
  })

  test('follows a change within so many samples, however many there were before', () => {
    const mean = new DecayedMean()
    for (let at = 0; at < 10_000; at += 1) mean.add(10, 0)
    for (let at = 0; at < 2 * MAX_WEIGHT; at += 1) mean.add(100, 0)
    expect(mean.at(0).mean).toBeGreaterThan(85)
  })
})
