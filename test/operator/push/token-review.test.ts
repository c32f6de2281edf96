// What the API server's answer to a TokenReview says about a token, and how answers are kept.
import { expect, test } from 'vitest'
import { Secret } from '../../../proxy/secret.ts'
import { ApiUnreachable } from '../../../operator/kube/api.ts'
import type { ApiResponse, KubeApi } from '../../../operator/kube/api.ts'
import { MAX_REVIEWS, createReviewIdentifier, judgeReview } from '../../../operator/push/token-review.ts'
import { systemClock } from '../../../proxy/telemetry/clock.ts'

const extra = {
  'authentication.kubernetes.io/pod-name': ['chat-1'],
  'authentication.kubernetes.io/pod-uid': ['uid-1'],
}
const user = { username: 'system:serviceaccount:shop:default', extra }
const good = { authenticated: true, audiences: ['modelroute-push'], user }
const identity = { namespace: 'shop', serviceAccount: 'default', podName: 'chat-1', podUid: 'uid-1' }

test('a reviewed token of a pod gives namespace, service account, pod name and uid', () => {
  expect(judgeReview({ status: good }, 'modelroute-push')).toEqual({ kind: 'account', identity })
})

test.each([
  ['it is not authenticated', { ...good, authenticated: false }, 'token_invalid'],
  ['it says nothing about authentication', { user }, 'token_invalid'],
  ['it was issued for another audience', { ...good, audiences: ['api'] }, 'token_invalid'],
  ['it names no audience', { ...good, audiences: [] }, 'token_invalid'],
  ['it belongs to a person', { ...good, user: { ...user, username: 'alice' } }, 'token_invalid'],
  ['its user has a part too many', { ...good, user: { ...user, username: `${user.username}:x` } }, 'token_invalid'],
  ['its namespace is empty', { ...good, user: { ...user, username: 'system:serviceaccount::x' } }, 'token_invalid'],
  ['it is bound to no pod', { ...good, user: { ...user, extra: {} } }, 'token_without_pod'],
  [
    'it names two pods',
    { ...good, user: { ...user, extra: { ...extra, 'authentication.kubernetes.io/pod-uid': ['x', 'y'] } } },
    'token_without_pod',
  ],
])('a token is refused when %s', (_why, status, code) => {
  expect(judgeReview({ status }, 'modelroute-push')).toMatchObject({ kind: 'refused', code })
})

test('an answer that is no TokenReview is no judgement of the token', () => {
  expect(judgeReview({ message: 'oops' }, 'modelroute-push')).toMatchObject({ code: 'review_unavailable', status: 503 })
})

function counted(respond: () => Promise<ApiResponse>) {
  const asked: unknown[] = []
  const api: KubeApi = {
    request: (request) => {
      asked.push(request.body)
      return respond()
    },
    openLines: () => Promise.reject(new Error('not used here')),
  }
  const identifier = createReviewIdentifier({
    api,
    findPod: () => undefined,
    audience: 'modelroute-push',
    operator: { namespace: 'shop', serviceAccount: 'default' },
    clock: systemClock,
  })
  const identify = (token: string) => identifier.identify(new Secret(token), new AbortController().signal)
  return { asked, identify }
}

test('one token is reviewed once, however often and at once it is shown', async () => {
  const { asked, identify } = counted(async () => ({ status: 201, body: { status: good } }))
  const answers = await Promise.all([identify('a.b.c'), identify('a.b.c')])
  answers.push(await identify('a.b.c'))
  expect(answers).toEqual(Array.from({ length: 3 }, () => ({ kind: 'replica', podName: 'chat-1' })))
  expect(asked).toEqual([
    {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: { token: 'a.b.c', audiences: ['modelroute-push'] },
    },
  ])
})

test('a forged token is remembered too', async () => {
  const { asked, identify } = counted(async () => ({ status: 201, body: { status: { authenticated: false } } }))
  for (const _ of [1, 2]) expect(await identify('a.b.c')).toMatchObject({ code: 'token_invalid' })
  expect(asked).toHaveLength(1)
})

test.each([
  ['is away', () => Promise.reject(new ApiUnreachable('connect ECONNREFUSED'))],
  ['forbids the review', async () => ({ status: 403, body: {} })],
  ['is overloaded', async () => ({ status: 429, body: {} })],
])('an API server that %s is no answer about the token and is asked again', async (_what, respond) => {
  const { asked, identify } = counted(respond)
  for (const _ of [1, 2]) expect(await identify('a.b.c')).toMatchObject({ code: 'review_unavailable', status: 503 })
  expect(asked).toHaveLength(2)
})

test('a flood of different tokens is told to come back instead of being passed on', async () => {
  const gate = Promise.withResolvers<ApiResponse>()
  const { asked, identify } = counted(() => gate.promise)
  const flood = Array.from({ length: MAX_REVIEWS + 5 }, (_, index) => identify(`a.b.${index}`))
  gate.resolve({ status: 201, body: { status: { authenticated: false } } })
  const codes = (await Promise.all(flood)).map((answer) => (answer.kind === 'refused' ? answer.code : answer.kind))
  expect(asked).toHaveLength(MAX_REVIEWS)
  expect(codes.filter((code) => code === 'review_unavailable')).toHaveLength(5)
})
