// Any JSON with values anywhere in it: none leaves, and every byte around them does as it came. Escapes, surrogates,
// names and documents inside of strings included. And any bytes that are no JSON: the walk comes to an end.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CHAT } from '../../../../proxy/redact/walk/openai.ts'
import { walkBody } from '../../../../proxy/redact/walk/walker.ts'
import { bodyOf, maskingRig } from '../masking-rig.ts'

const VALUES = ['alice.muster@example.com', '13812345678', '11010519491231002X']
const TOKEN = /XREF_[A-Z]+_[0-9A-HJKMNP-TV-Z]{13}/g

const rig = maskingRig()
/** Letters and digits would make a longer word of a value, which the plain detection of this test does not see. */
const filler = fc.string({
  unit: fc.constantFrom('ä', '张', '\u{1f600}', '\\', '"', '\n', '/', ' ', '%', '\ud83d', '\u2028'),
})
const text = fc
  .tuple(filler, fc.constantFrom(...VALUES, 'plain'), filler)
  .map(([before, value, after]) => `${before} ${value} ${after}`)
const leaf = fc.oneof(text, fc.integer(), fc.constant(13_812_345_678), fc.boolean(), fc.constant(null))
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(text, tie('tree'), { maxKeys: 3 }),
  ),
}))

function bodies(value: unknown, said: string): object {
  const call = { id: 'c', type: 'function', function: { name: 'f', arguments: JSON.stringify({ value }) } }
  const messages = [
    { role: 'user', content: said },
    { role: 'assistant', tool_calls: [call] },
  ]
  return { model: 'm', messages, metadata: { value } }
}

test('no value leaves, and everything else does', async () => {
  await fc.assert(
    fc.asyncProperty(tree, text, fc.boolean(), async (value, said, isSpaced) => {
      const given = JSON.stringify(bodies(value, said), null, isSpaced ? 1 : 0)
      const sent = bodyOf(await rig.mask('/v1/chat/completions', given))
      for (const secret of VALUES) expect(sent).not.toContain(secret)
      expect(sent.replaceAll(TOKEN, '?').replaceAll(/\\*"\?\\*"|\?/g, '?')).toBe(
        VALUES.reduce((clear, secret) => clear.replaceAll(secret, '?'), given).replaceAll(/\\*"\?\\*"|\?/g, '?'),
      )
    }),
    { numRuns: 300 },
  )
})

const WALKED = walkBody(Buffer.from('{"model":"m","messages":[{"role":"user","content":"x"}]}'), CHAT)

test('a walk of bytes that are no JSON comes to an end, whatever they are', () => {
  expect(WALKED.kind).toBe('walked')
  const junk = fc.string({
    unit: fc.constantFrom('{', '}', '[', ']', ',', ':', '"', '\\', '1', 'a', ' ', '"messages"'),
  })
  const cut = fc.tuple(tree, fc.nat()).map(([value, at]) => JSON.stringify(bodies(value, 'x')).slice(0, at % 300))
  fc.assert(
    fc.property(fc.oneof(junk, cut), (text) => {
      expect(['walked', 'failure']).toContain(walkBody(Buffer.from(text), CHAT).kind)
    }),
    { numRuns: 1000 },
  )
  for (const text of [
    '',
    '{',
    '[',
    '{"a"',
    '{"a":',
    '[1',
    '{"messages":[',
    '['.repeat(100_000),
    '{"a":'.repeat(100_000),
  ]) {
    expect(['walked', 'failure']).toContain(walkBody(Buffer.from(text), CHAT).kind)
  }
})
