// The pattern engine against V8's: on patterns that the checker lets through, both find the same matches.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Detection } from '../../../../../proxy/redact/detectors/detection.ts'
import { unitsOf } from '../../../../../proxy/redact/detectors/text/units.ts'
import { createPatternScanner } from '../../../../../proxy/redact/detectors/patterns/scan.ts'
import { checkPattern } from '../../../../../proxy/redact/detectors/patterns/syntax.ts'

function ours(pattern: string, text: string): string[] {
  const found: Detection[] = []
  createPatternScanner([pattern])(unitsOf(text), found, { isEnabled: () => true, label: null })
  return found.map(({ start, end }) => `${start}-${end}`)
}

function theirs(pattern: string, text: string): string[] {
  const ignoresCase = pattern.startsWith('(?i)')
  const expression = new RegExp(ignoresCase ? pattern.slice(4) : pattern, ignoresCase ? 'gi' : 'g')
  return [...text.matchAll(expression)]
    .filter(([match]) => match !== '')
    .map((match) => `${match.index}-${match.index + match[0].length}`)
}

const atom = fc.constantFrom(
  'a',
  'b',
  'A',
  '1',
  '-',
  '[ab]',
  '[^a]',
  '[a-c1]',
  '\\d',
  '\\w',
  '\\W',
  '\\s',
  '.',
  '张',
  '[一-龥]',
  '\\x61',
  '\\u5f20',
)
const count = fc.constantFrom('', '', '', '?', '*', '+', '{2}', '{1,3}', '{2,}', '??', '*?', '+?', '{1,3}?')
const edge = fc.constantFrom('', '', '', '', '', '\\b', '\\B', '^', '$')
const { pattern } = fc.letrec<{ pattern: string; sequence: string; part: string }>((tie) => ({
  pattern: fc.oneof(
    { maxDepth: 3 },
    tie('sequence'),
    fc.tuple(tie('sequence'), tie('sequence')).map(([a, b]) => `${a}|${b}`),
  ),
  sequence: fc.array(tie('part'), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('')),
  part: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'part' },
    fc.tuple(edge, atom, count).map(([before, one, many]) => before + one + many),
    fc.tuple(tie('pattern'), count).map(([inner, many]) => `(${inner})${many}`),
    tie('pattern').map((inner) => `(?:${inner})`),
  ),
}))
const text = fc
  .array(fc.constantFrom('a', 'b', 'A', 'c', '1', '2', '-', ' ', '\n', '张', '_', 'z'), { maxLength: 40 })
  .map((units) => units.join(''))

describe('the pattern engine', () => {
  test('finds what V8 finds, for every pattern that the checker lets through', () => {
    let judged = 0
    fc.assert(
      fc.property(
        fc.tuple(fc.constantFrom('', '', '(?i)'), pattern),
        fc.array(text, { minLength: 4, maxLength: 4 }),
        ([flag, body], texts) => {
          const written = flag + body
          if (checkPattern(written).kind === 'refused') return
          judged++
          for (const one of texts)
            expect(ours(written, one), `${written} in ${JSON.stringify(one)}`).toEqual(theirs(written, one))
        },
      ),
      { numRuns: 1200 },
    )
    expect(judged).toBeGreaterThan(50)
  })

  test('answers every text with a yes or with a sentence, and runs what it says yes to', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (written) => {
        const check = checkPattern(written)
        const answer = check.kind === 'refused' ? check.reason : ours(written, written)
        expect(answer.length).toBeGreaterThanOrEqual(check.kind === 'refused' ? 10 : 0)
      }),
      { numRuns: 400 },
    )
  })
})
