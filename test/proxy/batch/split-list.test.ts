// The parts of a shared answer: nothing is lost, nothing is given twice, and the bytes of every entry stay.
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { Resting, MAX_RESTING, REST_MS, VAIN_BATCHES } from '../../../proxy/batch/resting.ts'
import { sharesOf, usageShares } from '../../../proxy/batch/shares.ts'
import { readList, splitList } from '../../../proxy/batch/split-list.ts'

const SHAPE = { list: 'data', index: 'index', usage: ['usage'] }

describe('shares', () => {
  it.each<[total: number, weights: readonly number[], shares: readonly number[]]>([
    [10, [1, 1, 1], [4, 3, 3]],
    [10, [0, 0], [5, 5]],
    [2, [1, 1, 1], [1, 1, 0]],
    [7, [7], [7]],
    [0, [3, 4], [0, 0]],
    [0.5, [1, 3], [0.125, 0.375]],
    [9_007_199_254_740_000, [1, 1], [4_503_599_627_370_000, 4_503_599_627_370_000]],
  ])('of %d by %j are %j', (total, weights, shares) => {
    expect(sharesOf(total, weights)).toEqual(shares)
  })

  test('of whole numbers add up to the whole, whatever the weights', () => {
    const weights = fc.array(fc.nat(100_000), { minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(fc.nat(1_000_000_000), weights, (total, parts) => {
        const shares = sharesOf(total, parts)
        expect(shares.every((share) => Number.isInteger(share) && share >= 0)).toBe(true)
        expect(shares.reduce((sum, share) => sum + share, 0)).toBe(total)
      }),
    )
  })

  test('of a usage: what was asked by the questions, what was answered by the answers, words to everyone', () => {
    const usage = {
      prompt_tokens: 30,
      completion_tokens: 10,
      total_tokens: 40,
      completion_tokens_details: { reasoning_tokens: 5 },
      promptTokensDetails: [{ modality: 'TEXT', tokenCount: 30 }],
      tier: 'default',
    }
    const [one, other] = usageShares(usage, { input: [2, 1], output: [1, 4] })
    expect(one).toEqual({
      prompt_tokens: 20,
      completion_tokens: 2,
      total_tokens: 22,
      completion_tokens_details: { reasoning_tokens: 1 },
      promptTokensDetails: [{ modality: 'TEXT', tokenCount: 20 }],
      tier: 'default',
    })
    expect(other).toMatchObject({ prompt_tokens: 10, completion_tokens: 8, total_tokens: 18 })
  })
})

test('any list, in any order, is divided into its own entries and joined again without a loss', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(sizes, fc.jsonValue({ maxDepth: 2 }), fc.nat(), (counts, extra, turn) => {
      const total = counts.reduce((sum, count) => sum + count, 0)
      const entries = Array.from({ length: total }, (_, index) => ({ index, vector: [index, extra] }))
      const at = turn % total
      const shuffled = [...entries.slice(at), ...entries.slice(0, at)].toReversed()
      const body = Buffer.from(JSON.stringify({ before: extra, data: shuffled, usage: { n: total }, after: extra }))
      const answer = readList(body, SHAPE, total)
      if (answer === null) throw new Error('it was not read')
      const parts = splitList(
        answer,
        SHAPE,
        counts.map((count) => ({ entries: count, weight: count })),
      )
      const read = parts.map((part) => JSON.parse(part.toString()) as { data: typeof entries; usage: { n: number } })
      expect(read.flatMap(({ data }) => data.map(({ vector }) => vector))).toEqual(
        entries.map(({ vector }) => JSON.parse(JSON.stringify(vector)) as unknown),
      )
      expect(read.map(({ data }) => data.map(({ index }) => index))).toEqual(
        counts.map((count) => Array.from({ length: count }, (_, index) => index)),
      )
      expect(read.map(({ usage }) => usage.n)).toEqual(counts)
    }),
  )
})

it.each<[what: string, body: string]>([
  ['too few entries', '{"data":[{"index":0}]}'],
  ['too many', '{"data":[{"index":0},{"index":1},{"index":2}]}'],
  ['one twice', '{"data":[{"index":0},{"index":0}]}'],
  ['one out of reach', '{"data":[{"index":0},{"index":2}]}'],
  ['no place', '{"data":[{"index":0},{"i":1}]}'],
  ['a place that is no whole number', '{"data":[{"index":0},{"index":1.0}]}'],
  ['the list twice', '{"data":[{"index":0},{"index":1}],"data":[]}'],
  ['no list', '{"data":{"0":{"index":0}}}'],
  ['an end that is missing', '{"data":[{"index":0},{"index":1}]'],
  ['a word in place of an answer', 'ok'],
])('an answer with %s is not divided', (_, body) => {
  expect(readList(Buffer.from(body), SHAPE, 2)).toBeNull()
})

describe('rest', () => {
  test('ends with its time, and a clock that was set back does not prolong it', () => {
    const resting = new Resting()
    for (let count = 0; count < VAIN_BATCHES; count += 1) {
      expect(resting.has('a', 1_000_000)).toBe(false)
      resting.note('a', true, 1_000_000)
    }
    expect([resting.has('a', 1_000_001), resting.has('b', 1_000_001)]).toEqual([true, false])
    expect(resting.has('a', 1_000_000 + REST_MS)).toBe(false)
    resting.note('a', true, 1_000_000)
    expect([resting.has('a', 1_000_001), resting.has('a', 0)]).toEqual([true, false])
  })

  test('does not come when batches are of use in between', () => {
    const resting = new Resting()
    for (const isInVain of [true, true, false, true, true]) resting.note('a', isInVain, 0)
    expect(resting.has('a', 1)).toBe(false)
  })

  test('is kept for so many scopes, the newest', () => {
    const resting = new Resting()
    for (let index = 0; index < VAIN_BATCHES * (MAX_RESTING + 1); index += 1) {
      resting.note(String(Math.floor(index / VAIN_BATCHES)), true, 0)
    }
    expect([resting.has('0', 1), resting.has('1', 1), resting.has(String(MAX_RESTING), 1)]).toEqual([false, true, true])
  })
})
