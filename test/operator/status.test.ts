// From findings to conditions: all four, positive, with times that move only when a status does.
import { describe, expect, test } from 'vitest'
import type { ModelRouteStatus } from '../../crds/status.ts'
import { check } from '../../operator/checks.ts'
import type { NamespaceInputs } from '../../operator/gather.ts'
import { LastGoodSpecs } from '../../operator/gather.ts'
import { groupPods } from '../../operator/groups.ts'
import { readRoute } from '../../operator/kube/resource.ts'
import type { Progress } from '../../operator/progress.ts'
import { describeProvider, describeRoute, isSameStatus, readRouteStatus } from '../../operator/status.ts'
import { anyPod, anyProvider, anyRoute, inputsOf, type InputsDifference, rawRoute } from '../support/resources.ts'

const firstMs = Date.parse('2026-03-01T10:00:00.900Z')
const allCurrent: Progress = { total: 1, current: 1, rejected: 0, firstRejection: null, behind: [] }
const present = { 'shop/openai/api-key': { kind: 'present' as const } }
const healthy: InputsDifference = {
  routes: [anyRoute()],
  providers: [anyProvider()],
  pods: [anyPod()],
  keyStates: present,
}

interface When {
  readonly progress?: Progress | null
  readonly previous?: ModelRouteStatus | null
  readonly nowMs?: number
}

function statusOf(inputs: NamespaceInputs, when: When = {}): ModelRouteStatus {
  const { progress = allCurrent, previous = null, nowMs = firstMs } = when
  const [route] = inputs.routes
  if (!route) throw new Error('the inputs have no route')
  const findings = check(inputs, groupPods(inputs)).filter(({ subject }) => subject.kind === 'ModelRoute')
  return describeRoute({ inputs, route, findings, progress, previous, nowMs }).status
}

function condition(status: { conditions?: ModelRouteStatus['conditions'] }, type: string) {
  return status.conditions?.find((entry) => entry.type === type)
}

describe('a healthy route', () => {
  test('has all four conditions True for its generation, its counts, and whole seconds', () => {
    const inputs = inputsOf({ ...healthy, routes: [anyRoute({ metadata: { generation: 7 } })] })
    const status = statusOf(inputs)
    expect(status).toMatchObject({ observedGeneration: 7, programmed: '1/1', ruleCount: 1 })
    expect(status.proxies).toEqual({ total: 1, current: 1, rejected: 0 })
    expect(status.conditions?.map(({ type, status: value }) => [type, value])).toEqual([
      ['Accepted', 'True'],
      ['ResolvedRefs', 'True'],
      ['Programmed', 'True'],
      ['Ready', 'True'],
    ])
    expect(new Set(status.conditions?.map(({ lastTransitionTime }) => lastTransitionTime))).toEqual(
      new Set(['2026-03-01T10:00:00Z']),
    )
  })

  test('has a status that its own schema takes', () => {
    const status = statusOf(inputsOf(healthy))
    expect(readRouteStatus(status)).toEqual(status)
  })

  test('keeps its times while nothing changes, and moves those of what does', () => {
    const first = statusOf(inputsOf(healthy))
    const second = statusOf(inputsOf(healthy), { previous: first, nowMs: firstMs + 60_000 })
    expect(second).toEqual(first)
    const broken = inputsOf({ ...healthy, keyStates: { 'shop/openai/api-key': { kind: 'secretMissing' } } })
    const third = statusOf(broken, { previous: first, nowMs: firstMs + 60_000 })
    expect(condition(third, 'Accepted')?.lastTransitionTime).toBe('2026-03-01T10:00:00Z')
    expect(condition(third, 'ResolvedRefs')?.lastTransitionTime).toBe('2026-03-01T10:01:00Z')
  })
})

