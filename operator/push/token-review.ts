// The cluster's Identifier: the API server judges the token, the pod cache judges the pod.
//
//   token -> shape -> cache -> TokenReview (our audience) -> account, pod name, pod uid -> known pod -> identity
//
// Answers are kept for a short time by the token's hash, good and bad ones apart, so that a flood of forged tokens
// cannot push good ones out. The pod is checked every time.
import { createHash } from 'node:crypto'
import NodeCache from 'node-cache'
import * as z from 'zod'
import type { Secret } from '../../proxy/secret.ts'
import type { Clock } from '../../proxy/telemetry/clock.ts'
import type { KubeApi } from '../kube/api.ts'
import type { ProxyPod } from '../kube/source.ts'
import { tokenInvalid } from './identity.ts'
import type { Identified, Identifier, Refusal } from './identity.ts'
import type { ProxyIdentity } from './publication.ts'

export const GOOD_ANSWER_SECONDS = 60
export const BAD_ANSWER_SECONDS = 5
export const MAX_CACHED_ANSWERS = 10_000
/** Reviews under way at a time; a burst beyond it is told to come back. */
export const MAX_REVIEWS = 64
/** A new pod may open its stream before our watch has seen it. */
export const POD_WAIT_MS = 10_000
const POD_POLL_MS = 100
const REVIEW_TIMEOUT_MS = 5_000
const TOKEN_SHAPE = /^[\w-]+\.[\w-]+\.[\w-]+$/

export interface ReviewDeps {
  readonly api: KubeApi
  readonly findPod: (uid: string) => ProxyPod | undefined
  readonly audience: string
  /** Tokens of this service account are those of the operator's own replicas. */
  readonly operator: { readonly namespace: string; readonly serviceAccount: string }
  readonly clock: Clock
}

type Reviewed = { readonly kind: 'account'; readonly identity: ProxyIdentity } | Refusal

const reviewStatus = z.object({
  status: z.object({
    authenticated: z.boolean().default(false),
    audiences: z.array(z.string()).default([]),
    error: z.string().optional(),
    user: z
      .object({ username: z.string().default(''), extra: z.record(z.string(), z.array(z.string())).default({}) })
      .default({ username: '', extra: {} }),
  }),
})

export function createReviewIdentifier(deps: ReviewDeps): Identifier {
  return new ReviewIdentifier(deps)
}

class ReviewIdentifier implements Identifier {
  readonly #deps: ReviewDeps
  readonly #good = new NodeCache({ stdTTL: GOOD_ANSWER_SECONDS, useClones: false, checkperiod: 0 })
  readonly #bad = new NodeCache({ stdTTL: BAD_ANSWER_SECONDS, useClones: false, checkperiod: 0 })
  readonly #underWay = new Map<string, Promise<Reviewed>>()

  constructor(deps: ReviewDeps) {
    this.#deps = deps
  }

  async identify(token: Secret, signal: AbortSignal): Promise<Identified> {
    if (!TOKEN_SHAPE.test(token.reveal())) return tokenInvalid('it is not a service account token')
    const reviewed = await this.#reviewOnce(token)
    if (reviewed.kind === 'refused') return reviewed
    const { identity } = reviewed
    const { namespace, serviceAccount } = this.#deps.operator
    if (identity.namespace === namespace && identity.serviceAccount === serviceAccount) {
      return { kind: 'replica', podName: identity.podName }
    }
    return await this.#checkPod(identity, signal)
  }

  #reviewOnce(token: Secret): Promise<Reviewed> {
    const hash = createHash('sha256').update(token.reveal()).digest('base64url')
    const known = this.#good.get<Reviewed>(hash) ?? this.#bad.get<Reviewed>(hash)
    if (known !== undefined) return Promise.resolve(known)
    const running = this.#underWay.get(hash)
    if (running !== undefined) return running
    if (this.#underWay.size >= MAX_REVIEWS) return Promise.resolve(unavailable('too many tokens are being reviewed'))
    const review = this.#review(token).then((answer) => this.#remember(hash, answer))
    this.#underWay.set(hash, review)
    return review.finally(() => this.#underWay.delete(hash))
  }

  /** node-cache throws at maxKeys and keeps expired entries, so a full cache is emptied instead. */
  #remember(hash: string, answer: Reviewed): Reviewed {
    if (answer.kind === 'refused' && answer.code === 'review_unavailable') return answer
    const cache = answer.kind === 'refused' ? this.#bad : this.#good
    if (cache.getStats().keys >= MAX_CACHED_ANSWERS) cache.flushAll()
    cache.set(hash, answer)
    return answer
  }

