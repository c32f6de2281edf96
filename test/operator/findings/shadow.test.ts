// What covers what: a table, and the property that nothing is called covered that is not.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { coversCircumstances, globCovers, globsMeet, shadows } from '../../../operator/findings/shadow.ts'

describe('globCovers', () => {
  test.each([
    ['*', 'anything', true],
    ['*', '*', true],
    ['*', '', true],
    ['gpt-*', 'gpt-5', true],
    ['gpt-*', 'gpt-', true],
    ['gpt-*', 'gpt-5-*', true],
    ['gpt-*', 'gpt?5', false],
    ['gpt-5', 'gpt-5', true],
    ['gpt-5', 'gpt-*', false],
    ['gpt-?', 'gpt-5', true],
    ['gpt-?', 'gpt-?', true],
    ['gpt-?', 'gpt-*', false],
    ['gpt-?', 'gpt-55', false],
    ['*-mini', 'gpt-*-mini', true],
    ['*-mini', 'gpt-mini-*', false],
    ['a*b*c', 'a-b-c', true],
    ['a*b*c', 'acb', false],
    ['**', 'x*', true],
    ['', '', true],
    ['', 'x', false],
  ])('%j over %j is %s', (wide, narrow, expected) => {
    expect(globCovers(wide, narrow)).toBe(expected)
  })

  test('is never true for a glob that matches a text the wider one does not', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 6 })
    const texts = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 })
    const property = fc.property(letters, letters, texts, (wide, narrow, text) => {
      fc.pre(globCovers(wide, narrow) && matches(narrow, text))
      expect(matches(wide, text)).toBe(true)
    })
    fc.assert(property, { numRuns: 500 })
  })
})

/** An independent matcher: the glob as a regular expression. */
function matches(glob: string, text: string): boolean {
  const source = glob.replace(/[*?]/g, (wildcard) => (wildcard === '*' ? '.*' : '.'))
  return new RegExp(`^${source}$`).test(text)
}

describe('a rule is shadowed', () => {
  test.each([
    ['by a rule for every model', [], ['gpt-5'], true],
    ['by a rule for every model, when it is for every model itself', [], [], true],
    ['by a star, when it is for every model itself', ['*'], [], true],
    ['not by some models, when it is for every model itself', ['gpt-*'], [], false],
    ['when each of its globs is covered', ['a*', 'b*'], ['a1', 'b1'], true],
    ['not when one of its globs is free', ['a*'], ['a1', 'b1'], false],
  ])('%s', (_, earlier, later, expected) => {
    expect(shadows(earlier, later)).toBe(expected)
  })
})

describe('circumstances are covered', () => {
  const gold = { tier: 'gold' }
  test.each([
    ['by content that holds each of the other', { content: ['Code', 'Text'] }, { content: ['Code'] }, true],
    ['not by content of less', { content: ['Code'] }, { content: ['Code', 'Text'] }, false],
    ['not by any content where the other looks at none', { content: ['Code'] }, {}, false],
    ['by a wider range of lengths', { contextTokens: { min: 1 } }, { contextTokens: { min: 1, max: 9 } }, true],
    ['not by a range that ends earlier', { contextTokens: { max: 8 } }, { contextTokens: { max: 9 } }, false],
    ['by no labels', {}, { podLabels: gold }, true],
    ['by the same labels and more on the other', { podLabels: gold }, { podLabels: { ...gold, app: 'a' } }, true],
    ['not by labels that the other does not look for', { podLabels: gold }, {}, false],
  ])('%s', (_, wide, narrow, expected) => {
    expect(coversCircumstances(wide, narrow)).toBe(expected)
  })
})

describe('globsMeet', () => {
  test.each([
    [[], ['a'], true],
    [['gpt-*'], ['gpt-5'], true],
    [['gpt-*'], ['claude-*'], false],
    [['gpt-*'], ['*-mini'], true],
    [['gpt-5'], ['gpt-4'], false],
    [['*-mini'], ['*-max'], false],
  ])('%j and %j: %s', (one, other, expected) => {
    expect(globsMeet(one, other)).toBe(expected)
  })

  test('is never false where a text matches both', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 6 })
    const texts = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 6 })
    const property = fc.property(letters, letters, texts, (one, other, text) => {
      fc.pre(one !== '' && other !== '' && matches(one, text) && matches(other, text))
      expect(globsMeet([one], [other])).toBe(true)
    })
    fc.assert(property, { numRuns: 300 })
  })
})
