// Shows that the API server under the other tests is a real one: objects, tokens, rights, restarts.
import { describe, expect, inject, test } from 'vitest'
import { type ApiAccess, connectTo } from '../support/kubernetes/api-access.ts'
import { startApiServer } from '../support/kubernetes/api-server.ts'
import { waitUntil } from '../support/kubernetes/wait-until.ts'

const audience = 'modelroute.dev'

describe('the shared API server', () => {
  const api = connectTo(inject('api'))

  test('keeps a ConfigMap that kubectl created', async () => {
    const namespace = await api.createNamespace('harness')
    await api.mustKubectl(['-n', namespace, 'create', 'configmap', 'note', '--from-literal=text=hello'])
    const text = await api.mustKubectl(['-n', namespace, 'get', 'configmap', 'note', '-o', 'jsonpath={.data.text}'])
    expect(text).toBe('hello')
  })

  test('reads manifests from standard input', async () => {
    const namespace = await api.createNamespace('harness')
    const manifest = `{apiVersion: v1, kind: Secret, metadata: {name: key}, stringData: {key: placeholder}}`
    const applied = await api.kubectl(['-n', namespace, 'apply', '-f', '-'], { stdin: manifest })
    expect(applied).toMatchObject({ code: 0, stdout: 'secret/key created\n' })
  })

  test.each(['alice', 'somebody-impersonated'])('refuses %s what nobody has granted', async (user) => {
    const result = await api.kubectl(['get', 'secrets'], { user })
    expect(result.code).toBe(1)
    expect(result.stderr).toContain(`User "${user}" cannot list resource "secrets"`)
  })

  test('vouches for a token of a custom audience that is bound to a pod, and for that audience alone', async () => {
    const namespace = await api.createNamespace('harness')
    const pod = await createPod(api, namespace)
    const token = await api.mintToken({ namespace, serviceAccount: 'default', audience, pod })
    const review = await reviewToken(api, token, audience)
    expect(review).toMatchObject({ authenticated: true, audiences: [audience] })
    expect(review.user).toMatchObject({
      username: `system:serviceaccount:${namespace}:default`,
      extra: {
        'authentication.kubernetes.io/pod-name': [pod.name],
        'authentication.kubernetes.io/pod-uid': [pod.uid],
      },
    })
    expect(await reviewToken(api, token, 'another')).not.toHaveProperty('authenticated', true)
  })

  test('no longer vouches for a token when its pod is gone', async () => {
    const namespace = await api.createNamespace('harness')
    const pod = await createPod(api, namespace)
    const token = await api.mintToken({ namespace, serviceAccount: 'default', audience, pod })
    await api.mustKubectl(['-n', namespace, 'delete', 'pod', pod.name, '--force', '--grace-period=0'])
    // The API server remembers a good answer for 10 s, so a review before the deletion would hide it that long.
    const isRefused = async () => (await reviewToken(api, token, audience)).authenticated !== true
    await expect(waitUntil('the token is refused', isRefused, { timeoutMs: 20_000 })).resolves.toBe(true)
  })
})

describe('an API server of its own', () => {
  test('keeps data, tokens and its port when it is restarted, and forgets old revisions when told', async () => {
    await using stack = new AsyncDisposableStack()
    const api = await startApiServer()
    stack.defer(() => api.stop())
    const namespace = await api.createNamespace('harness')
    const token = await api.mintToken({ namespace, serviceAccount: 'default', audience })
    const first = await api.request({ path: '/api/v1/configmaps' })
    const { resourceVersion } = (first.body as { metadata: { resourceVersion: string } }).metadata
    await api.mustKubectl(['-n', namespace, 'create', 'configmap', 'note'])

    await api.stopServer('SIGKILL')
    await expect(api.request({ path: '/readyz' })).rejects.toThrow('ECONNREFUSED')
    await api.startServer()

    const found = await api.kubectl(['-n', namespace, 'get', 'configmap', 'note', '-o', 'name'])
    expect(found.stdout).toBe('configmap/note\n')
    expect(await reviewToken(api, token, audience)).toHaveProperty('authenticated', true)

    await api.forgetHistory()
    await api.restart()
    const old = `/api/v1/configmaps?resourceVersion=${resourceVersion}&resourceVersionMatch=Exact&limit=1`
    expect(await api.request({ path: old })).toMatchObject({ status: 410, body: { reason: 'Expired' } })
  })
})

async function createPod(api: ApiAccess, namespace: string): Promise<{ name: string; uid: string }> {
  const body = { metadata: { name: 'caller' }, spec: { containers: [{ name: 'main', image: 'unused' }] } }
  const response = await api.request({ path: `/api/v1/namespaces/${namespace}/pods`, body })
  expect(response.status).toBe(201)
  return (response.body as { metadata: { name: string; uid: string } }).metadata
}

interface Review {
  readonly authenticated?: boolean
  readonly audiences?: readonly string[]
  readonly user?: unknown
}

async function reviewToken(api: ApiAccess, token: string, wanted: string): Promise<Review> {
  const body = { kind: 'TokenReview', spec: { token, audiences: [wanted] } }
  const response = await api.request({ path: '/apis/authentication.k8s.io/v1/tokenreviews', body })
  return (response.body as { status: Review }).status
}
