// How long providers ask to wait, in every form that they use, with both sides of each boundary.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { JsonValue } from '../../../proxy/dialect/neutral/json.ts'
import { LONGEST_DELAY_MS, retryDelayMs, type ReplyHeaders } from '../../../proxy/upstream/retry-after.ts'

const NOW = Date.parse('2026-11-22T10:00:00Z')

const delay = (headers: ReplyHeaders, body: JsonValue = null) => retryDelayMs({ headers, body }, NOW)

test.each<readonly [string, string, number | null]>([
  ['retry-after', '0', 0],
  ['retry-after', '7', 7000],
  ['retry-after', '1.5', 1500],
  ['retry-after', ' 3 ', 3000],
  ['retry-after', '86400', LONGEST_DELAY_MS],
  ['retry-after', '86401', LONGEST_DELAY_MS],
  ['retry-after', '999999999999', LONGEST_DELAY_MS],
  ['retry-after', 'Sun, 22 Nov 2026 10:00:30 GMT', 30_000],
  ['retry-after', 'Sunday, 22-Nov-26 10:01:00 GMT', 60_000],
  ['retry-after', 'Sun Nov 22 10:00:05 2026', 5000],
  ['retry-after', 'Sun, 22 Nov 2026 09:59:00 GMT', 0],
  ['retry-after', '2026-11-22T10:00:02Z', 2000],
  ['retry-after', '-1', null],
  ['retry-after', 'soon', null],
  ['retry-after', '', null],
  ['retry-after', '1e3', null],
  ['retry-after-ms', '250', 250],
  ['retry-after-ms', '0.4', 1],
  ['x-ratelimit-reset-requests', '1s', 1000],
  ['x-ratelimit-reset-tokens', '6m0s', 360_000],
  ['x-ratelimit-reset-tokens', '20ms', 20],
  ['x-ratelimit-reset-tokens', '1h2m3.5s', 3_723_500],
  ['x-ratelimit-reset-tokens', '59', 59_000],
  ['x-ratelimit-reset-tokens', 'later', null],
  ['anthropic-ratelimit-requests-reset', '2026-11-22T10:00:12Z', 12_000],
  ['anthropic-ratelimit-input-tokens-reset', '2026-11-22T11:00:00+01:00', 0],
  ['anthropic-ratelimit-tokens-reset', 'tomorrow', null],
  ['x-ratelimit-reset', '30', 30_000],
  ['x-ratelimit-reset', String(NOW / 1000 + 90), 90_000],
  ['x-ratelimit-reset', String(NOW + 1500), 1500],
  ['ratelimit-reset', '12', 12_000],
])('%s: %s is a delay of %s ms', (name, value, expected) => {
  expect(delay({ [name]: value })).toBe(expected)
})

const google = (retryDelay: JsonValue): JsonValue => ({
  error: {
    code: 429,
    status: 'RESOURCE_EXHAUSTED',
    message: 'Quota exceeded. Please retry in 99s.',
    details: [
      { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [] },
      { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay },
    ],
  },
})

test.each<readonly [string, JsonValue, number | null]>([
  ['RetryInfo in whole seconds', google('34s'), 34_000],
  ['RetryInfo with a fraction', google('34.074824224s'), 34_075],
  ['RetryInfo as an object', google({ seconds: '2', nanos: 500_000_000 }), 2500],
  ['RetryInfo in an array of one, as streams answer', [google('3s')], 3000],
  ['RetryInfo that cannot be read, but words that can', google('soon'), 99_000],
  ['OpenAI’s words', { error: { message: 'Rate limit reached. Please try again in 1.898s. Visit ...' } }, 1898],
  ['OpenAI’s words with several units', { error: { message: 'Please try again in 6m0s.' } }, 360_000],
  ['an error that is text', { error: 'busy, try again in 20ms' }, 20],
  ['words without a time', { error: { message: 'Please try again later.' } }, null],
  ['no error', {}, null],
  ['no JSON', null, null],
])('the body with %s', (_, body, expected) => {
  expect(delay({}, body)).toBe(expected)
})

test('the plainest statement wins over the others', () => {
  const headers = { 'retry-after-ms': '100', 'retry-after': '7', 'x-ratelimit-reset-tokens': '1m0s' }
  expect(delay(headers, google('34s'))).toBe(100)
  expect(delay({ ...headers, 'retry-after-ms': 'x' }, google('34s'))).toBe(7000)
  expect(delay({ 'x-ratelimit-reset-tokens': '1m0s' }, google('34s'))).toBe(34_000)
})

test('of several limits, the one that is used up counts; else the longest', () => {
  const resets = { 'x-ratelimit-reset-requests': '2s', 'x-ratelimit-reset-tokens': '1m0s' }
  expect(delay({ ...resets, 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-remaining-tokens': '500' })).toBe(2000)
  expect(delay({ ...resets, 'x-ratelimit-remaining-requests': '-1', 'x-ratelimit-remaining-tokens': '0' })).toBe(60_000)
  expect(delay(resets)).toBe(60_000)
})

test('a repeated header counts once, by its first value', () => {
  expect(delay({ 'retry-after': ['4', '9'] })).toBe(4000)
})

test('any headers and any body give a bounded delay or none', () => {
  const names = fc.constantFrom(
    'retry-after',
    'retry-after-ms',
    'x-ratelimit-reset',
    'x-ratelimit-reset-a',
    'anthropic-ratelimit-a-reset',
  )
  const values = fc.oneof(
    fc.string(),
    fc.constantFrom('9'.repeat(400), '1e999', '0x10', '١٢', '1s'.repeat(5000), 'Mon, ', 'Infinity'),
  )
  fc.assert(
    fc.property(fc.dictionary(names, values), fc.jsonValue(), (headers, body) => {
      const found = retryDelayMs({ headers, body: { error: body } as JsonValue }, NOW)
      expect(found === null || (Number.isInteger(found) && found >= 0 && found <= LONGEST_DELAY_MS)).toBe(true)
    }),
    { numRuns: 2000 },
  )
})
