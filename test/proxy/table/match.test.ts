// Which rule a model leads to.
import { describe, expect, it, test } from 'vitest'
import { compileMatcher, matchRoute, MAX_REMEMBERED_MODELS } from '../../../proxy/table/match.ts'
import type { Call } from '../../../proxy/exchange.ts'
import { makeTable } from '../../support/proxy-rig.ts'

const anywhen = { rawHeaders: [], receivedAtMs: 0 }
const targets = { a: { url: 'http://a.test/v1' } }

describe('compileMatcher', () => {
  const table = makeTable({
    targets,
    routes: [
      { name: 'exact', models: ['auto', 'gpt-5'], backends: ['a'] },
      { name: 'pattern', models: ['gpt-*'], backends: ['a'] },
      { name: 'shadowed', models: ['gpt-4'], backends: ['a'] },
    ],
  })

  it.each([
    ['auto', 'exact'],
    ['gpt-5', 'exact'],
    ['gpt-4', 'pattern'],
    ['claude', null],
  ])('leads %j to the first rule that takes it: %s', (model, expected) => {
    const matcher = compileMatcher(table)
    expect(matcher.routeFor({ model, operation: 'Chat' }, anywhen)?.name ?? null).toBe(expected)
    expect(matcher.routeFor({ model, operation: 'Chat' }, anywhen)?.name ?? null, 'asked a second time').toBe(expected)
  })

  test('leads every model to a rule without a list of models', () => {
    const open = compileMatcher(makeTable({ targets, routes: [{ name: 'all', backends: ['a'] }] }))
    expect(open.routeFor({ model: 'whatever', operation: null }, anywhen)?.name).toBe('all')
  })

  test('answers rightly after more models than it remembers', () => {
    const matcher = compileMatcher(table)
    for (let index = 0; index <= MAX_REMEMBERED_MODELS * 2; index += 1) {
      expect(matcher.routeFor({ model: `gpt-${index}`, operation: 'Chat' }, anywhen)?.name).toBe(
        index === 5 ? 'exact' : 'pattern',
      )
      expect(matcher.routeFor({ model: `other-${index}`, operation: 'Chat' }, anywhen)).toBeNull()
    }
  })
})

describe('conditions of headers and times', () => {
  const nightly = { timeZone: 'UTC', days: [1, 2, 3, 4, 5, 6, 7], fromMinute: 22 * 60, toMinute: 6 * 60 }
  const table = makeTable({
    targets,
    routes: [
      { name: 'red', models: ['gpt-*'], headers: [{ name: 'x-team', value: 'red' }], backends: ['a'] },
      { name: 'beta', headers: [{ name: 'x-team', prefix: 'be' }, { name: 'x-on' }], backends: ['a'] },
      { name: 'night', schedule: nightly, backends: ['a'] },
      { name: 'rest', backends: ['a'] },
      { name: 'never', headers: [{ name: 'x-team' }], backends: ['a'] },
    ],
  })
  const matcher = compileMatcher(table)
  const noon = Date.UTC(2026, 10, 22, 12)
  const midnight = Date.UTC(2026, 10, 22, 0)

  it.each([
    ['the value', { model: 'gpt-5', rawHeaders: ['X-Team', 'red'], receivedAtMs: noon }, 'red'],
    ['another value', { model: 'gpt-5', rawHeaders: ['X-Team', 'Red'], receivedAtMs: noon }, 'rest'],
    ['the value for another model', { model: 'claude', rawHeaders: ['x-team', 'red'], receivedAtMs: noon }, 'rest'],
    [
      'a prefix and a header that is there',
      { model: 'gpt-5', rawHeaders: ['x-team', 'beta', 'x-on', ''], receivedAtMs: noon },
      'beta',
    ],
    [
      'a prefix alone, of two conditions',
      { model: 'gpt-5', rawHeaders: ['x-team', 'beta'], receivedAtMs: noon },
      'rest',
    ],
    ['no header at night', { model: 'gpt-5', rawHeaders: [], receivedAtMs: midnight }, 'night'],
    ['no header at noon', { model: 'gpt-5', rawHeaders: [], receivedAtMs: noon }, 'rest'],
  ])('%s leads to a rule: %j', (_, { model, ...circumstances }, expected) => {
    expect(matcher.routeFor({ model, operation: 'Chat' }, circumstances)?.name).toBe(expected)
  })

  it.each([
    ['noon', noon, ['models: gpt-* do not match', 'headers: x-on is not there', 'schedule: 22:00 to 06:00 UTC is off']],
    ['midnight', midnight, ['models: gpt-* do not match', 'headers: x-on is not there']],
  ])('at %s the trace says of each rule before why it does not take the call', (_, receivedAtMs, refusals) => {
    const asked = { model: 'claude', operation: 'Chat' } as const
    const trace = matcher.trace(asked, { rawHeaders: ['x-team', 'beta'], receivedAtMs })
    expect(trace.slice(0, -1).map(({ refusal }) => refusal)).toEqual(
      refusals.map((refusal) => expect.stringContaining(refusal)),
    )
    expect(trace.at(-1)).toMatchObject({
      refusal: null,
      route: matcher.routeFor(asked, { rawHeaders: [], receivedAtMs }),
    })
  })

  test('rules behind one that takes everything are not even candidates', () => {
    const names = matcher.candidatesFor({ model: 'claude', operation: 'Chat' }).map(({ route }) => route.name)
    expect(names).toEqual(['beta', 'night', 'rest'])
  })
})

