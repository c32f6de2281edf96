// Which rule a model leads to.
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { compileMatcher, isGlob, matchesGlob, matchRoute, MAX_REMEMBERED_MODELS } from '../../../proxy/table/match.ts'
import type { Call } from '../../../proxy/exchange.ts'
import { makeTable } from '../../support/proxy-rig.ts'

const anywhen = { rawHeaders: [], receivedAtMs: 0 }
const targets = { a: { url: 'http://a.test/v1' } }

describe('matchesGlob', () => {
  it.each([
    ['gpt-4', 'gpt-4', true],
    ['gpt-4', 'gpt-40', false],
    ['gpt-4', 'GPT-4', false],
    ['*', '', true],
    ['*', 'anything/at-all', true],
    ['gpt-*', 'gpt-', true],
    ['gpt-*', 'gpt', false],
    ['*-mini', 'gpt-5-mini', true],
    ['*-mini', 'gpt-5-minis', false],
    ['gpt-*-mini', 'gpt-5-mini-mini', true],
    ['gpt-?', 'gpt-5', true],
    ['gpt-?', 'gpt-', false],
    ['gpt-?', 'gpt-51', false],
    ['**a**', 'bab', true],
    ['a.c', 'abc', false],
    ['', '', true],
    ['', 'a', false],
  ])('says of pattern %j and model %j: %s', (pattern, text, expected) => {
    expect(matchesGlob(pattern, { text })).toBe(expected)
  })

  test('agrees with the same pattern as a regular expression', () => {
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 })
    const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 })
    fc.assert(
      fc.property(pattern, text, (glob, model) => {
        const expression = new RegExp(`^${glob.replaceAll('*', '.*').replaceAll('?', '.')}$`)
        expect(matchesGlob(glob, { text: model })).toBe(expression.test(model))
      }),
    )
  })

  test('takes no exponential time on a pattern made for it', () => {
    const startMs = performance.now()
    expect(matchesGlob('*a'.repeat(100), { text: `${'a'.repeat(255)}b` })).toBe(false)
    expect(performance.now() - startMs).toBeLessThan(1000)
  })

  it.each([
    ['auto', false],
    ['gpt-*', true],
    ['gpt-?', true],
  ])('%j is a pattern: %s', (name, expected) => {
    expect(isGlob(name)).toBe(expected)
  })
})

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

  test('rules behind one that takes everything are not even candidates', () => {
    const names = matcher.candidatesFor({ model: 'claude', operation: 'Chat' }).map(({ route }) => route.name)
    expect(names).toEqual(['beta', 'night', 'rest'])
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
