// What a status says of schedules: which rules are in force, until when, and that it changes no more often than they do.
import { isDeepStrictEqual } from 'node:util'
import { describe, expect, test } from 'vitest'
import { describeEffectiveNow } from '../../operator/effective-now.ts'
import { describeRoute, readRouteStatus } from '../../operator/status.ts'
import { anyPod, anyProvider, anyRoute, inputsOf } from '../support/resources.ts'

const backend = (model: string) => ({ providerRef: { name: 'openai' }, model })
const byDay = {
  name: 'by-day',
  match: { models: ['auto'], schedule: { timeZone: 'Asia/Shanghai', from: '09:00', to: '18:00' } },
  backends: [{ ...backend('premium'), tier: 1 }, backend('basic')],
}
const outside = { name: 'outside', match: { models: ['auto'] }, backends: [backend('premium')] }
const route = anyRoute({ rules: [byDay, outside] })
const nowAt = (moment: string) => describeEffectiveNow(route.spec, Date.parse(moment))

describe('a route with a schedule', () => {
  test.each([
    ['before the window', '2026-11-23T00:59:59Z', ['outside'], '2026-11-23T01:00:00Z'],
    ['at its first moment', '2026-11-23T01:00:00Z', ['by-day', 'outside'], '2026-11-23T10:00:00Z'],
    ['at its end', '2026-11-23T10:00:00Z', ['outside'], '2026-11-24T01:00:00Z'],
  ])('%s says which rules are in force, and until when', (_, moment, names, until) => {
    const { status } = nowAt(moment)
    expect(status.effectiveNow?.rules.map(({ name }) => name)).toEqual(names)
    expect(status.effectiveNow?.until).toBe(until)
  })

  test('names who answers, in the order in which they are asked', () => {
    const [rule] = nowAt('2026-11-23T02:00:00Z').status.effectiveNow?.rules ?? []
    expect(rule?.backends).toEqual(['openai/basic', 'openai/premium'])
  })

  test('is looked at again at the change, or within the hour', () => {
    expect(nowAt('2026-11-23T09:59:30Z').recheckAfterMs).toBe(30_000)
    expect(nowAt('2026-11-23T02:00:00Z').recheckAfterMs).toBe(3_600_000)
  })

  test('has a status that changes twice in a day, and not every minute', () => {
    const inputs = inputsOf({ routes: [route], providers: [anyProvider()], pods: [anyPod()] })
    const [own] = inputs.routes
    if (own === undefined) throw new Error('no route')
    const startMs = Date.parse('2026-11-23T00:00:00Z')
    let changes = 0
    let previous = null
    for (let minute = 0; minute < 24 * 60; minute += 1) {
      const nowMs = startMs + minute * 60_000
      const { status } = describeRoute({ inputs, route: own, findings: [], progress: null, previous, nowMs })
      expect(readRouteStatus(status)).toEqual(status)
      if (previous !== null && !isDeepStrictEqual(status, previous)) changes += 1
      previous = status
    }
    expect(changes).toBe(2)
  })
})

test('nothing is said of a route without schedules, or without a spec', () => {
  expect(describeEffectiveNow(anyRoute().spec, 0)).toEqual({ status: {}, recheckAfterMs: null })
  expect(describeEffectiveNow(null, 0)).toEqual({ status: {}, recheckAfterMs: null })
})

test('a schedule that never changes is said without an end', () => {
  const always = anyRoute({ rules: [{ ...byDay, match: { schedule: { timeZone: 'UTC' } } }] })
  expect(describeEffectiveNow(always.spec, 0)).toMatchObject({ recheckAfterMs: null })
  expect(describeEffectiveNow(always.spec, 0).status.effectiveNow).not.toHaveProperty('until')
})
