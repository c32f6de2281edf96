// Pods whose sidecars were given authorities that are not in use any more: how they are told, and that nobody else is.
import { expect, test } from 'vitest'
import { authorityIds, injectedText, isStale } from '../../operator/authorities.ts'
import { check } from '../../operator/checks.ts'
import { groupPods } from '../../operator/groups.ts'
import { createAuthority } from '../../operator/inject/certificate.ts'
import { readPod } from '../../operator/kube/resource.ts'
import { anyMetadata, anyPod, anyRoute, inputsOf } from '../support/resources.ts'

const nowMs = Date.parse('2026-01-01T00:00:00Z')
const [first, second] = await Promise.all([createAuthority({ nowMs }), createAuthority({ nowMs })])

function podWith(caPem: string, name = 'chat-1') {
  return anyPod({ name, annotations: { 'modelroute.dev/injected': injectedText('1.0.0', { caPem }) } })
}

function findingsOf(pods: readonly ReturnType<typeof anyPod>[], bundlePem: string) {
  const inputs = inputsOf({ routes: [anyRoute()], pods, authorities: authorityIds(bundlePem) })
  return check(inputs, groupPods(inputs)).filter(({ reason }) => reason === 'StaleAuthorities')
}

test('each authority of a bundle has an id of its own, the same in every bundle', () => {
  const [one, two] = authorityIds(`${first.pem}\n${second.pem}`)
  expect([one, two]).toEqual([...authorityIds(first.pem), ...authorityIds(second.pem)])
  expect(one).not.toBe(two)
  expect(one).toMatch(/^[0-9a-f]{16}$/)
})

test.each([
  ['knows the one in use', podWith(first.pem), false],
  ['knows it beside an older one', podWith(`${second.pem}\n${first.pem}`), false],
  ['knows only another', podWith(second.pem), true],
  ['says nothing', anyPod(), false],
  [
    'was injected by an operator that said it otherwise',
    anyPod({ annotations: { 'modelroute.dev/injected': '{"ca":"0"}' } }),
    false,
  ],
  ['says something that is no JSON', anyPod({ annotations: { 'modelroute.dev/injected': '{' } }), false],
])('a pod that %s: stale is %s', (_what, pod, expected) => {
  expect(isStale(pod, authorityIds(first.pem))).toBe(expected)
})

test('a stale pod is a warning on the routes that select it, with names and what to do', () => {
  const names = ['chat-1', 'chat-2', 'chat-3', 'chat-4', 'chat-5']
  const stale = names.map((name) => podWith(second.pem, name))
  const [finding, ...others] = findingsOf([...stale, podWith(first.pem, 'fresh')], first.pem)
  expect(others).toEqual([])
  expect(finding).toMatchObject({ severity: 'warning', path: 'spec.podSelector', subject: { name: 'chat' } })
  expect(finding?.message).toContain('chat-1, chat-2, chat-3 and 2 more; restart them')
})

test('while both authorities are in use nobody is told anything', () => {
  expect(findingsOf([podWith(first.pem), podWith(second.pem, 'chat-2')], `${first.pem}\n${second.pem}`)).toEqual([])
})

test('a folder of yaml, whose pods carry no authorities, has no such finding', () => {
  const inputs = inputsOf({ routes: [anyRoute()], pods: [podWith(second.pem)] })
  expect(check(inputs, groupPods(inputs)).map(({ reason }) => reason)).not.toContain('StaleAuthorities')
})

test('of the annotations of a pod only this one is kept, and only at a sane length', () => {
  const annotated = (value: string) =>
    readPod({ metadata: anyMetadata({ annotations: { 'modelroute.dev/injected': value, other: 'x' } }) })?.annotations
  expect(annotated('a'.repeat(512))).toEqual({ 'modelroute.dev/injected': 'a'.repeat(512) })
  expect(annotated('a'.repeat(513))).toEqual({})
})
