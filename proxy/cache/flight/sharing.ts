// Whether what came of one call is an honest answer for the others that waited for it, who asked the same. Pure.
//
//   what came                                             the others
//   an answer, cut at its length or filtered as well      get it
//   key refused, quota used up, rate limit                get it: their calls leave under the same key, and one more
//                                                         would spend what is left or break the wait that was asked for
//   the request is at fault                               get it where their bytes are the same, else one of them tries
//   may pass (overloaded, broken, late, a fault of ours)  one of them tries, the rest go on waiting
//   no target, key or table                               get it: another try meets the same
//
// Who has waited for MAX_TRIES calls in vain gets what came of the last one, whatever it is.
import type { Answered } from '../../exchange.ts'
import { ERRORS, type ErrorCode, type Failure } from '../../errors.ts'
import type { FailoverClass } from '../../table/schema.ts'

/** Calls that one caller waits for, its own included. */
export const MAX_TRIES = 2

export type Sharing = 'all' | 'same bytes' | 'none'

const BY_CLASS: Readonly<Record<FailoverClass, Sharing>> = {
  Connect: 'none',
  Dns: 'none',
  Tls: 'none',
  Timeout: 'none',
  Idle: 'none',
  Reset: 'none',
  Overloaded: 'none',
  Server: 'none',
  RateLimited: 'all',
  Quota: 'all',
  Auth: 'all',
  ModelNotFound: 'same bytes',
  ContextLength: 'same bytes',
  ContentFilter: 'same bytes',
  Truncated: 'same bytes',
  BadRequest: 'same bytes',
}

/** Codes that say more than where a failure comes from. */
const BY_CODE: Partial<Readonly<Record<ErrorCode, Sharing>>> = {
  caller_gone: 'none',
  internal_error: 'none',
  targets_rate_limited: 'all',
}

export function sharingOf(result: Pick<Answered, 'kind' | 'status' | 'failureClass'> | Failure): Sharing {
  if (result.kind === 'failure') return BY_CODE[result.code] ?? sharingByOrigin(result.code)
  const { status, failureClass } = result
  if (status < 400 && (failureClass === null || failureClass === 'ContentFilter' || failureClass === 'Truncated'))
    return 'all'
  return failureClass === null ? 'same bytes' : BY_CLASS[failureClass]
}

function sharingByOrigin(code: ErrorCode): Sharing {
  switch (ERRORS[code].origin) {
    case 'client':
      return 'same bytes'
    case 'proxy':
      return 'all'
    case 'upstream':
      return 'none'
  }
}
