// What of a failure is told to the others, class by class and code by code.
import { describe, expect, it } from 'vitest'
import { sharingOf, type Sharing } from '../../../../proxy/cache/flight/sharing.ts'
import { failure, type ErrorCode } from '../../../../proxy/errors.ts'
import { FAILOVER_CLASSES, type FailoverClass } from '../../../../proxy/table/schema.ts'

const answered = (status: number, failureClass: FailoverClass | null) =>
  ({ kind: 'answered', status, failureClass }) as const

describe('what came of a call, for the others that waited for it', () => {
  const answers: readonly (readonly [string, number, FailoverClass | null, Sharing])[] = [
    ['a good answer is theirs too', 200, null, 'all'],
    ['an answer that a filter cut off is one', 200, 'ContentFilter', 'all'],
    ['an answer that met its limit is one', 200, 'Truncated', 'all'],
    ['an overload told as the first event of a stream is none', 200, 'Overloaded', 'none'],
    ['a refused key is refused for all', 401, 'Auth', 'all'],
    ['a rate limit holds for all under the key', 429, 'RateLimited', 'all'],
    ['a quota that is used up is so for all', 429, 'Quota', 'all'],
    ['a faulty request is faulty in the same bytes', 400, 'BadRequest', 'same bytes'],
    ['a request that a filter refuses is refused in the same bytes', 400, 'ContentFilter', 'same bytes'],
    ['a status without a class is judged by the bytes', 418, null, 'same bytes'],
    ['a fault of the provider may pass', 500, 'Server', 'none'],
  ]

  it.each(answers)('%s', (_, status, failureClass, sharing) => {
    expect(sharingOf(answered(status, failureClass))).toBe(sharing)
  })

  it('an answer that may be repeated with more luck is never shared as an error', () => {
    const passing = FAILOVER_CLASSES.filter((name) => sharingOf(answered(503, name)) === 'none')
    expect(passing).toEqual(['Connect', 'Dns', 'Tls', 'Timeout', 'Idle', 'Reset', 'Overloaded', 'Server'])
  })

  const failures: readonly (readonly [ErrorCode, Sharing])[] = [
    ['targets_failed', 'none'],
    ['targets_overloaded', 'none'],
    ['targets_rate_limited', 'all'],
    ['no_backend', 'all'],
    ['key_missing', 'all'],
    ['not_translatable', 'same bytes'],
    ['internal_error', 'none'],
    ['caller_gone', 'none'],
  ]

  it.each(failures)('%s: %s', (code, sharing) => {
    expect(sharingOf(failure(code, ''))).toBe(sharing)
  })
})
