// Which pods share a table, and in which order their routes come: every step of the order on its own.
import { describe, expect, test } from 'vitest'
import { groupPods, orderRoutes } from '../../operator/groups.ts'
import { anyPod, anyRoute, inputsOf } from '../support/resources.ts'

const chat = { matchLabels: { app: 'chat' } }

describe('the order of routes', () => {
  const older = '2026-01-01T00:00:00Z'
  const newer = '2026-01-01T00:00:01Z'

  test.each([
    ['a selector that chooses comes before one for all, though it is newer', [{}, older], [chat, newer], 'second'],
    ['the older of two comes first', [chat, newer], [chat, older], 'second'],
    ['of two of one second the name decides', [chat, older], [chat, older], 'first'],
    ['two for all are ordered by age too', [{}, newer], [{}, older], 'second'],
  ] as const)('%s', (_, one, other, winner) => {
    const routes = [
      anyRoute({ metadata: { name: 'first', creationTimestamp: one[1] }, podSelector: one[0] }),
      anyRoute({ metadata: { name: 'second', creationTimestamp: other[1] }, podSelector: other[0] }),
    ]
    const [first] = orderRoutes(inputsOf({ routes }).routes)
    expect(first?.resource.metadata.name).toBe(winner)
  })
})

describe('groups', () => {
  test('hold the pods that the same routes select, and pods of no route in one of their own', () => {
    const routes = [
      anyRoute({ podSelector: chat }),
      anyRoute({ metadata: { name: 'beta' }, podSelector: { matchLabels: { beta: 'y' } } }),
    ]
    const pods = [
      anyPod({ name: 'a' }),
      anyPod({ name: 'b' }),
      anyPod({ name: 'c', labels: { app: 'chat', beta: 'y' } }),
      anyPod({ name: 'd', labels: {} }),
    ]
    const groups = groupPods(inputsOf({ routes, pods }))
    const shown = groups.map((group) => [
      group.pods.map(({ name }) => name).join(),
      group.routes.map(({ resource }) => resource.metadata.name).join(),
    ])
    expect(new Map(shown as [string, string][])).toEqual(
      new Map([
        ['a,b', 'chat'],
        ['c', 'beta,chat'],
        ['d', ''],
      ]),
    )
  })

  test('keep their id while a route changes, and get another when one comes', () => {
    const pods = [anyPod()]
    const idOf = (routes: Parameters<typeof inputsOf>[0]) => groupPods(inputsOf({ pods, ...routes }))[0]?.id
    const before = idOf({ routes: [anyRoute()] })
    const backends = [{ providerRef: { name: 'other' } }]
    expect(idOf({ routes: [anyRoute({ rules: [{ name: 'new', backends }] })] })).toBe(before)
    expect(idOf({ routes: [anyRoute(), anyRoute({ metadata: { name: 'second' } })] })).not.toBe(before)
  })
})
