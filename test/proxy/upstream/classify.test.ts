// The same status with different bodies is a different failure: each vendor's known cases, and what is unknown.
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FORMATS } from '../../../proxy/dialect/neutral/carries.ts'
import type { ErrorClass, FormatName } from '../../../proxy/dialect/neutral/chat.ts'
import { classify, MAX_ERROR_BODY_BYTES } from '../../../proxy/upstream/classify.ts'

const openai = (code: string | null, message = '', type = 'invalid_request_error') => ({
  error: { message, type, param: null, code },
})
const anthropic = (type: string, message = '') => ({ type: 'error', error: { type, message } })
const google = (status: string, message = '', details: unknown[] = []) => ({
  error: { code: 0, status, message, details },
})

const perDay = [
  {
    '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
    violations: [{ quotaId: 'GenerateRequestsPerDayPerProjectPerModel-FreeTier' }],
  },
]
const retryInfo = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '36s' }
const spentWords = 'You exceeded your current quota, please check your plan and billing details.'

const cases: readonly (readonly [FormatName, number, unknown, ErrorClass])[] = [
  ['OpenAIChat', 429, openai('rate_limit_exceeded', 'Rate limit reached', 'tokens'), 'rateLimited'],
  ['OpenAIChat', 429, openai('insufficient_quota', spentWords, 'insufficient_quota'), 'quota'],
  ['OpenAIChat', 429, openai(null, spentWords), 'quota'],
  ['OpenAIChat', 429, openai('slow_down', 'Slow down'), 'rateLimited'],
  ['OpenAIChat', 429, {}, 'rateLimited'],
  ['OpenAIChat', 503, openai(null, 'The engine is currently overloaded', 'server_error'), 'overloaded'],
  ['OpenAIChat', 500, openai(null, 'The server had an error', 'server_error'), 'server'],
  ['OpenAIChat', 401, openai('invalid_api_key'), 'auth'],
  ['OpenAIChat', 403, openai('unsupported_country_region_territory'), 'permission'],
  ['OpenAIChat', 404, openai('model_not_found'), 'notFound'],
  ['OpenAIChat', 400, openai('context_length_exceeded'), 'contextLength'],
  ['OpenAIChat', 400, openai(null, 'This model’s maximum context length is 8192 tokens'), 'contextLength'],
  ['OpenAIChat', 400, openai('content_filter', 'The response was filtered'), 'contentFilter'],
  ['OpenAIChat', 400, openai('content_policy_violation'), 'contentFilter'],
  ['OpenAIChat', 400, openai(null, 'temperature must be at most 2'), 'badRequest'],
  ['OpenAIChat', 402, openai(null, 'Insufficient credits'), 'quota'],
  ['OpenAIChat', 408, {}, 'timeout'],
  ['OpenAIChat', 413, {}, 'tooLarge'],
  ['OpenAIChat', 422, { detail: 'bad' }, 'badRequest'],
  ['OpenAIResponses', 429, openai('insufficient_quota'), 'quota'],
  ['Anthropic', 429, anthropic('rate_limit_error'), 'rateLimited'],
  ['Anthropic', 529, anthropic('overloaded_error', 'Overloaded'), 'overloaded'],
  ['Anthropic', 529, {}, 'overloaded'],
  [
    'Anthropic',
    400,
    anthropic('invalid_request_error', 'Your credit balance is too low to access the Anthropic API.'),
    'quota',
  ],
  ['Anthropic', 402, anthropic('billing_error'), 'quota'],
  [
    'Anthropic',
    400,
    anthropic('invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum'),
    'contextLength',
  ],
  ['Anthropic', 400, anthropic('invalid_request_error', 'Output blocked by content filtering policy'), 'contentFilter'],
  [
    'Anthropic',
    400,
    anthropic('invalid_request_error', 'messages: text content blocks must be non-empty'),
    'badRequest',
  ],
  ['Anthropic', 401, anthropic('authentication_error'), 'auth'],
  ['Anthropic', 403, anthropic('permission_error'), 'permission'],
  ['Anthropic', 404, anthropic('not_found_error'), 'notFound'],
  ['Anthropic', 413, anthropic('request_too_large'), 'tooLarge'],
  ['Anthropic', 500, anthropic('api_error'), 'server'],
  ['Gemini', 429, google('RESOURCE_EXHAUSTED', spentWords, [...perDay, retryInfo]), 'rateLimited'],
  ['Gemini', 429, google('RESOURCE_EXHAUSTED', 'Quota exceeded', perDay), 'quota'],
  ['Gemini', 429, google('RESOURCE_EXHAUSTED', spentWords), 'quota'],
  ['Gemini', 429, google('RESOURCE_EXHAUSTED', 'Resource has been exhausted (e.g. check quota).'), 'rateLimited'],
  ['Gemini', 429, [google('RESOURCE_EXHAUSTED', '', [retryInfo])], 'rateLimited'],
  ['Gemini', 503, google('UNAVAILABLE', 'The model is overloaded.'), 'overloaded'],
  ['Gemini', 400, google('INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.'), 'auth'],
  [
    'Gemini',
    400,
    google('INVALID_ARGUMENT', 'The input token count (1200000) exceeds the maximum number of tokens allowed'),
    'contextLength',
  ],
  ['Gemini', 403, google('PERMISSION_DENIED'), 'permission'],
  ['Gemini', 504, google('DEADLINE_EXCEEDED'), 'timeout'],
  ['Gemini', 500, google('INTERNAL'), 'server'],
  ['Ollama', 404, { error: 'model "x" not found, try pulling it first' }, 'notFound'],
  ['Ollama', 503, { error: 'server busy, please try again. maximum pending requests exceeded' }, 'overloaded'],
  ['Ollama', 400, { error: 'input exceeds maximum context length' }, 'contextLength'],
  ['Ollama', 500, { error: 'llama runner process has terminated' }, 'server'],
  ['Prompt', 500, { error: 'x' }, 'server'],
]