describe('shadow rules', () => {
  const table = makeTable({
    targets,
    routes: [
      { name: 'trial', mode: 'Shadow', models: ['gpt-*'], backends: ['a'] },
      { name: 'headed', mode: 'Shadow', headers: [{ name: 'x-team' }], backends: ['a'] },
      { name: 'rest', backends: ['a'] },
      { name: 'behind', mode: 'Shadow', backends: ['a'] },
    ],
  })
  const matcher = compileMatcher(table)

  it.each([
    ['gpt-5', [], ['trial']],
    ['gpt-5', ['x-team', 'red'], ['trial', 'headed']],
    ['claude', [], []],
  ])('model %j with headers %j goes to the rest and would be taken by %j', (model, rawHeaders, expected) => {
    const asked = { model, operation: 'Chat' } as const
    const circumstances = { rawHeaders, receivedAtMs: 0 }
    expect(matcher.routeFor(asked, circumstances)?.name).toBe('rest')
    expect(matcher.shadowsFor(asked, circumstances).map(({ name }) => name)).toEqual(expected)
    expect(matcher.trace(asked, circumstances).at(-1)?.route.name).toBe('rest')
  })
})

describe('matchRoute', () => {
  const call = {
    model: 'gpt-5',
    received: { place: { operation: 'Chat' }, rawHeaders: [], receivedAtMs: 0 },
  } as unknown as Call

  test('names what was tried when no rule takes the model', () => {
    const table = makeTable({
      targets,
      routes: [
        { name: 'ns/chat/one', models: ['auto', 'claude-*'], backends: ['a'] },
        { name: 'ns/chat/two', models: ['gemini'], backends: ['a'] },
      ],
    })
    expect(matchRoute(call, table, compileMatcher(table))).toEqual({
      kind: 'failure',
      code: 'no_route',
      message: 'No rule takes model "gpt-5". Tried: ns/chat/one (auto, claude-*); ns/chat/two (gemini).',
    })
  })

  test('says so when no ModelRoute selects the pod', () => {
    const table = makeTable({ targets: {}, routes: [] })
    const result = matchRoute(call, table, compileMatcher(table))
    expect(result).toMatchObject({
      code: 'no_route',
      message: expect.stringContaining('no ModelRoute selects this pod'),
    })
  })

  test('gives the reason of a rule that has no backend', () => {
    const unavailable = 'Secret default/openai has no key "api-key".'
    const table = makeTable({ targets: {}, routes: [{ name: 'ns/chat/one', backends: [], unavailable }] })
    expect(matchRoute(call, table, compileMatcher(table))).toMatchObject({
      code: 'no_backend',
      message: `Rule ns/chat/one cannot serve model "gpt-5": ${unavailable}`,
    })
  })
})
