// Counting proxies: whose table is current, who refused, and since when somebody is behind.
import { describe, expect, test } from 'vitest'
import { groupPods } from '../../operator/groups.ts'
import { BehindClock, measureProgress } from '../../operator/progress.ts'
import type { ProxyReport } from '../../operator/push/publication.ts'
import { translate } from '../../operator/translate.ts'
import { anyPod, anyProvider, anyRoute, inputsOf } from '../support/resources.ts'

const pods = ['chat-1', 'chat-2', 'chat-3'].map((name) => anyPod({ name }))

function rig(routes = [anyRoute()]) {
  const inputs = inputsOf({ routes, providers: [anyProvider()], pods })
  const podGroups = groupPods(inputs)
  const { groups } = translate(inputs, podGroups)
  const version = groups[0]?.table.version ?? ''
  const clock = new BehindClock()
  const measure = (reports: readonly ProxyReport[], nowMs = 0) =>
    measureProgress({ inputs, podGroups, groups, reports, clock, nowMs })
  return { version, clock, measure }
}

function report(name: string, different: Partial<ProxyReport>): ProxyReport {
  const podUid = `uid-shop-${name}`
  return { podUid, podName: name, group: 'g', ackedVersion: null, rejected: null, calls: 0, ...different }
}

test('counts pods without a report, with an old version, and with the newest', () => {
  const { version, measure } = rig()
  const reports = [report('chat-1', { ackedVersion: version }), report('chat-2', { ackedVersion: 'older' })]
  expect(measure(reports).get('chat')).toEqual({
    total: 3,
    current: 1,
    rejected: 0,
    firstRejection: null,
    behind: [
      { podName: 'chat-2', sinceMs: 0 },
      { podName: 'chat-3', sinceMs: 0 },
    ],
  })
})

test('counts a refusal of the newest table, and not one of an older table', () => {
  const { version, measure } = rig()
  const reports = [
    report('chat-1', { ackedVersion: 'older', rejected: { version, reason: 'routes: too many' } }),
    report('chat-2', { ackedVersion: version, rejected: { version: 'older', reason: 'x' } }),
  ]
  const counted = measure(reports).get('chat')
  expect(counted).toMatchObject({ current: 1, rejected: 1, firstRejection: 'pod "chat-1": routes: too many' })
})

test('a report of a pod that is gone counts for nothing', () => {
  const { version, measure } = rig()
  expect(measure([report('gone', { ackedVersion: version })]).get('chat')).toMatchObject({ total: 3, current: 0 })
})

test('a route that selects no pod has none', () => {
  const { measure } = rig([anyRoute({ podSelector: { matchLabels: { app: 'other' } } })])
  expect(measure([]).get('chat')).toMatchObject({ total: 0, current: 0, behind: [] })
})

describe('the time behind', () => {
  test('counts from the first pass that saw it, and afresh after the pod was current', () => {
    const { version, measure } = rig()
    const current = ['chat-2', 'chat-3'].map((name) => report(name, { ackedVersion: version }))
    const sinceOf = (reports: readonly ProxyReport[], nowMs: number) =>
      measure(reports, nowMs)
        .get('chat')
        ?.behind.map(({ sinceMs }) => sinceMs)
    expect(sinceOf(current, 1_000)).toEqual([1_000])
    expect(sinceOf(current, 5_000)).toEqual([1_000])
    expect(sinceOf([...current, report('chat-1', { ackedVersion: version })], 6_000)).toEqual([])
    expect(sinceOf(current, 7_000)).toEqual([7_000])
  })

  test('is forgotten with the last pod that is behind', () => {
    const { version, measure, clock } = rig()
    measure([])
    expect(clock.namespaces).toBe(1)
    measure(pods.map(({ name }) => report(name, { ackedVersion: version })))
    expect(clock.namespaces).toBe(0)
  })
})
