// What holds for any text: findings lie inside it and on whole words, a detector that is off finds nothing, hostile
// text costs no more than its length, and the dictionaries stay small and are opened only when they are wanted.

import { readdirSync, statSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { unitsOf } from '../../../../../proxy/redact/detectors/text/units.ts'
import { createProseScanner, PROSE_DETECTORS } from '../../../../../proxy/redact/detectors/prose/prose.ts'
import { readShippedDictionary } from '../../../../../proxy/redact/detectors/prose/shipped.ts'
import { createScan } from './scan.ts'

const scan = createScan()
const PIECES = [
  'Maria Schneider',
  '王建国',
  '张',
  '阿尔·',
  '221 Baker Street',
  ', ',
  ' ',
  '\n',
  'London NW1 6XE',
  '号',
  '12',
  'born on ',
  'Mr. ',
  'O’Brien',
  'van der ',
  "'s",
  '北京市海淀区中关村大街27号',
  'é',
  '😀',
  '\ud800',
  'Apt. 7',
  '@',
  '1984-03-12',
  '先生',
  'and ',
] as const

describe('the prose scanner', () => {
  it('finds the sample of each of its detectors', () => {
    for (const { name, sample } of PROSE_DETECTORS) {
      expect(scan(sample, { enabled: [name] }).map(({ type }) => type)).toContain(name)
    }
  })

  it('finds the same stretches, inside the text and not empty, however a text is put together', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }), (pieces) => {
        const text = pieces.join('')
        const found = scan(text)
        expect(scan(text)).toEqual(found)
        for (const { start, end } of found) {
          expect(start).toBeGreaterThanOrEqual(0)
          expect(end).toBeGreaterThan(start)
          expect(end).toBeLessThanOrEqual(text.length)
        }
      }),
      { numRuns: 25 },
    )
  })

  it('never throws, whatever the code units', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        expect(() => scan(text)).not.toThrow()
      }),
    )
  })

  it('finds nothing for a detector that is off', () => {
    const text = 'Maria Schneider, born on 12 March 1984, lives at 221 Baker Street, London NW1 6XE'
    expect(scan(text, { enabled: [] })).toEqual([])
    expect(new Set(scan(text, { enabled: ['BirthDate'] }).map(({ type }) => type))).toEqual(new Set(['BirthDate']))
  })

  it('opens no dictionary before a text wants one', () => {
    const opened: string[] = []
    const scanner = createProseScanner((name) => {
      opened.push(name)
      return readShippedDictionary(name)
    })
    scanner(unitsOf('Maria Schneider'), [], { isEnabled: () => false, label: null })
    expect(opened).toEqual([])
    scanner(unitsOf('Maria Schneider'), [], { isEnabled: () => true, label: null })
    scanner(unitsOf('Maria Schneider'), [], { isEnabled: () => true, label: null })
    expect(opened.toSorted()).toEqual(['han-gate.bin', 'han-weights.bin', 'han-words.bin', 'latin-words.bin'])
  })

  it.each(['Aa ', '张', '1 ', 'a', '王一', '阿尔·', '欧阳', '1 Aa ', 'Apt. 1\n', '1号', 'John Smith, ', "O'", 'A. '])(
    'takes time in proportion to the length of %j repeated',
    (piece) => {
      const timeOf = (length: number): number => {
        const text = piece.repeat(Math.ceil(length / piece.length))
        const began = performance.now()
        scan(text)
        return performance.now() - began
      }
      timeOf(4_096)
      const small = Math.min(timeOf(4_096), timeOf(4_096), timeOf(4_096))
      // Thirty-two times the text: linear is 32, quadratic 1,024. On a busy machine a run may be put off for a while.
      const most = small * 112 + 40
      let large = Infinity
      for (let run = 0; run < 8 && large >= most; run++) large = Math.min(large, timeOf(131_072))
      expect(large).toBeLessThan(most)
    },
  )

  it('ships dictionaries of less than 5 MB in all', () => {
    const folder = new URL('../../../../../proxy/redact/detectors/prose/dictionaries/', import.meta.url)
    const sizes = readdirSync(folder)
      .filter((name) => name.endsWith('.bin'))
      .map((name) => statSync(new URL(name, folder)).size)
    expect(sizes.length).toBe(4)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(5_000_000)
  })
})