  async #review(token: Secret): Promise<Reviewed> {
    const { api, audience } = this.#deps
    try {
      const { status, body } = await api.request({
        method: 'POST',
        path: '/apis/authentication.k8s.io/v1/tokenreviews',
        body: {
          apiVersion: 'authentication.k8s.io/v1',
          kind: 'TokenReview',
          spec: { token: token.reveal(), audiences: [audience] },
        },
        timeoutMs: REVIEW_TIMEOUT_MS,
      })
      if (status !== 200 && status !== 201) return unavailable(`the API server answered ${status} to the TokenReview`)
      return judgeReview(body, audience)
    } catch (cause) {
      return unavailable(cause instanceof Error ? cause.message : String(cause))
    }
  }

  /** The token proves the pod to the API server; the cache proves that it is one that carries our sidecar. */
  async #checkPod(identity: ProxyIdentity, signal: AbortSignal): Promise<Identified> {
    const pod = await this.#awaitPod(identity.podUid, signal)
    const name = `${identity.namespace}/${identity.podName}`
    if (pod === undefined) {
      return refuse('pod_unknown', `The pod ${name} of the token is not known to carry the sidecar.`)
    }
    if (pod.namespace !== identity.namespace || pod.name !== identity.podName) {
      return refuse('pod_mismatch', `The token names the pod ${name}, but its uid belongs to another pod.`)
    }
    return { kind: 'proxy', identity }
  }

  async #awaitPod(uid: string, signal: AbortSignal): Promise<ProxyPod | undefined> {
    const { clock, findPod } = this.#deps
    const deadlineMs = clock.now() + POD_WAIT_MS
    for (;;) {
      const pod = findPod(uid)
      if (pod !== undefined || signal.aborted || clock.now() >= deadlineMs) return pod
      await new Promise<void>((resolve) => clock.after(POD_POLL_MS, resolve))
    }
  }
}

/** Exported for its table of cases: what a TokenReview's answer says about the token. */
export function judgeReview(body: unknown, audience: string): Reviewed {
  const parsed = reviewStatus.safeParse(body)
  if (!parsed.success) return unavailable('the API server answered with something that is no TokenReview')
  const { authenticated, audiences, user } = parsed.data.status
  // The API server's own error text may quote the token's claims: it stays out of the answer.
  if (!authenticated) return tokenInvalid('the API server does not know it, or it has expired')
  if (!audiences.includes(audience)) return tokenInvalid(`it was not issued for the audience ${audience}`)
  const parts = user.username.split(':')
  const [system, kind, namespace, serviceAccount] = parts
  if (parts.length !== 4 || system !== 'system' || kind !== 'serviceaccount' || !namespace || !serviceAccount) {
    return tokenInvalid('it does not belong to a service account')
  }
  const podName = onlyValue(user.extra['authentication.kubernetes.io/pod-name'])
  const podUid = onlyValue(user.extra['authentication.kubernetes.io/pod-uid'])
  if (podName === null || podUid === null) {
    return refuse('token_without_pod', 'The token is not bound to a pod: it must come from a projected volume.')
  }
  return { kind: 'account', identity: { namespace, serviceAccount, podName, podUid } }
}

function onlyValue(values: readonly string[] | undefined): string | null {
  const [value] = values ?? []
  return values?.length === 1 && value !== undefined && value !== '' ? value : null
}

function refuse(code: Refusal['code'], message: string): Refusal {
  return { kind: 'refused', status: 403, code, message }
}

function unavailable(why: string): Refusal {
  const message = `The token could not be reviewed now: ${why}. Try again.`
  return { kind: 'refused', status: 503, code: 'review_unavailable', message }
}
