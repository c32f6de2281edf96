// Applies each wrong resource to the real API server with kubectl and holds what is printed to the word.
// The sentences are printed, too: they are what a user has to go by.
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { wrongResources } from '../crds/wrong-resources.ts'
import { installCrds } from '../support/crds.ts'
import { connectTo } from '../support/kubernetes/api-access.ts'

const api = connectTo(inject('api'))
const printed: string[] = []
let namespace = ''

beforeAll(async () => {
  await installCrds(api)
  namespace = await api.createNamespace('wrong')
})
afterAll(() => console.log(['What kubectl apply says:', ...printed].join('\n')))

async function apply(object: { readonly kind: string; readonly spec: unknown }): Promise<string> {
  const manifest = { apiVersion: 'modelroute.dev/v1alpha1', metadata: { name: 'wrong' }, ...object }
  const applied = await api.kubectl(['-n', namespace, 'apply', '-f', '-'], { stdin: JSON.stringify(manifest) })
  expect(applied).toMatchObject({ code: 1, stdout: '' })
  printed.push(`- ${applied.stderr.trim()}`)
  return applied.stderr.trim()
}

/** kubectl puts several faults on lines of their own, and says so when it has left rules unchecked. */
const unchecked =
  '<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; ' +
  'correct the existing errors to complete validation'

describe('kubectl apply of a wrong resource', () => {
  test.each(wrongResources.filter(({ sentence }) => sentence !== undefined))(
    '$mistake: says what to do',
    async ({ kind, spec, path, value, sentence, kubectl }) => {
      const repeated = value === undefined ? '' : `"${value}": `
      const fault = kubectl ?? `Invalid value: ${repeated}${sentence}`
      expect(await apply({ kind, spec })).toBe(`The ${kind} "wrong" is invalid: ${path}: ${fault}`)
    },
  )

  test.each(wrongResources.filter(({ sentence }) => sentence === undefined))(
    '$mistake: says what is allowed',
    async ({ kind, spec, path, kubectl }) => {
      const fault = `${path}: ${kubectl}`
      const alone = `The ${kind} "wrong" is invalid: ${fault}`
      const withNote = `The ${kind} "wrong" is invalid: \n* ${fault}\n* ${unchecked}`
      expect([alone, withNote]).toContain(await apply({ kind, spec }))
    },
  )

  test('a misspelt field: names it', async () => {
    const spec = { podSelector: {}, rules: [{ name: 'all', backend: [{ providerRef: { name: 'openai' } }] }] }
    expect(await apply({ kind: 'ModelRoute', spec })).toBe(
      'Error from server (BadRequest): error when creating "STDIN": ModelRoute in version "v1alpha1" cannot be ' +
        'handled as a ModelRoute: strict decoding error: unknown field "spec.rules[0].backend"',
    )
  })
})
