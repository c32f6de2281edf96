// Which names a pattern stands for.
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { isGlob, matchesGlob } from '../../../proxy/table/glob.ts'

describe('matchesGlob', () => {
  it.each([
    ['gpt-4', 'gpt-4', true],
    ['gpt-4', 'gpt-40', false],
    ['gpt-4', 'GPT-4', false],
    ['*', '', true],
    ['*', 'anything/at-all', true],
    ['gpt-*', 'gpt-', true],
    ['gpt-*', 'gpt', false],
    ['*-mini', 'gpt-5-mini', true],
    ['*-mini', 'gpt-5-minis', false],
    ['gpt-*-mini', 'gpt-5-mini-mini', true],
    ['gpt-?', 'gpt-5', true],
    ['gpt-?', 'gpt-', false],
    ['gpt-?', 'gpt-51', false],
    ['**a**', 'bab', true],
    ['a.c', 'abc', false],
    ['', '', true],
    ['', 'a', false],
  ])('says of pattern %j and model %j: %s', (pattern, text, expected) => {
    expect(matchesGlob(pattern, { text })).toBe(expected)
  })

  test('agrees with the same pattern as a regular expression', () => {
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 })
    const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 })
    fc.assert(
      fc.property(pattern, text, (glob, model) => {
        const expression = new RegExp(`^${glob.replaceAll('*', '.*').replaceAll('?', '.')}$`)
        expect(matchesGlob(glob, { text: model })).toBe(expression.test(model))
      }),
    )
  })

  test('takes no exponential time on a pattern made for it', () => {
    const startMs = performance.now()
    expect(matchesGlob('*a'.repeat(100), { text: `${'a'.repeat(255)}b` })).toBe(false)
    expect(performance.now() - startMs).toBeLessThan(1000)
  })

  it.each([
    ['auto', false],
    ['gpt-*', true],
    ['gpt-?', true],
  ])('%j is a pattern: %s', (name, expected) => {
    expect(isGlob(name)).toBe(expected)
  })
})