describe('ResolvedRefs', () => {
  test.each([
    ['ProviderNotFound', { ...healthy, providers: [] }],
    ['ProviderInvalid', { ...healthy, providers: [{ ...anyProvider(), spec: null, faults: [] }] }],
    ['SecretNotFound', { ...healthy, keyStates: { 'shop/openai/api-key': { kind: 'secretMissing' as const } } }],
    ['SecretKeyNotFound', { ...healthy, keyStates: { 'shop/openai/api-key': { kind: 'keyMissing' as const } } }],
    [
      'SecretUnusable',
      { ...healthy, keyStates: { 'shop/openai/api-key': { kind: 'unusable' as const, reason: 'it is empty' } } },
    ],
    [
      'SecretForbidden',
      { ...healthy, keyStates: { 'shop/openai/api-key': { kind: 'forbidden' as const, reason: 'RBAC' } } },
    ],
  ])('is False with %s, and so is Ready', (reason, inputs: InputsDifference) => {
    const status = statusOf(inputsOf(inputs))
    expect(condition(status, 'ResolvedRefs')).toMatchObject({ status: 'False', reason })
    expect(condition(status, 'Ready')).toMatchObject({ status: 'False', reason })
    expect(condition(status, 'Accepted')).toMatchObject({ status: 'True' })
  })

  test('is Unknown until the first look at the Secret, and then stays as it was', () => {
    const pending = inputsOf({ ...healthy, keyStates: {} })
    expect(condition(statusOf(pending), 'ResolvedRefs')).toMatchObject({ status: 'Unknown', reason: 'Pending' })
    const previous = statusOf(inputsOf(healthy))
    expect(condition(statusOf(pending, { previous }), 'ResolvedRefs')).toMatchObject({ status: 'True' })
  })
})

describe('Accepted', () => {
  test('is False for a spec that cannot be read, while the last good form keeps its provider checks', () => {
    const lastGood = new LastGoodSpecs()
    inputsOf({ ...healthy, lastGood })
    const raw = rawRoute({ metadata: { generation: 2 } })
    const broken = readRoute({ ...raw, spec: { podSelector: {} } })
    const inputs = inputsOf({ ...healthy, routes: broken ? [broken] : [], lastGood })
    const status = statusOf(inputs)
    expect(condition(status, 'Accepted')).toMatchObject({ status: 'False', reason: 'Unreadable' })
    expect(condition(status, 'Accepted')?.message).toContain('its last good form stays in force')
    expect(condition(status, 'Programmed')).toMatchObject({ status: 'False', reason: 'NotAccepted' })
    expect(status.ruleCount).toBe(1)
  })

  test('is True with the warning in its sentence for a shadowed rule', () => {
    const backends = [{ providerRef: { name: 'openai' } }]
    const rules = ['first', 'second'].map((name) => ({ name, backends }))
    const status = statusOf(inputsOf({ ...healthy, routes: [anyRoute({ rules })] }))
    expect(condition(status, 'Accepted')).toMatchObject({ status: 'True', reason: 'AcceptedWithWarnings' })
    expect(condition(status, 'Accepted')?.message).toContain('rule "second" can never match')
    expect(condition(status, 'Ready')).toMatchObject({ status: 'True' })
  })
})

describe('Ready', () => {
  test('speaks of the generation that the slowest condition speaks of', () => {
    const previous = statusOf(inputsOf(healthy))
    const changed = inputsOf({ ...healthy, routes: [anyRoute({ metadata: { generation: 2 } })] })
    const behind: Progress = { ...allCurrent, current: 0, behind: [{ podName: 'chat-1', sinceMs: firstMs }] }
    const status = statusOf(changed, { progress: behind, previous })
    expect(condition(status, 'Accepted')?.observedGeneration).toBe(2)
    expect(condition(status, 'Programmed')).toMatchObject({ status: 'True', observedGeneration: 1 })
    expect(condition(status, 'Ready')).toMatchObject({ status: 'True', observedGeneration: 1 })
    expect(status.programmed).toBe('0/1')
  })

  test('keeps the counts as they were while not every replica has reported', () => {
    const previous = statusOf(inputsOf(healthy))
    expect(statusOf(inputsOf(healthy), { progress: null, previous })).toMatchObject({ programmed: '1/1' })
  })
})

test('a provider has three conditions', () => {
  const inputs = inputsOf({ ...healthy, keyStates: { 'shop/openai/api-key': { kind: 'keyMissing' } } })
  const provider = inputs.providers.get('openai')
  if (!provider) throw new Error('the inputs have no provider')
  const findings = check(inputs, []).filter(({ subject }) => subject.kind === 'ModelProvider')
  const status = describeProvider({ inputs, provider, findings, previous: null, nowMs: firstMs })
  expect(status.conditions?.map(({ type, status: value, reason }) => [type, value, reason])).toEqual([
    ['Accepted', 'True', 'Accepted'],
    ['ResolvedRefs', 'False', 'SecretKeyNotFound'],
    ['Ready', 'False', 'SecretKeyNotFound'],
  ])
})

test('statuses are the same whatever the order of their conditions', () => {
  const status = statusOf(inputsOf(healthy))
  expect(isSameStatus({ ...status, conditions: status.conditions?.toReversed() }, status)).toBe(true)
  expect(isSameStatus({ ...status, programmed: '0/1' }, status)).toBe(false)
  expect(isSameStatus(null, status)).toBe(false)
})
