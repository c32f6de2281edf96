// The types of the proxy's own errors in OpenAI's shape, by which applications tell what to do.
import { expect, test } from 'vitest'
import { openAiError } from '../../../proxy/dialect/openai-error.ts'
import { failure, type ErrorCode } from '../../../proxy/errors.ts'

test.each<readonly [ErrorCode, string]>([
  ['no_route', 'invalid_request_error'],
  ['body_not_json', 'invalid_request_error'],
  ['targets_rate_limited', 'rate_limit_error'],
  ['targets_failed', 'server_error'],
  ['no_table', 'server_error'],
])('%s is of the type %s', (code, type) => {
  expect(openAiError(failure(code, 'what failed'))).toEqual({
    error: { message: 'what failed', type, param: null, code },
  })
})
