// The order in which targets are tried: tiers, shares, conversations.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileTable } from '../../../proxy/compiled-table.ts'
import { planAttempts } from '../../../proxy/strategy/planner.ts'
import { isFixedOrder } from '../../../proxy/strategy/rule-plan.ts'
import { chatCall } from './calls.ts'
import { makeTable, type RouteSpec } from '../../support/proxy-rig.ts'

type BackendSpec = Exclude<RouteSpec['backends'][number], string>

const NO_FACTS = {
  meters: {
    factsOf: () => {
      throw new Error('weights ask for no facts')
    },
  },
  canaries: { percentOf: () => 0 },
  random: () => 0,
}

function planOf(backends: readonly BackendSpec[], conversation: string): readonly string[] {
  const targets = Object.fromEntries(backends.map(({ target }) => [target, { url: 'http://a.test/v1' }]))
  const table = makeTable({ targets, routes: [{ backends }] })
  const [route] = table.routes
  if (route === undefined) throw new Error('no route')
  const routed = { kind: 'routed', call: chatCall({ user: conversation }), route } as const
  return planAttempts(routed, compileTable(table).plans, NO_FACTS).map(({ targetId }) => targetId)
}

const conversations = Array.from({ length: 2000 }, (_, index) => `conversation ${index}`)
const sharesOf = (backends: readonly BackendSpec[]) => {
  const counts = new Map<string, number>()
  for (const conversation of conversations) {
    const [first = ''] = planOf(backends, conversation)
    counts.set(first, (counts.get(first) ?? 0) + 1 / conversations.length)
  }
  return counts
}

test('tries lower tiers first, whatever the weights', () => {
  const backends = [
    { target: 'c', tier: 2, weight: 100 },
    { target: 'a', tier: 0, weight: 1 },
    { target: 'b', tier: 1, weight: 50 },
  ]
  expect(planOf(backends, 'any')).toEqual(['a', 'b', 'c'])
})

test('gives each target of a tier its share of the conversations', () => {
  const shares = sharesOf([
    { target: 'a', weight: 90 },
    { target: 'b', weight: 10 },
  ])
  expect(shares.get('a')).toBeGreaterThan(0.87)
  expect(shares.get('a')).toBeLessThan(0.93)
})

test('keeps a conversation on its target', () => {
  const backends = [{ target: 'a' }, { target: 'b' }, { target: 'c' }]
  for (const conversation of conversations.slice(0, 50)) {
    expect(planOf(backends, conversation)).toEqual(planOf(backends, conversation))
  }
})

test('moves only the conversations of a target that is taken away', () => {
  const all = [{ target: 'a' }, { target: 'b' }, { target: 'c' }]
  const fewer = all.slice(0, 2)
  const stayed = conversations.slice(0, 300).filter((conversation) => planOf(all, conversation)[0] !== 'c')
  expect(stayed.length).toBeGreaterThan(150)
  expect(stayed.map((conversation) => planOf(fewer, conversation)[0])).toEqual(
    stayed.map((conversation) => planOf(all, conversation)[0]),
  )
})

test('uses a target of weight 0 after every other one of its tier', () => {
  const backends = [
    { target: 'spare', weight: 0, tier: 0 },
    { target: 'a', weight: 1, tier: 0 },
    { target: 'next', weight: 1, tier: 1 },
  ]
  for (const conversation of conversations.slice(0, 50)) {
    expect(planOf(backends, conversation)).toEqual(['a', 'spare', 'next'])
  }
})

test('plans every target once', () => {
  const backend = fc.record({ weight: fc.nat(5), tier: fc.nat(2) })
  fc.assert(
    fc.property(fc.array(backend, { minLength: 1, maxLength: 8 }), fc.string(), (specs, conversation) => {
      const backends = specs.map((spec, index) => ({ target: `t${index}`, ...spec }))
      const plan = planOf(backends, conversation)
      expect([...plan].sort()).toEqual(backends.map(({ target }) => target).sort())
    }),
    { numRuns: 50 },
  )
})

test.each([
  [[0], true],
  [[0, 1, 2], true],
  [[2, 0], true],
  [[0, 0], false],
  [[1, 0, 1], false],
])('backends of tiers %j leave no choice: %s', (tiers, expected) => {
  const backends = tiers.map((tier, index) => ({ target: `t${index}`, weight: 1, tier }))
  expect(isFixedOrder({ backends })).toBe(expected)
})

test('a rule that leaves no choice is planned once per table', () => {
  const table = makeTable({
    targets: { a: { url: 'http://a.test/x/' }, b: { url: 'https://b.test' } },
    routes: [{ backends: [{ target: 'b', tier: 1 }, 'a'] }, { backends: ['a', 'b'] }],
  })
  const { plans } = compileTable(table)
  const [fixed, open] = table.routes.map((route) => plans.of(route))
  expect(open?.fixed).toBeNull()
  expect(fixed?.fixed).toEqual([
    { targetId: 'a', target: table.targets['a'], endpoint: { origin: 'http://a.test', basePath: '/x' } },
    { targetId: 'b', target: table.targets['b'], endpoint: { origin: 'https://b.test', basePath: '' } },
  ])
})
