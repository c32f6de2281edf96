// Splicing keeps every byte outside of the span.
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { splice } from '../../../proxy/json/splice.ts'

test('replaces the span and keeps every byte around it', () => {
  const bytes = fc.uint8Array({ maxLength: 40 })
  fc.assert(
    fc.property(bytes, bytes, bytes, bytes, (before, old, after, replacement) => {
      const whole = Buffer.concat([before, old, after])
      const span = { start: before.length, end: before.length + old.length }
      const expected = Buffer.concat([before, replacement, after])
      expect(splice(whole, span, Buffer.from(replacement)).equals(expected)).toBe(true)
      expect(whole.equals(Buffer.concat([before, old, after]))).toBe(true)
    }),
  )
})

test('gives back the same buffer when the span holds these bytes already', () => {
  const whole = Buffer.from('{"model":"gpt"}')
  expect(splice(whole, { start: 9, end: 14 }, Buffer.from('"gpt"'))).toBe(whole)
})
