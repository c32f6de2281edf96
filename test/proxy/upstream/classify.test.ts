// Which failure an answer is, from real providers' bodies; where code, words and status disagree, which one counts.
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { FAILOVER_CLASSES, type FailoverClass } from '../../../proxy/table/schema.ts'
import { classifyError } from '../../../proxy/upstream/classify.ts'

const openAi = (code: string | null, type: string, message = '') => ({ error: { message, type, param: null, code } })
const anthropic = (type: string, message = '') => ({ type: 'error', error: { type, message } })
const google = (code: number, status: string, message = '', details?: object[]) => ({
  error: { code, message, status, ...(details === undefined ? {} : { details }) },
})
const quota = (quotaId: string) => [
  { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [{ quotaId }] },
]

const cases: readonly (readonly [string, number | null, unknown, FailoverClass])[] = [
  ['a rate limit of OpenAI', 429, openAi('rate_limit_exceeded', 'tokens', 'Please try again in 6s.'), 'RateLimited'],
  ['a used-up quota of OpenAI', 429, openAi('insufficient_quota', 'insufficient_quota'), 'Quota'],
  ['an unpaid account of OpenAI', 429, openAi('billing_not_active', 'billing_not_active'), 'Quota'],
  ['a wrong key at OpenAI', 401, openAi('invalid_api_key', 'invalid_request_error'), 'Auth'],
  ['a text too long for OpenAI', 400, openAi('context_length_exceeded', 'invalid_request_error'), 'ContextLength'],
  ['a model that OpenAI has not', 404, openAi('model_not_found', 'invalid_request_error'), 'ModelNotFound'],
  ['a faulty request at OpenAI', 400, openAi(null, 'invalid_request_error', 'Invalid tool'), 'BadRequest'],
  ['a fault of OpenAI', 500, openAi(null, 'server_error'), 'Server'],
  ['a filter of Azure', 400, openAi('content_filter', '', 'content management policy'), 'ContentFilter'],
  [
    'a filter of Azure by its inner code',
    400,
    { error: { code: 'x', message: '', innererror: { code: 'ResponsibleAIPolicyViolation' } } },
    'ContentFilter',
  ],
  ['an overload of Anthropic', 529, anthropic('overloaded_error', 'Overloaded'), 'Overloaded'],
  ['an overload of Anthropic in a stream', null, anthropic('overloaded_error', 'Overloaded'), 'Overloaded'],
  ['a rate limit of Anthropic', 429, anthropic('rate_limit_error'), 'RateLimited'],
  ['a fault of Anthropic in a stream', null, anthropic('api_error'), 'Server'],
  ['a text too long for Anthropic', 400, anthropic('invalid_request_error', 'prompt is too long: 2'), 'ContextLength'],
  [
    'an unpaid account of Anthropic',
    400,
    anthropic('invalid_request_error', 'Your credit balance is too low'),
    'Quota',
  ],
  ['a request too large for Anthropic', 413, anthropic('request_too_large'), 'ContextLength'],
  [
    'a rate limit of Gemini that speaks of a quota',
    429,
    google(429, 'RESOURCE_EXHAUSTED', 'You exceeded your current quota, please check your plan and billing details.', [
      ...quota('GenerateRequestsPerMinutePerProjectPerModel'),
    ]),
    'RateLimited',
  ],
  [
    'a daily limit of Gemini',
    429,
    google(429, 'RESOURCE_EXHAUSTED', '', quota('GenerateRequestsPerDayPerProject')),
    'Quota',
  ],
  ['an overload of Gemini', 503, google(503, 'UNAVAILABLE', 'The model is overloaded.'), 'Overloaded'],
  ['a wrong key at Gemini', 400, google(400, 'INVALID_ARGUMENT', 'API key not valid.'), 'Auth'],
  ['an error of Gemini in a list', 503, [google(503, 'UNAVAILABLE')], 'Overloaded'],
  ['a status of a gateway in a body of status 200', null, { error: { code: 429, message: 'slow' } }, 'RateLimited'],
  ['a missing model of Ollama', 404, { error: "model 'x' not found" }, 'ModelNotFound'],
  ['a failed response', null, { type: 'response.failed', response: { error: { code: 'server_error' } } }, 'Server'],
  ['an unpaid account without a body', 402, '', 'Quota'],
  ['a proxy that is not there', 502, '<html>Bad Gateway</html>', 'Server'],
  ['a proxy whose provider is slow', 504, '<html>', 'Timeout'],
  ['a body that is cut', 429, '{"error":{"message":"Ra', 'RateLimited'],
  ['a body of no form that is known', 400, { oops: true }, 'BadRequest'],
  [
    'a response that it does not hold',
    400,
    { error: { message: 'none', type: 'invalid_request_error', code: 'previous_response_not_found' } },
    'ModelNotFound',
  ],
  ['nothing at all', null, '', 'Server'],
]

describe('classifyError', () => {
  it.each(cases)('%s', (...[, status, body, expected]) => {
    expect(classifyError(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), status)).toBe(expected)
  })

  test('every class that an error can have is met above', () => {
    const ofNoError = ['Connect', 'Dns', 'Tls', 'Idle', 'Reset', 'Truncated']
    const met = new Set(cases.map(([, , , failureClass]) => failureClass))
    expect(FAILOVER_CLASSES.filter((name) => !met.has(name))).toEqual(ofNoError)
  })

  test('takes any bytes', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => Buffer.from(text)),
        ),
        fc.integer({ min: 400, max: 599 }),
        (raw, status) => {
          expect(FAILOVER_CLASSES).toContain(classifyError(Buffer.from(raw), status))
        },
      ),
    )
  })
})