test.each(cases)('%s, status %i, %j: %s', (dialect, status, body, expected) => {
  expect(classify({ status, headers: {}, body: Buffer.from(JSON.stringify(body)) }, dialect, 0).class).toBe(expected)
})

test.each([
  [429, 'rateLimited'],
  [502, 'server'],
  [503, 'overloaded'],
  [400, 'badRequest'],
] as const)('status %i with a page of HTML, nothing, or too much is %s by its status', (status, expected) => {
  const bodies = [
    '<html>insufficient_quota</html>',
    '',
    '{"error":',
    `{"error":{"code":"insufficient_quota","pad":"${'x'.repeat(MAX_ERROR_BODY_BYTES)}"}}`,
  ]
  const classes = FORMATS.flatMap((dialect) =>
    bodies.map((body) => classify({ status, headers: {}, body: Buffer.from(body) }, dialect, 0).class),
  )
  expect(new Set(classes)).toEqual(new Set([expected]))
})

test('the delay is read from the same reply', () => {
  const reply = { status: 429, headers: { 'retry-after': '3' }, body: Buffer.from('{}') }
  expect(classify(reply, 'Anthropic', 0)).toEqual({ class: 'rateLimited', retryDelayMs: 3000 })
  expect(classify({ ...reply, headers: {} }, 'Anthropic', 0).retryDelayMs).toBe(null)
})

test('any body at any status is classified', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...FORMATS),
      fc.integer({ min: 400, max: 599 }),
      fc.jsonValue(),
      (dialect, status, error) => {
        const body = Buffer.from(JSON.stringify({ error }))
        expect(classify({ status, headers: {}, body }, dialect, 0).class).toMatch(/^[a-zA-Z]+$/)
      },
    ),
    { numRuns: 1000 },
  )
})
