// Every detector of the table fires on its own sample, and a policy whose scanner is gone is found out.
import { describe, expect, test } from 'vitest'
import { compilePolicy } from '../../../../proxy/redact/detectors/policy.ts'
import { DETECTORS } from '../../../../proxy/redact/detectors/table.ts'
import { silentDetectors } from '../../../../proxy/redact/work/self-test.ts'
import type { Redaction } from '../../../../proxy/table/schema.ts'

const everything: Redaction = {
  profile: 'Strict',
  add: DETECTORS.map(({ name }) => name),
  remove: [],
  mode: 'Enforce',
  onFailure: 'Refuse',
}

describe('the self-test', () => {
  test('finds no detector of the table silent', () => {
    expect(silentDetectors(compilePolicy({ redaction: everything, wordLists: new Map() }))).toEqual([])
  })

  test('names every detector of a policy that has lost its scanners', () => {
    const policy = compilePolicy({ redaction: everything, wordLists: new Map() })
    const withSample = DETECTORS.filter(({ sample }) => sample !== '').map(({ name }) => name)
    expect(withSample.length).toBeGreaterThan(0)
    expect(silentDetectors({ ...policy, scanners: [] })).toEqual(withSample)
  })
})
