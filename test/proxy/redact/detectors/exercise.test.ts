// Detection warmed up before the first call: every step reads a text in which detectors fire, and there is an end.
import { expect, test } from 'vitest'

import { exercise, EXERCISE_STEPS } from '../../../../proxy/redact/detectors/exercise.ts'
import { compilePolicy } from '../../../../proxy/redact/detectors/policy.ts'
import { DETECTORS } from '../../../../proxy/redact/detectors/table.ts'

test('each step finds much, and together they have read the sample of every detector of the policy', () => {
  const redaction = { profile: 'Standard', add: [], remove: [], mode: 'Enforce', onFailure: 'Refuse' } as const
  const policy = compilePolicy({ redaction, wordLists: new Map() })
  const read: string[] = []
  const spied = {
    ...policy,
    scanners: policy.scanners.map((scan): (typeof policy.scanners)[number] => (text, found, scope) => {
      read.push(text)
      scan(text, found, scope)
    }),
  }
  const found = [...exercise(spied, 24)]
  expect(Math.min(...found)).toBeGreaterThan(5)
  const all = read.join('\n')
  expect(DETECTORS.filter(({ sample }) => !all.includes(sample))).toEqual([])
})

test('it ends by itself', () => {
  const policy = { isEnabled: () => false, scanners: [], enabled: [] }
  expect([...exercise(policy)]).toHaveLength(EXERCISE_STEPS)
})
