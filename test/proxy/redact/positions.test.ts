// Where text hides: one value in every place of every operation of every dialect. None may be in what leaves, and the
// map that the call keeps must hold each of them.
import { describe, expect, test } from 'vitest'
import { POSITIONS } from './bodies.ts'
import { bodyOf, maskingRig } from './masking-rig.ts'

const VALUES = ['alice.muster@example.com', '+49 170 1234567', '4111 1111 1111 1111', '11010519491231002X']
const TOKEN = /XREF_[A-Z]+_[0-9A-HJKMNP-TV-Z]{13}/

const rig = maskingRig()

describe.each(POSITIONS)('$name', ({ path, body }) => {
  test.each(VALUES)('%s', async (value) => {
    const given = body(`for ${value}.`)
    const masked = await rig.mask(path, given)
    const sent = bodyOf(masked)
    expect(sent).not.toContain(value)
    expect(sent).toMatch(TOKEN)
    if (masked.kind !== 'masked') return
    expect(masked.report?.sent).toBe(1)
    const token = TOKEN.exec(sent)?.[0] ?? ''
    // The very same body, but for the value.
    expect(JSON.parse(sent.replaceAll(token, value))).toEqual(given)
  })
})
