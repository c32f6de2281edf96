// Shows that the API server itself takes the generated CRDs and every example, fills the defaults, and keeps status.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, inject, test } from 'vitest'
import { connectTo } from '../support/kubernetes/api-access.ts'
import { installCrds } from '../support/crds.ts'

const crdsFolder = fileURLToPath(new URL('../../crds/', import.meta.url))
const examplesFolder = join(crdsFolder, 'examples')
const api = connectTo(inject('api'))

beforeAll(() => installCrds(api))

describe('the generated CRDs', () => {
  test.each(['modelroutes', 'modelproviders'])(
    '%s is structural, established and without a terminating reason',
    async (plural) => {
      const conditions = await api.mustKubectl([
        'get',
        `crd/${plural}.modelroute.dev`,
        '-o',
        'jsonpath={range .status.conditions[*]}{.type}={.status} {end}',
      ])
      expect(conditions.trim().split(' ').toSorted()).toEqual(['Established=True', 'NamesAccepted=True'])
    },
  )

  test('give both resources their short names and one category', async () => {
    const listed = await api.mustKubectl(['api-resources', '--api-group=modelroute.dev', '-o', 'wide', '--no-headers'])
    expect(listed).toMatch(/^modelroutes\s+mr\s+modelroute\.dev\/v1alpha1\s+true\s+ModelRoute\s+.*modelroute-dev$/m)
    expect(listed).toMatch(
      /^modelproviders\s+mp\s+modelroute\.dev\/v1alpha1\s+true\s+ModelProvider\s+.*modelroute-dev$/m,
    )
  })
})

describe('kubectl get', () => {
  test.each(['modelroute', 'modelroutes', 'mr', 'ModelRoute'])('%s NAME finds a route', async (word) => {
    const namespace = await api.createNamespace('words')
    await api.mustKubectl(['-n', namespace, 'apply', '-f', '-'], { stdin: smallestRoute })
    const found = await api.mustKubectl(['-n', namespace, 'get', word, 'smallest', '-o', 'name'])
    expect(found).toBe('modelroute.modelroute.dev/smallest\n')
  })

  test('of the category finds both kinds', async () => {
    const namespace = await api.createNamespace('words')
    await api.mustKubectl(['-n', namespace, 'apply', '-f', join(examplesFolder, 'weights.yaml')])
    const found = await api.mustKubectl(['-n', namespace, 'get', 'modelroute-dev', '-o', 'name'])
    expect(found.trim().split('\n').toSorted()).toEqual([
      'modelprovider.modelroute.dev/openai',
      'modelroute.modelroute.dev/canary',
    ])
  })
})

/** Everything another backend may mend, and nothing that is the caller's or the key's own. */
const defaultClasses =
  'Connect Dns Tls Timeout Idle Reset RateLimited Overloaded Quota ModelNotFound ContextLength Server'.split(' ')

describe('the examples', () => {
  test.each(readdirSync(examplesFolder))('%s is accepted as it is', async (name) => {
    const namespace = await api.createNamespace('example')
    const applied = await api.kubectl(['-n', namespace, 'apply', '-f', join(examplesFolder, name)])
    expect(applied).toMatchObject({ code: 0, stderr: '' })
    expect(applied.stdout).toMatch(/modelroute\.modelroute\.dev\/\S+ created/)
  })

  test('a rule of names alone gets every default', async () => {
    const namespace = await api.createNamespace('defaults')
    await api.mustKubectl(['-n', namespace, 'apply', '-f', '-'], { stdin: smallestRoute })
    const spec = await api.mustKubectl(['-n', namespace, 'get', 'mr/smallest', '-o', 'jsonpath={.spec.rules[0]}'])
    expect(JSON.parse(spec)).toEqual({
      name: 'all',
      mode: 'Enforce',
      match: {},
      backends: [{ providerRef: { name: 'openai' }, weight: 1, tier: 0 }],
      timeouts: { firstToken: '60s', idle: '60s' },
      failover: { attempts: 3, when: defaultClasses },
    })
  })
})

describe('status', () => {
  test('is written on its own, by server-side apply, and shows in the columns', async () => {
    const namespace = await api.createNamespace('status')
    await api.mustKubectl(['-n', namespace, 'apply', '-f', '-'], { stdin: smallestRoute })
    const condition = {
      type: 'Ready',
      status: 'True',
      reason: 'AllProxiesCurrent',
      message: 'Every proxy runs this route.',
      observedGeneration: 1,
      lastTransitionTime: '2026-01-01T00:00:00Z',
    }
    const status = {
      observedGeneration: 1,
      programmed: '3/3',
      ruleCount: 1,
      proxies: { total: 3, current: 3, rejected: 0 },
      conditions: [condition],
    }
    const path = `/apis/modelroute.dev/v1alpha1/namespaces/${namespace}/modelroutes/smallest/status`
    const written = await api.request({
      path: `${path}?fieldManager=modelroute&force=true`,
      method: 'PATCH',
      contentType: 'application/apply-patch+yaml',
      body: { apiVersion: 'modelroute.dev/v1alpha1', kind: 'ModelRoute', metadata: { name: 'smallest' }, status },
    })
    expect(written).toMatchObject({ status: 200, body: { status } })
    const shown = await api.mustKubectl(['-n', namespace, 'get', 'mr'])
    expect(shown).toMatch(/^NAME\s+READY\s+PROGRAMMED\s+RULES\s+AGE$/m)
    expect(shown).toMatch(/^smallest\s+True\s+3\/3\s+1\s+\S+$/m)
  })

  test('cannot be written with the spec', async () => {
    const namespace = await api.createNamespace('status')
    const withStatus = `${smallestRoute}\nstatus: { programmed: 9/9 }`
    await api.mustKubectl(['-n', namespace, 'apply', '-f', '-'], { stdin: withStatus })
    const status = await api.mustKubectl(['-n', namespace, 'get', 'mr/smallest', '-o', 'jsonpath={.status}'])
    expect(status).toBe('')
  })
})

const smallestRoute = `
apiVersion: modelroute.dev/v1alpha1
kind: ModelRoute
metadata: { name: smallest }
spec:
  podSelector: {}
  rules: [{ name: all, backends: [{ providerRef: { name: openai } }] }]`
