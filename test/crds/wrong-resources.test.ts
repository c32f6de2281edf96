// A folder of yaml is judged by the zod schemas alone: they must find every mistake that the API server finds, at the
// same place and with the same sentence.
import { describe, expect, test } from 'vitest'
import { modelProviderSpec } from '../../crds/model-provider.ts'
import { modelRouteSpec } from '../../crds/model-route.ts'
import { wrongResources } from './wrong-resources.ts'

function faultsOf(kind: 'ModelRoute' | 'ModelProvider', spec: unknown): { path: string; message: string }[] {
  const parsed = (kind === 'ModelRoute' ? modelRouteSpec : modelProviderSpec).safeParse(spec)
  return (parsed.error?.issues ?? []).map(({ path, message }) => ({ path: printPath(path), message }))
}

/** `['rules', 0, 'name']` -> `spec.rules[0].name` */
function printPath(steps: readonly PropertyKey[]): string {
  return steps.reduce<string>(
    (path, step) => (typeof step === 'number' ? `${path}[${step}]` : `${path}.${String(step)}`),
    'spec',
  )
}

describe('the schema of a resource', () => {
  test.each(wrongResources)('finds $mistake once, where it is', ({ kind, spec, path, sentence }) => {
    const faults = faultsOf(kind, spec)
    expect(faults.map((fault) => fault.path)).toEqual([path])
    expect(faults[0]).toMatchObject(sentence === undefined ? {} : { message: sentence })
  })

  test('reports all mistakes of one object at once', () => {
    const spec = {
      podSelector: {},
      rules: [
        { name: 'Chat', backends: [] },
        { name: 'all', backends: [{ providerRef: { name: 'openai' } }], timeouts: { idle: 'long' } },
      ],
    }
    expect(faultsOf('ModelRoute', spec).map(({ path }) => path)).toEqual([
      'spec.rules[0].name',
      'spec.rules[0].backends',
      'spec.rules[1].timeouts.idle',
    ])
  })
})
