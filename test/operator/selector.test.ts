// Label selectors as Kubernetes defines them: both sides of each operator.
import { describe, expect, test } from 'vitest'
import { selects, selectsEverything } from '../../operator/selector.ts'

const pod = { app: 'chat', tier: 'front' }

describe('selects', () => {
  test.each([
    ['an empty selector selects', {}, true],
    ['an empty matchLabels selects', { matchLabels: {} }, true],
    ['an equal label selects', { matchLabels: { app: 'chat' } }, true],
    ['another value does not', { matchLabels: { app: 'mail' } }, false],
    ['all labels must hold', { matchLabels: { app: 'chat', tier: 'back' } }, false],
    ['a label that is not there is not the empty text', { matchLabels: { other: '' } }, false],
    ['a name every object inherits is no label', { matchLabels: { constructor: 'x' } }, false],
  ])('%s', (_, selector, expected) => {
    expect(selects(selector, pod)).toBe(expected)
  })

  test.each([
    ['In', 'app', ['mail', 'chat'], true],
    ['In', 'app', ['mail'], false],
    ['In', 'other', ['mail'], false],
    ['NotIn', 'app', ['chat'], false],
    ['NotIn', 'app', ['mail'], true],
    ['NotIn', 'other', ['mail'], true],
    ['Exists', 'app', undefined, true],
    ['Exists', 'other', undefined, false],
    ['Exists', 'toString', undefined, false],
    ['DoesNotExist', 'app', undefined, false],
    ['DoesNotExist', 'other', undefined, true],
  ] as const)('%s %s %j is %s', (operator, key, values, expected) => {
    const expression = { key, operator, ...(values ? { values: [...values] } : {}) }
    expect(selects({ matchExpressions: [expression] }, pod)).toBe(expected)
  })

  test('labels and expressions must both hold', () => {
    const matchExpressions = [{ key: 'tier', operator: 'Exists' as const }]
    expect(selects({ matchLabels: { app: 'chat' }, matchExpressions }, pod)).toBe(true)
    expect(selects({ matchLabels: { app: 'mail' }, matchExpressions }, pod)).toBe(false)
  })
})

test.each([
  [{}, true],
  [{ matchLabels: {}, matchExpressions: [] }, true],
  [{ matchLabels: { app: 'chat' } }, false],
  [{ matchExpressions: [{ key: 'app', operator: 'Exists' as const }] }, false],
])('selectsEverything(%j) is %s', (selector, expected) => {
  expect(selectsEverything(selector)).toBe(expected)
})
