// A text as numbers: what stands inside and outside of it, and that nothing of it stays.
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { KEPT_UNITS, Units, unitsOf, ZEROS_BEHIND } from '../../../../../proxy/redact/detectors/text/units.ts'

test('any text reads as its code units, and as zeros before and behind', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const units = unitsOf(text)
      expect(Array.from({ length: text.length }, (_, at) => units.codes[at])).toEqual(
        Array.from({ length: text.length }, (_, at) => text.charCodeAt(at)),
      )
      expect([units.charCodeAt(-1), units.charCodeAt(text.length)]).toEqual([0, 0])
      expect(units.codes.length).toBeGreaterThanOrEqual(text.length + ZEROS_BEHIND)
    }),
  )
})

test('a shorter text behind a longer one sees nothing of it, and a release leaves none', () => {
  const units = new Units().hold('a secret that is longer')
  units.release()
  expect(units.codes.every((code) => code === 0)).toBe(true)
  units.hold('short')
  expect([...units.codes.subarray(0, 8)]).toEqual([...Array.from('short', (one) => one.charCodeAt(0)), 0, 0, 0])
})

test('room for a very long text is given back with it', () => {
  const units = new Units().hold('张'.repeat(KEPT_UNITS * 3))
  expect(units.charCodeAt(KEPT_UNITS * 3 - 1)).toBe('张'.charCodeAt(0))
  units.release()
  expect(units.codes.length).toBeLessThanOrEqual(KEPT_UNITS)
})
