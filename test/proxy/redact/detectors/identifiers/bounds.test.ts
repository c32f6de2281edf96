// The scanner's bounds: it ends in linear time whatever the text, never throws, and finds nothing outside the text.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { findingsIn } from './finding.ts'

const PIECES = [
  ['a', '1', ' ', '@', 'a.', 'a@', '1-', '+1 (1 ', 'A1', 'Aa ', '张', '1 ', 'a:', '/', '_', '::', '1.', '(', '+', '一'],
  ['api_key=', 'http://a', 'DE89 ', 'AB 12 34 56 ', '138-', '微信:', '京A1', 'BIC ', '00:', 'AA-', '12345678', '1a'],
  ['身份证', '1381234567', '\u{1f600}', '\ud83d', '0x1f', 'bc1q', '.@.', 'x1x1', '６', '＠'],
].flat()

describe('the scanner of identifiers', () => {
  test(
    'takes a text of any repeated piece eight times as long in much less than the square of the time',
    { timeout: 60_000 },
    () => {
      for (const piece of PIECES) findingsIn(piece.repeat(2048))
      const slow = PIECES.filter((piece) => {
        const short = spentUs(piece.repeat(Math.ceil(8192 / piece.length)))
        const long = spentUs(piece.repeat(Math.ceil(65_536 / piece.length)))
        return long > short * 24 + 20_000
      })
      expect(slow).toEqual([])
    },
  )

  test('neither throws nor leaves the text, whatever pieces it is made of', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary', maxLength: 6 })), { maxLength: 40 }),
        (pieces) => {
          const text = pieces.join('')
          let last = 0
          for (const { start, end } of findingsIn(text)) {
            expect(start).toBeGreaterThanOrEqual(last)
            expect(end).toBeGreaterThan(start)
            expect(end).toBeLessThanOrEqual(text.length)
            last = end
          }
        },
      ),
      { numRuns: 600 },
    )
  })

  test('finds a value wherever it stands between other words', () => {
    const word = fc.constantFrom('so', '然后', 'x', '-', '"', '\n', ',', ' ')
    fc.assert(
      fc.property(fc.array(word), fc.array(word), (before, behind) => {
        const text = `${before.join(' ')} bob@example.com ${behind.join(' ')}`
        expect(findingsIn(text).map(({ type }) => type)).toEqual(['Email'])
      }),
    )
  })
})

/** The least of three runs, in microseconds of processor time. */
function spentUs(text: string): number {
  return Math.min(
    ...Array.from({ length: 3 }, () => {
      const before = process.cpuUsage()
      findingsIn(text)
      const { user, system } = process.cpuUsage(before)
      return user + system
    }),
  )
}
