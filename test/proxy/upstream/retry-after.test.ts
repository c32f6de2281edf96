// Every form in which a provider says when to come back, and none that it did not say.
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { expect, it, test } from 'vitest'
import { askedWaitMs, MAX_ASKED_WAIT_MS } from '../../../proxy/upstream/retry-after.ts'

const NOW_MS = Date.parse('2026-03-01T10:00:00Z')
const wait = (headers: Record<string, string | string[]>, body: unknown = '') =>
  askedWaitMs({ headers, body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) }, NOW_MS)

const retryInfo = (retryDelay: string) => ({
  error: {
    code: 429,
    status: 'RESOURCE_EXHAUSTED',
    message: 'slow',
    details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay }],
  },
})

it.each([
  ['milliseconds', { 'retry-after-ms': '1250' }, '', 1250],
  ['milliseconds before seconds', { 'retry-after-ms': '1250', 'retry-after': '2' }, '', 1250],
  ['seconds', { 'retry-after': '20' }, '', 20_000],
  ['fractions of a second', { 'retry-after': '0.5' }, '', 500],
  ['zero seconds', { 'retry-after': '0' }, '', 0],
  ['an HTTP date', { 'retry-after': 'Sun, 01 Mar 2026 10:00:07 GMT' }, '', 7000],
  ['a date that has passed', { 'retry-after': 'Sun, 01 Mar 2026 09:00:00 GMT' }, '', 0],
  ['a duration', { 'retry-after': '3s' }, '', 3000],
  ['a header twice', { 'retry-after': ['4', '9'] }, '', 4000],
  ['a delay in the details of Gemini', {}, retryInfo('37s'), 37_000],
  ['a delay with a fraction', {}, retryInfo('1.5s'), 1500],
  ['a delay in a list', {}, [retryInfo('2s')], 2000],
  [
    'the limit of OpenAI that is used up',
    {
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '6m0s',
      'x-ratelimit-remaining-tokens': '10',
      'x-ratelimit-reset-tokens': '20ms',
    },
    '',
    360_000,
  ],
  [
    'the limit that is first to be lifted, where none is used up',
    { 'x-ratelimit-reset-requests': '1s', 'x-ratelimit-reset-tokens': '20ms' },
    '',
    20,
  ],
  [
    'a date of Anthropic',
    {
      'anthropic-ratelimit-tokens-remaining': '0',
      'anthropic-ratelimit-tokens-reset': '2026-03-01T10:00:30Z',
      'anthropic-ratelimit-requests-remaining': '5',
      'anthropic-ratelimit-requests-reset': '2026-03-01T10:00:01Z',
    },
    '',
    30_000,
  ],
  ['seconds of the epoch', { 'x-ratelimit-reset': String(NOW_MS / 1000 + 5) }, '', 5000],
  ['milliseconds of the epoch', { 'x-ratelimit-reset': String(NOW_MS + 5) }, '', 5],
  ['words', {}, { error: { message: 'Rate limit reached. Please try again in 1.2s. Visit us.' } }, 1200],
  ['words with minutes', {}, { error: { message: 'Please try again in 6m1s.' } }, 361_000],
  ['a month', { 'retry-after': '2592000' }, '', MAX_ASKED_WAIT_MS],
  ['nothing', {}, '', null],
  ['an empty header', { 'retry-after': '' }, '', null],
  ['a header that is no time', { 'retry-after': 'soon' }, '', null],
  ['a negative number', { 'retry-after': '-1' }, '', null],
  ['a limit of -1, as Azure has it', { 'x-ratelimit-reset-tokens': '-1' }, '', null],
  ['a body that is no JSON', {}, '<html>', null],
])('%s', (...[, headers, body, expected]) => {
  expect(wait(headers, body)).toBe(expected)
})

test('whatever the headers say, it is a bounded whole number or nothing', () => {
  const text = fc.oneof(fc.string(), fc.float().map(String), fc.date({ noInvalidDate: true }).map(String))
  fc.assert(
    fc.property(fc.constantFrom('retry-after', 'retry-after-ms', 'x-ratelimit-reset-tokens'), text, (name, value) => {
      const waitMs = wait({ [name]: value })
      expect(waitMs === null || (Number.isInteger(waitMs) && waitMs >= 0 && waitMs <= MAX_ASKED_WAIT_MS)).toBe(true)
    }),
  )
})
