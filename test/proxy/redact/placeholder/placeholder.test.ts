// Codes: one per value and conversation, 13 characters, none shared. Ten million are compared in
// test/bench/placeholder-collisions.ts, outside of CI.
import { describe, expect, test } from 'vitest'
import { conversationKey, namespaceKeysOf } from '../../../../proxy/redact/placeholder/namespace-key.ts'
import { Codes, FRAMED, placeholderOf } from '../../../../proxy/redact/placeholder/placeholder.ts'
import { KeyRing } from '../../../../proxy/table/key-ring.ts'

const KEY = Buffer.alloc(32, 5)
const codes = new Codes(conversationKey(KEY, 'conversation'))

test('a placeholder is letters, digits and underscores, and is known as one', () => {
  const token = placeholderOf('EMAIL', { code: codes.of('a@b.c') })
  expect(token).toMatch(/^XREF_EMAIL_[0-9A-HJKMNP-TV-Z]{13}$/)
  expect(encodeURIComponent(token)).toBe(token)
  expect(JSON.stringify(token)).toBe(`"${token}"`)
  expect(token.match(FRAMED)).toEqual([token])
})

test('the code of a value is always the same, and all its bits count', () => {
  expect(codes.of('a@b.c')).toBe('WHQKANHAQ6SRT')
  const last = new Set(Array.from({ length: 400 }, (_, index) => codes.of(String(index)).slice(-1)))
  // 64 bits in 13 characters of five: the last bit of the last one is always 0.
  expect(last.size).toBe(16)
})

test('a hundred thousand values have as many codes', () => {
  const all = new Set(Array.from({ length: 100_000 }, (_, index) => codes.of(`value ${index}`)))
  expect(all.size).toBe(100_000)
})

test('a number of a document and the text of its digits are two values', () => {
  expect(codes.of('13812345678', 'number')).not.toBe(codes.of('13812345678'))
})

describe('keys', () => {
  test('differ by conversation and are the same in every proxy of a namespace', () => {
    const one = conversationKey(KEY, 'a')
    expect(conversationKey(Buffer.from(KEY), 'a')).toEqual(one)
    expect(conversationKey(KEY, 'b')).not.toEqual(one)
    expect(conversationKey(KEY, null)).not.toEqual(one)
    expect(conversationKey(Buffer.alloc(32, 6), 'a')).not.toEqual(one)
  })

  test('come from the keys channel: 32 bytes, the one before beside the current one', () => {
    const ring = new KeyRing()
    expect(namespaceKeysOf(ring)).toBe(null)
    ring.replaceAll([{ id: 'redaction/current', value: KEY.toString('base64') }])
    expect(namespaceKeysOf(ring)).toEqual({ current: KEY, previous: null })
    ring.replaceAll([
      { id: 'redaction/current', value: KEY.toString('base64') },
      { id: 'redaction/previous', value: 'c2hvcnQ=' },
    ])
    expect(namespaceKeysOf(ring)).toEqual({ current: KEY, previous: null })
  })
})
