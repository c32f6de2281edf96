// Which detectors a rule has: its profile, less `remove`, plus `add`.

import { describe, expect, test } from 'vitest'

import { detect } from '../../../../proxy/redact/detectors/detect.ts'
import { compilePolicy } from '../../../../proxy/redact/detectors/policy.ts'
import { DETECTORS } from '../../../../proxy/redact/detectors/table.ts'
import type { Redaction } from '../../../../proxy/table/schema.ts'

const TEXT = 'On 2024-02-29 bob@example.com rang 13812345678.'
const BASE: Redaction = { profile: 'Standard', add: [], remove: [], mode: 'Enforce', onFailure: 'Refuse' }

function typesOf(redaction: Partial<Redaction>): readonly string[] {
  const policy = compilePolicy({ redaction: { ...BASE, ...redaction }, wordLists: new Map(), prose: () => undefined })
  return detect(TEXT, policy).map(({ type }) => type)
}

describe('a rule detects', () => {
  test.each<[string, Partial<Redaction>, readonly string[]]>([
    ['what its profile has', {}, ['Email', 'Phone']],
    ['dates too when strict', { profile: 'Strict' }, ['Date', 'Email', 'Phone']],
    ['no person’s data with credentials alone', { profile: 'Credentials' }, []],
    ['what is added', { profile: 'Credentials', add: ['Email'] }, ['Email']],
    ['not what is removed', { remove: ['Email'] }, ['Phone']],
    ['not what is both added and removed', { add: ['Date'], remove: ['Date', 'Phone'] }, ['Email']],
  ])('%s', (_, redaction, expected) => {
    expect(typesOf(redaction)).toEqual(expected)
  })
})

test('every detector of Standard is in Strict, and names are given once', () => {
  const standard = DETECTORS.filter(({ profiles }) => profiles.includes('Standard'))
  expect(standard.filter(({ profiles }) => !profiles.includes('Strict'))).toEqual([])
  expect(new Set(DETECTORS.map(({ name }) => name)).size).toBe(DETECTORS.length)
})
