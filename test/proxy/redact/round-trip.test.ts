// There and back with the proxy's own detection, for a sample of every detector: every cut in one format, cuts at
// random in all others, places at random. Whole corpora go the same way in test/bench/round-trip.ts, outside of CI.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DETECTORS } from '../../../proxy/redact/detectors/table.ts'
import { POSITIONS } from './bodies.ts'
import { maskingRig } from './masking-rig.ts'
import { cutAt, maskText, repeated, throughPlace, type MaskedText } from './round-trip.ts'
import { TEXT_CASES } from './restore/stream-cases.ts'

const rig = maskingRig({ isReal: true })
const SAMPLES = DETECTORS.filter(({ sample }) => sample !== '').map(({ name, sample, isOneWay }) => ({
  name,
  text: `Before it, ${sample} and behind.`,
  isOneWay,
}))

/** What comes back when nothing is cut. */
function wholeOf(masked: MaskedText): string {
  const [chat] = TEXT_CASES
  if (chat === undefined) throw new Error('no stream format')
  return repeated(masked, [masked.sent], chat)
}

test.each(SAMPLES)('$name, cut at every place', async (sample) => {
  const masked = await maskText(rig, sample.text)
  const whole = wholeOf(masked)
  // What never comes back is another text for good.
  expect(whole === sample.text).toBe(!sample.isOneWay)
  const [chat, ...others] = TEXT_CASES
  for (let cut = 1; cut < masked.sent.length && chat !== undefined; cut += 1) {
    expect(repeated(masked, cutAt(masked.sent, [cut]), chat)).toBe(whole)
  }
  fc.assert(
    fc.property(fc.constantFrom(...others), fc.array(fc.nat(masked.sent.length), { maxLength: 5 }), (format, cuts) => {
      expect(repeated(masked, cutAt(masked.sent, cuts), format)).toBe(whole)
    }),
    { numRuns: 6 },
  )
})

test('each of them in places of every dialect', async () => {
  const samples = SAMPLES.filter(({ isOneWay }) => !isOneWay)
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...samples), fc.constantFrom(...POSITIONS), async ({ text }, position) => {
      const { comesBack, sent } = await throughPlace(rig, text, position)
      expect({ comesBack, sent }).toEqual({ comesBack: true, sent })
    }),
    { numRuns: 150 },
  )
})
