// Who is at the other end of a stream. Two implementations of one question: the API server's TokenReview for the
// cluster (token-review.ts), one fixed token for a single machine (here).
//
//   authorization header -> Identifier -> proxy (a known pod) | replica of this operator | refusal
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Secret } from '../../proxy/secret.ts'
import type { ProxyIdentity } from './publication.ts'

export type RefusalCode =
  | 'token_missing'
  | 'token_invalid'
  | 'token_without_pod'
  | 'pod_unknown'
  | 'pod_mismatch'
  | 'not_a_proxy'
  | 'not_a_replica'
  | 'review_unavailable'
  | 'too_many_streams'

export interface Refusal {
  readonly kind: 'refused'
  readonly status: 401 | 403 | 503
  readonly code: RefusalCode
  /** What failed and what to do, without the token. */
  readonly message: string
}

export type Identified =
  | { readonly kind: 'proxy'; readonly identity: ProxyIdentity }
  | { readonly kind: 'replica'; readonly podName: string }
  | Refusal

export interface Identifier {
  /** Never rejects; `signal` ends the wait for a pod that is not known yet. */
  identify(token: Secret, signal: AbortSignal): Promise<Identified>
}

/** For one machine without Kubernetes: whoever has the token is that one proxy. */
export function createStaticIdentifier(only: { readonly token: Secret; readonly identity: ProxyIdentity }): Identifier {
  const { token, identity } = only
  return {
    identify: async (shown) => (isSame(shown, token) ? { kind: 'proxy', identity } : tokenInvalid('it is not the one')),
  }
}

export function tokenInvalid(why: string): Refusal {
  return { kind: 'refused', status: 401, code: 'token_invalid', message: `The token was not accepted: ${why}.` }
}

/** Compares digests, so that neither length nor content shows in the time it takes. */
function isSame(left: Secret, right: Secret): boolean {
  return timingSafeEqual(digest(left), digest(right))
}

function digest(secret: Secret): Buffer {
  return createHash('sha256').update(secret.reveal()).digest()
}
