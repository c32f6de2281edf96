// What the dashboard says about routes, proxies and calls, as data.
import { expect, test } from 'vitest'
import { dashboardState, MAX_CALLS, MAX_ROWS } from '../../../operator/dashboard/state.ts'
import type { ReconciledNamespace } from '../../../operator/reconcile.ts'
import type { ConnectedProxy, ProxyReport } from '../../../operator/push/publication.ts'
import {
  call,
  conditions,
  connected,
  metadata,
  OLD_VERSION,
  report,
  routeResource,
  SPEC,
  VERSION,
  view,
} from './views.ts'

function stateOf(
  one: ReconciledNamespace = view(),
  proxies: { readonly reports?: readonly ProxyReport[]; readonly connected?: readonly ConnectedProxy[] } = {},
) {
  return dashboardState({
    source: 'cluster',
    notices: [],
    hasAllReports: true,
    views: [one],
    reports: () => proxies.reports ?? [],
    connected: proxies.connected ?? [],
  })
}

test('shares are of the backends that serve, within their tier; one that is left out has none', () => {
  const [rule] = stateOf().routes.shown[0]?.rules ?? []
  expect(rule?.backends).toEqual([
    { provider: 'alpha', model: 'small', tier: 0, weight: 3, share: 75 },
    { provider: 'beta', model: null, tier: 0, weight: 1, share: 25 },
    { provider: 'gone', model: 'x', tier: 0, weight: 9, share: null },
    { provider: 'beta', model: 'large', tier: 1, weight: 1, share: 100 },
  ])
  expect(rule).toMatchObject({ name: 'split', models: ['auto', 'gpt-*'], isInForce: true, unavailable: '' })
})

test('a rule that no proxy has is shown as asked for and not in force', () => {
  const state = stateOf(view({ publication: { namespace: 'shop', groups: [], keys: [] } }))
  const [rule] = state.routes.shown[0]?.rules ?? []
  expect(rule?.isInForce).toBe(false)
  expect(rule?.backends.map(({ share }) => share)).toEqual([null, null, null, null])
})

test('a route that cannot be read has no rules and keeps its findings', () => {
  const route = { ...routeResource('chat', SPEC), spec: null, faults: [{ path: 'spec', message: 'no' }] }
  const finding = {
    subject: { kind: 'ModelRoute' as const, namespace: 'shop', name: 'chat' },
    path: 'spec',
    reason: 'Unreadable',
    message: 'spec: no',
    severity: 'error' as const,
  }
  const others = { ...finding, subject: { ...finding.subject, name: 'other' } }
  const state = stateOf(view({ resources: { routes: [route], providers: [], pods: [] }, findings: [finding, others] }))
  expect(state.routes.shown[0]).toMatchObject({ rules: [], findings: [finding], selector: '' })
})

test('a route counts as ready by its Ready condition alone', () => {
  const pending = view({ routeStatuses: new Map([['chat', { programmed: '0/1', conditions: conditions('False') }]]) })
  expect(stateOf().totals).toMatchObject({ routes: 1, readyRoutes: 1 })
  expect(stateOf(pending).totals).toMatchObject({ routes: 1, readyRoutes: 0 })
  expect(stateOf(view({ routeStatuses: new Map() })).totals.readyRoutes).toBe(0)
})

test.each([
  ['has not reported', [], 'unconnected', ''],
  ['runs what it should', [report()], 'current', ''],
  ['runs an older table', [report({ ackedVersion: OLD_VERSION })], 'behind', ''],
  ['has connected and runs nothing yet', [report({ ackedVersion: null })], 'behind', ''],
  [
    'refused what it should run',
    [report({ ackedVersion: OLD_VERSION, rejected: { version: VERSION, reason: 'requires: redact' } })],
    'rejected',
    'requires: redact',
  ],
  [
    'refused an older table and runs the newest',
    [report({ rejected: { version: OLD_VERSION, reason: 'past' } })],
    'current',
    '',
  ],
] as const)('a proxy that %s is shown so', (...[, reports, state, reason]) => {
  const result = stateOf(view(), { reports })
  expect(result.proxies.shown[0]).toMatchObject({ pod: 'pod-1', state, reason, wanted: VERSION })
  expect(result.totals[state]).toBe(1)
})

test('calls of all proxies are shown newest first, with their pod', () => {
  const older = call({ id: 'old', atMs: 1000 })
  const newer = call({ id: 'new', atMs: 2000 })
  const state = stateOf(view(), { connected: [connected([older]), connected([newer], 'pod-2')] })
  expect(state.calls.shown.map(({ id, pod }) => [id, pod])).toEqual([
    ['new', 'pod-2'],
    ['old', 'pod-1'],
  ])
})

test('rows are bounded, and what is not drawn is counted', () => {
  const pods = Array.from({ length: MAX_ROWS + 1 }, (_, position) => metadata(`pod-${position}`))
  const recent = Array.from({ length: MAX_CALLS + 1 }, () => call())
  const { resources } = view()
  const state = stateOf(view({ resources: { ...resources, pods } }), { connected: [connected(recent)] })
  expect(state.proxies.shown).toHaveLength(MAX_ROWS)
  expect(state.proxies.total).toBe(MAX_ROWS + 1)
  expect(state.calls.shown).toHaveLength(MAX_CALLS)
  expect(state.calls.total).toBe(MAX_CALLS + 1)
})

test('a replica that hears only its own proxies does not call the others unconnected, and says so', () => {
  const state = dashboardState({
    source: 'cluster',
    notices: [],
    hasAllReports: false,
    views: [view()],
    reports: () => [],
    connected: [],
  })
  expect(state.proxies.shown[0]?.state).toBe('elsewhere')
  expect(state.notices.shown[0]).toContain('hears only the proxies whose streams end at it')
})

test('what redaction did is added up over the proxies, most found first', () => {
  const masking = (masked: Record<string, number>, podName: string): ConnectedProxy => ({
    ...connected([], podName),
    redaction: { masked, restored: 2, damaged: 1, passed: 0 },
  })
  const proxies = [masking({ Email: 2, PersonName: 1 }, 'a'), masking({ PersonName: 4 }, 'b'), connected([], 'c')]
  expect(stateOf(view(), { connected: proxies }).redaction).toEqual({
    masked: {
      shown: [
        { type: 'PersonName', count: 5 },
        { type: 'Email', count: 2 },
      ],
      total: 2,
    },
    restored: 4,
    damaged: 2,
    passed: 0,
  })
})
