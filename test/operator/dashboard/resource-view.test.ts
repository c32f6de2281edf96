// Providers and selectors in the dashboard's words.
import { expect, test } from 'vitest'
import { describeSelector, providerViews } from '../../../operator/dashboard/resource-view.ts'
import { providerResource, view } from './views.ts'

test.each([
  ['nothing that can be read', undefined, ''],
  ['every pod', {}, 'every pod with a sidecar'],
  ['labels', { matchLabels: { app: 'chat', tier: 'a' } }, 'app=chat,tier=a'],
  ['a set', { matchExpressions: [{ key: 'tier', operator: 'In' as const, values: ['a', 'b'] }] }, 'tier in (a,b)'],
  [
    'all but a set',
    { matchExpressions: [{ key: 'tier', operator: 'NotIn' as const, values: ['a'] }] },
    'tier notin (a)',
  ],
  ['a label that is there', { matchExpressions: [{ key: 'tier', operator: 'Exists' as const }] }, 'tier'],
  ['a label that is not', { matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' as const }] }, '!tier'],
])('a selector of %s reads as kubectl would write it', (...[, selector, words]) => {
  expect(describeSelector(selector)).toBe(words)
})

test('a provider shows where its key rests and which routes use it', () => {
  const keyed = providerResource('alpha', { credential: { secretRef: { name: 'openai', key: 'api-key' } } })
  const { resources } = view()
  const views = providerViews(view({ resources: { ...resources, providers: [keyed, providerResource('idle')] } }))
  expect(views.map(({ name, credential, usedBy }) => ({ name, credential, usedBy }))).toEqual([
    { name: 'alpha', credential: 'Secret openai, key api-key', usedBy: ['chat'] },
    { name: 'idle', credential: '', usedBy: [] },
  ])
})

test('a provider that only passthrough names counts as used', () => {
  const { resources } = view()
  const [route] = resources.routes
  const spec =
    route?.spec === null || route === undefined
      ? null
      : { ...route.spec, passthrough: { providerRef: { name: 'idle' } } }
  const routes = route === undefined ? [] : [{ ...route, spec }]
  const [provider] = providerViews(view({ resources: { ...resources, routes, providers: [providerResource('idle')] } }))
  expect(provider?.usedBy).toEqual(['chat'])
})
