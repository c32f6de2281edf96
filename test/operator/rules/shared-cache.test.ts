// Which shared cache a rule gets, what its table and its keys then say, and what is told when there is none.
import { expect, test } from 'vitest'
import { cache } from '../../../crds/cache.ts'
import { groupPods } from '../../../operator/groups.ts'
import { notesOnSharedCaches } from '../../../operator/rules/shared-cache.ts'
import { translate } from '../../../operator/translate.ts'
import { anyPod, anyProvider, anyRoute, inputsOf } from '../../support/resources.ts'

const CHART = { url: 'rediss://redis.cache.svc:6379/0', ca: 'PEM', hasPassword: true }

interface Wish {
  readonly shareWith: string
  readonly sharedCache?: object
  readonly chart?: typeof CHART | null
}

function inputsFor({ shareWith, sharedCache, chart = null }: Wish) {
  const route = anyRoute()
  const [rule] = route.spec?.rules ?? []
  const cached = { ...rule, cache: cache.parse({ shareWith }) }
  const spec = { ...route.spec, rules: [cached], ...(sharedCache && { sharedCache }) }
  const inputs = inputsOf({
    routes: [{ ...route, spec } as typeof route],
    providers: [anyProvider()],
    pods: [anyPod()],
  })
  return { ...inputs, sharedCache: chart }
}

function tableOf(wish: Wish) {
  const inputs = inputsFor(wish)
  const { groups, keys } = translate(inputs, groupPods(inputs))
  const table = groups[0]?.table
  return {
    shared: table?.routes[0]?.cache?.shared,
    rows: table?.sharedCaches,
    keys,
    findings: notesOnSharedCaches(inputs),
  }
}

const OWN = { url: 'redis://own.shop.svc', passwordSecretRef: { name: 'redis', key: 'password' } }

test('a rule of one pod needs no shared cache, and its pods get neither address nor password', () => {
  const { shared, rows, findings } = tableOf({ shareWith: 'Pod', sharedCache: OWN, chart: CHART })
  expect([shared, rows, findings]).toEqual([undefined, undefined, []])
})

test('a rule beyond the pod uses the one of the chart', () => {
  const { shared, rows, findings } = tableOf({ shareWith: 'Namespace', chart: CHART })
  expect(shared).toBe('default')
  expect(rows).toEqual({ default: { url: CHART.url, ca: 'PEM', password: 'shared-cache/default' } })
  expect(findings).toEqual([])
})

test('its own ModelRoute comes before the chart, with the password from its own namespace', () => {
  const { shared, rows, keys } = tableOf({ shareWith: 'Workload', sharedCache: OWN, chart: CHART })
  expect(shared).toBe('shop/chat')
  expect(rows).toEqual({ 'shop/chat': { url: OWN.url, password: 'cache/shop/redis/password' } })
  expect(keys).toContainEqual({
    id: 'cache/shop/redis/password',
    namespace: 'shop',
    secretName: 'redis',
    secretKey: 'password',
  })
})

test('a rule beyond the pod without any is told, and stays in its pod', () => {
  const { shared, rows, findings } = tableOf({ shareWith: 'Namespace' })
  expect([shared, rows]).toEqual([undefined, undefined])
  expect(findings).toMatchObject([
    { reason: 'NoSharedCache', path: 'spec.rules[0].cache.shareWith', severity: 'warning' },
  ])
})

test('a password that is not there is told', () => {
  const inputs = inputsFor({ shareWith: 'Namespace', sharedCache: OWN })
  const keyStates = new Map([['cache/shop/redis/password', { kind: 'secretMissing' as const }]])
  expect(notesOnSharedCaches({ ...inputs, keyStates })).toMatchObject([
    { reason: 'SecretNotFound', path: 'spec.sharedCache.passwordSecretRef', severity: 'warning' },
  ])
})
