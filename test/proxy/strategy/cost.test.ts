// What calls cost, to the last digit.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Usage } from '../../../proxy/dialect/neutral/chat.ts'
import { costOf, formatCost } from '../../../proxy/strategy/cost.ts'
import type { Price } from '../../../proxy/table/strategy-schema.ts'

const price: Price = { input: 250_000, output: 2_000_000, cachedInput: 25_000 }

describe('the cost of a call', () => {
  test.each<[string, Usage, Price, string]>([
    ['input and output', { inputTokens: 1000, outputTokens: 100 }, price, '0.00045'],
    ['cached input at its own price', { inputTokens: 1000, cachedInputTokens: 800, outputTokens: 0 }, price, '0.00007'],
    [
      'cached input without one',
      { inputTokens: 1000, cachedInputTokens: 800, outputTokens: 0 },
      { input: 250_000, output: 0 },
      '0.00025',
    ],
    ['a million of each', { inputTokens: 1_000_000, outputTokens: 1_000_000 }, price, '2.25'],
    [
      'one token, which a float of cents would lose',
      { inputTokens: 1, outputTokens: 0 },
      { input: 1, output: 0 },
      '0.000000000001',
    ],
    ['more cached than there were', { inputTokens: 10, cachedInputTokens: 1e9, outputTokens: 0 }, price, '0.00000025'],
    ['counts that are none', { inputTokens: -5, outputTokens: Number.NaN }, price, '0'],
  ])('%s', (_, usage, own, expected) => {
    expect(formatCost(costOf(usage, own))).toBe(expected)
  })

  test('is the sum of what its tokens cost one by one, however many', () => {
    const count = fc.integer({ min: 0, max: 2 ** 40 })
    fc.assert(
      fc.property(count, count, fc.integer({ min: 0, max: 1e12 }), (inputTokens, outputTokens, each) => {
        const one = costOf({ inputTokens: 1, outputTokens: 0 }, { input: each, output: each })
        const all = costOf({ inputTokens, outputTokens }, { input: each, output: each })
        expect(all).toBe(one * (BigInt(inputTokens) + BigInt(outputTokens)))
        const [whole = '', fraction = ''] = formatCost(all).split('.')
        expect(BigInt(whole + fraction.padEnd(12, '0'))).toBe(all)
      }),
    )
  })
})
