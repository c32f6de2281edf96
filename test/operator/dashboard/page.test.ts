// The page's markup: what is on it, and that names from users can only be text.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { escapeHtml, html } from '../../../operator/dashboard/html.ts'
import { renderPage, renderParts } from '../../../operator/dashboard/page.ts'
import { dashboardState } from '../../../operator/dashboard/state.ts'
import { call, conditions, connected, report, routeResource, SPEC, VERSION, view } from './views.ts'

const ATTACK = `<img src=x onerror="alert('1')">&`

function stateOf(name: string) {
  const spec = { ...SPEC, podSelector: { matchLabels: { app: name.slice(0, 63) } } }
  const [rule] = SPEC.rules
  const rules = [{ ...rule, match: { models: [name] } }]
  const route = routeResource('chat', { ...spec, rules })
  const { resources } = view()
  const finding = {
    subject: { kind: 'ModelProvider' as const, namespace: 'shop', name: 'alpha' },
    path: name,
    reason: 'X',
    message: name,
    severity: 'error' as const,
  }
  return dashboardState({
    source: name,
    notices: [name],
    hasAllReports: true,
    views: [
      view({
        resources: { ...resources, routes: [route] },
        findings: [finding, { ...finding, subject: { ...finding.subject, kind: 'ModelRoute', name: 'chat' } }],
        routeStatuses: new Map([['chat', { programmed: name, conditions: conditions('False', name) }]]),
      }),
    ],
    reports: () => [report({ rejected: { version: VERSION, reason: name } })],
    connected: [connected([call({ model: name, route: name, target: name, error: name, status: 503 })], name)],
  })
}

test('the tag escapes text and keeps markup that is made already', () => {
  expect(html`<p title="${'"'}">${'<b>'} ${html`<i>${1}</i>`}${[html`a`, html`b`]}</p>`.toString()).toBe(
    '<p title="&quot;">&lt;b&gt; <i>1</i>ab</p>',
  )
  expect(escapeHtml(`&<>"'`)).toBe('&amp;&lt;&gt;&quot;&#39;')
})

test('a name that is markup stays text everywhere on the page', () => {
  const page = renderPage(stateOf(ATTACK))
  expect(page).not.toContain('<img src=x')
  expect(page.split(escapeHtml(ATTACK)).length - 1).toBeGreaterThanOrEqual(10)
})

test('whatever a name is, the page has the same elements', () => {
  const skeleton = (name: string) =>
    renderParts(stateOf(name))
      .toString()
      .match(/<\/?[a-z][^\s>]*/g)
  const plain = skeleton('name')
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 60, unit: 'binary' }), (name) => {
      expect(skeleton(name)).toEqual(plain)
    }),
    { numRuns: 100 },
  )
})

test('the page shows rules with shares, conditions with their sentences, proxies and calls', () => {
  const state = dashboardState({
    source: 'cluster',
    notices: [],
    hasAllReports: true,
    views: [
      view({ routeStatuses: new Map([['chat', { programmed: '3/4', conditions: conditions('False', 'late') }]]) }),
    ],
    reports: () => [report()],
    connected: [connected([call()])],
  })
  const page = renderPage(state)
  for (const text of ['shop/chat', 'split', 'gpt-*', '75 %', 'left out', '3/4', 'late', 'shop/alpha/small', '812 ms']) {
    expect(page).toContain(text)
  }
  expect(page).toContain('datetime="2026-11-22T10:00:00.000Z"')
  expect(page).not.toMatch(/\sstyle=|<script>|\son[a-z]+=/)
})

test('an empty cluster says what to do next', () => {
  const page = renderPage(
    dashboardState({
      source: 'cluster',
      notices: [],
      hasAllReports: true,
      views: [],
      reports: () => [],
      connected: [],
    }),
  )
  for (const text of ['No ModelRoute yet', 'No call yet', 'No pod with a sidecar', 'No ModelProvider yet']) {
    expect(page).toContain(text)
  }
})
