// The policies of rules: word lists that have come, are missing or change; detectors that do not work; one policy for
// equal rules.
import { expect, test } from 'vitest'
import { DETECTORS } from '../../../../proxy/redact/detectors/table.ts'
import type { DetectionPolicy, PolicySource } from '../../../../proxy/redact/detectors/policy.ts'
import { MAX_POLICIES, Policies } from '../../../../proxy/redact/work/policies.ts'
import { PolicyOrders } from '../../../../proxy/redact/policy-orders.ts'
import { KeyRing } from '../../../../proxy/table/key-ring.ts'
import type { Redaction } from '../../../../proxy/table/schema.ts'
import { maskingRig } from '../masking-rig.ts'

const REDACTION: Redaction = { profile: 'Standard', add: [], remove: [], mode: 'Enforce', onFailure: 'Refuse' }
const RULE = 'test/rule'

function rig(silent: readonly string[] = []) {
  const keys = new KeyRing()
  const compiled: PolicySource[] = []
  const policy: DetectionPolicy = { isEnabled: () => true, scanners: [], enabled: [] }
  const compile = (source: PolicySource) => (compiled.push(source), policy)
  const policies = new Policies({ compile, silentDetectors: () => silent })
  const orders = new PolicyOrders(keys)
  const of = (rule: string, redaction: Redaction) => {
    const order = orders.of(rule, redaction)
    return 'kind' in order ? order : policies.of(order, rule)
  }
  return { keys, compiled, of }
}

test('equal rules share one policy, compiled once', () => {
  const { of, compiled } = rig()
  const first = of(RULE, REDACTION)
  expect(of(RULE, REDACTION)).toBe(first)
  expect(of('other', { ...REDACTION })).toBe(first)
  expect(compiled).toHaveLength(1)
})

test('a word list is read line by line, and read again when it has changed', () => {
  const { of, compiled, keys } = rig()
  const redaction = { ...REDACTION, wordLists: ['words/ns/names/list'] }
  expect(of(RULE, redaction)).toMatchObject({ code: 'masking_not_ready' })
  keys.replaceAll([{ id: 'words/ns/names/list', value: ' Falke \r\n\nProjekt Möwe\n' }])
  of(RULE, redaction)
  expect(compiled[0]?.wordLists).toEqual(new Map([['words/ns/names/list', ['Falke', 'Projekt Möwe']]]))
  keys.replaceAll([{ id: 'words/ns/names/list', value: 'Adler' }])
  of(RULE, redaction)
  expect(compiled[1]?.wordLists.get('words/ns/names/list')).toEqual(['Adler'])
  keys.replaceAll([])
  expect(of(RULE, redaction)).toMatchObject({ code: 'masking_not_ready' })
})

test('a detector that stays silent on its own sample closes the rule', () => {
  expect(rig(['Email']).of(RULE, REDACTION)).toMatchObject({
    code: 'masking_failed',
    message: 'Detectors of rule test/rule do not work: Email.',
  })
})

test('more different rules than are kept are compiled anew', () => {
  const { of, compiled } = rig()
  const redactions = Array.from({ length: MAX_POLICIES + 1 }, (_, index) => ({
    ...REDACTION,
    words: [`word ${index}`],
  }))
  for (const redaction of redactions) of(RULE, redaction)
  of(RULE, { ...REDACTION, words: ['word 0'] })
  expect(compiled).toHaveLength(MAX_POLICIES + 2)
})

test('a new table compiles its rules before the first call and tells of those that are closed', async () => {
  const broken = maskingRig({ silent: ['Email'] })
  await broken.masking.prepare({ routes: [{ ...broken.route, redact: REDACTION }, broken.route] })
  expect(broken.log).toEqual([{ route: broken.route.name, reason: expect.stringContaining('Email') as string }])
  const sound = maskingRig()
  await sound.masking.prepare({ routes: [{ ...sound.route, redact: { ...REDACTION, wordLists: ['not come'] } }] })
  expect(sound.log).toEqual([])
})

test('all detectors of the table have a word that a placeholder can hold', () => {
  const odd = DETECTORS.filter(({ placeholderWord }) => !/^[A-Z][A-Z0-9]{0,11}$/.test(placeholderWord))
  expect(odd.map(({ name }) => name)).toEqual([])
})
