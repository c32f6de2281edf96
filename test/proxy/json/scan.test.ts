// The scanner against JSON.parse: what it accepts, where it finds members, what it refuses.
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { MAX_DEPTH, readString, scanElements, scanMembers, scanObject } from '../../../proxy/json/scan.ts'

const NAMES = ['model', 'stream', 'messages']

function valuesOf(text: string, names: readonly string[]): unknown {
  const bytes = Buffer.from(text)
  const scan = scanObject(bytes, names)
  if (scan.kind !== 'members') return scan
  return scan.spans.map((span) =>
    span === undefined ? undefined : (JSON.parse(bytes.toString('utf8', span.start, span.end)) as unknown),
  )
}

/** Writes a value with white space and escapes as few serialisers would. */
function spell(value: unknown, style: { readonly space: string; readonly escapeAll: boolean }): string {
  const { space } = style
  if (typeof value === 'string') return style.escapeAll ? escapeAll(value) : JSON.stringify(value)
  if (Array.isArray(value))
    return `[${space}${value.map((item) => spell(item, style)).join(`${space},${space}`)}${space}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).map(
    ([key, item]) => `${spell(key, style)}${space}:${space}${spell(item, style)}`,
  )
  return `{${space}${members.join(`${space},${space}`)}${space}}`
}

function escapeAll(text: string): string {
  return `"${[...Array(text.length).keys()].map((at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')}"`
}

function isObject(text: string): boolean {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
  } catch {
    return false
  }
}

const spaces = fc.constantFrom('', ' ', '\n\t', '\r\n  ')
const value = fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' })
const members = fc.record(
  { model: value, stream: value, messages: value, other: value, 'a"b\\': value },
  { requiredKeys: [] },
)

describe('scanObject', () => {
  test('finds the same members as JSON.parse in every spelling', () => {
    fc.assert(
      fc.property(members, spaces, fc.boolean(), (object, space, escapeNames) => {
        const text = space + spell(object, { space, escapeAll: escapeNames }) + space
        const expected = JSON.parse(text) as Record<string, unknown>
        expect(valuesOf(text, NAMES)).toEqual(NAMES.map((name) => expected[name]))
      }),
    )
  })

  test('refuses what JSON.parse refuses when one structural byte is changed', () => {
    // Only bytes outside of strings: the text of strings is left to the provider.
    const structural = fc.constantFrom('{', '}', '[', ']', ',', ':', 'x', '0', '-', ' ')
    fc.assert(
      fc.property(
        fc.json({ maxDepth: 3, stringUnit: fc.constantFrom('a', 'b') }),
        fc.nat(),
        structural,
        (json, at, byte) => {
          const text = `{"model":"m","value":${json}}`
          const position = at % text.length
          const changed = text.slice(0, position) + byte + text.slice(position + 1)
          expect(scanObject(Buffer.from(changed), NAMES).kind === 'members').toBe(isObject(changed))
        },
      ),
      { numRuns: 2000 },
    )
  })

  test('refuses every beginning of an object that is not whole', () => {
    const text = '{"model":"a\\"b","stream":true,"messages":[{"role":"user","content":"x"}],"n":-1.5e+3,"o":null}'
    for (let end = 0; end < text.length; end += 1) {
      expect(scanObject(Buffer.from(text.slice(0, end)), NAMES).kind).toBe('fault')
    }
    expect(scanObject(Buffer.from(text), NAMES).kind).toBe('members')
  })

  it.each([
    '',
    ' ',
    '[]',
    '"model"',
    'null',
    '1',
    '\uFEFF{}',
    '{}{}',
    '{} x',
    "{'model':1}",
    '{"a":01}',
    '{"a":+1}',
    '{"a":.5}',
    '{"a":1.}',
    '{"a":1e}',
    '{"a":tru}',
    '{"a":1,}',
    '{,}',
    '{"a"}',
    '{"a":[1,]}',
    '{"a":NaN}',
  ])('refuses %j, which is not a JSON object', (text) => {
    expect(scanObject(Buffer.from(text), NAMES)).toMatchObject({ kind: 'fault' })
  })

  it.each(['{"a":0}', '{"a":-0}', '{"a":10.25E-7}', '{"":{}}', '{"a":[[],{},""]}'])('takes %j', (text) => {
    expect(scanObject(Buffer.from(text), NAMES)).toMatchObject({ kind: 'members' })
  })

  it.each(['{"model":"a","model":"b"}', '{"model":"a","x":1,"mod\\u0065l":"a"}'])(
    'tells of a name that %j has twice',
    (text) => {
      expect(valuesOf(text, ['stream', 'model'])).toEqual({ kind: 'repeated', name: 'model' })
      expect(valuesOf(text, ['stream'])).toEqual([undefined])
    },
  )

  test('reports broken JSON before a repeated name', () => {
    expect(valuesOf('{"model":"a","model":"b"', ['model'])).toMatchObject({ kind: 'fault' })
  })

  test('counts the last of two members inside of the body, as JSON.parse does', () => {
    const bytes = Buffer.from('{"a":1,"a":2}')
    expect(scanMembers(bytes, { start: 0, end: bytes.length }, ['a'])).toEqual([{ start: 11, end: 12 }])
  })

  test('says at which byte it stopped and what it expected', () => {
    expect(scanObject(Buffer.from('{"model":"m" "x":1}'), NAMES)).toEqual({
      kind: 'fault',
      atByte: 13,
      expected: 'a comma or the end of an object',
    })
  })

  test('takes nesting up to its limit and not one level more', () => {
    const nested = (depth: number) => Buffer.from(`{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`)
    expect(scanObject(nested(MAX_DEPTH - 1), NAMES).kind).toBe('members')
    expect(scanObject(nested(MAX_DEPTH), NAMES)).toMatchObject({ kind: 'fault' })
    expect(scanObject(nested(1_000_000), NAMES)).toMatchObject({ kind: 'fault' })
  })

  test('finds the end of long strings with quotes and backslashes at every distance', () => {
    for (let length = 0; length < 120; length += 1) {
      for (const end of ['\\\\', '\\"', '', '\\\\\\"', 'é']) {
        const text = `{"content":"${'x'.repeat(length)}${end}","model":"m"}`
        expect(valuesOf(text, ['model'])).toEqual(['m'])
      }
    }
  })
})

describe('scanElements and scanMembers', () => {
  test('walk into a part that was scanned before', () => {
    const bytes = Buffer.from('{"messages":[ {"role":"system"} , {"role":"user","content":[1]}],"z":[]}')
    const scan = scanObject(bytes, ['messages', 'z'])
    const [messages, empty] = scan.kind === 'members' ? scan.spans : []
    if (messages === undefined || empty === undefined) throw new Error('not found')
    const roles = [...scanElements(bytes, messages)].map((element) => {
      const [role] = scanMembers(bytes, element, ['role']) ?? []
      return role === undefined ? null : readString(bytes, role)
    })
    expect(roles).toEqual(['system', 'user'])
    expect([...scanElements(bytes, empty)]).toEqual([])
    expect(scanMembers(bytes, empty, ['role'])).toBeNull()
  })
})

describe('readString', () => {
  test('reads every string as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.boolean(), (text, isEscaped) => {
        const bytes = Buffer.from(isEscaped ? escapeAll(text) : JSON.stringify(text))
        expect(readString(bytes, { start: 0, end: bytes.length })).toBe(JSON.parse(bytes.toString('utf8')))
      }),
    )
  })

  it.each(['1', 'null', '["a"]', '"\\x"'])('gives null for %s', (text) => {
    const bytes = Buffer.from(text)
    expect(readString(bytes, { start: 0, end: bytes.length })).toBeNull()
  })
})
