// Who may speak at the push port, and how its TLS behaves. TokenReview is answered by a small API in memory.
import { readFile } from 'node:fs/promises'
import { connect as connectTls } from 'node:tls'
import { expect, test } from 'vitest'
import { createLocalCertificates } from '../../../operator/inject/serving-certificates.ts'
import type { ApiRequest, KubeApi } from '../../../operator/kube/api.ts'
import type { ProxyPod } from '../../../operator/kube/source.ts'
import { REPORTS_PATH } from '../../../operator/push/replica-message.ts'
import { IDLE_CONNECTION_MS } from '../../../operator/push/server.ts'
import { POD_WAIT_MS, createReviewIdentifier } from '../../../operator/push/token-review.ts'
import { waitUntil } from '../../support/kubernetes/wait-until.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { keyReference, makeTable, publicationOf, versionOf } from '../../support/push-rig.ts'
import { useRigs } from '../../support/use-rigs.ts'

const { rigged, proxied, bare } = useRigs()
const audience = 'modelroute-push'

interface Account {
  readonly namespace: string
  readonly serviceAccount?: string
  readonly podName: string
  readonly podUid: string
}

/** An API server that knows these tokens; everything else is forged. */
function reviewApi(accounts: Readonly<Record<string, Account>>): KubeApi & { readonly reviews: string[] } {
  const reviews: string[] = []
  return {
    reviews,
    request: async ({ body }: ApiRequest) => {
      const { spec } = body as { spec: { token: string; audiences: string[] } }
      reviews.push(spec.token)
      const account = accounts[spec.token]
      if (account === undefined) return { status: 201, body: { status: { authenticated: false, error: 'bad' } } }
      const { namespace, serviceAccount = 'default', podName, podUid } = account
      const extra = {
        'authentication.kubernetes.io/pod-name': [podName],
        'authentication.kubernetes.io/pod-uid': [podUid],
      }
      const user = { username: `system:serviceaccount:${namespace}:${serviceAccount}`, extra }
      return { status: 201, body: { status: { authenticated: true, audiences: spec.audiences, user } } }
    },
    openLines: () => Promise.reject(new Error('not used here')),
  }
}

function pod(namespace: string, name: string, uid: string): ProxyPod {
  const rest = { generation: 1, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' }
  return { namespace, name, uid, labels: {}, annotations: {}, ...rest }
}

const accounts = {
  'good.shop.a': { namespace: 'shop', podName: 'chat-1', podUid: 'uid-a' },
  'good.uid.wrong': { namespace: 'shop', podName: 'chat-1', podUid: 'uid-of-nobody' },
  'good.name.wrong': { namespace: 'shop', podName: 'chat-9', podUid: 'uid-a' },
  'good.namespace.wrong': { namespace: 'bank', podName: 'chat-1', podUid: 'uid-a' },
  'good.operator.a': { namespace: 'system', serviceAccount: 'operator', podName: 'operator-1', podUid: 'uid-o' },
}

async function reviewed() {
  const clock = new ManualClock()
  const pods = new Map([['uid-a', pod('shop', 'chat-1', 'uid-a')]])
  const api = reviewApi(accounts)
  const operator = { namespace: 'system', serviceAccount: 'operator' }
  const findPod = (uid: string) => pods.get(uid)
  const identifier = createReviewIdentifier({ api, findPod, audience, operator, clock })
  const rig = await rigged({ identifier })
  rig.secrets.put('shop/openai', { 'api-key': 'sk-shop' })
  const keys = [keyReference('openai')]
  rig.push.publish(publicationOf([{ podUids: ['uid-a'], table: makeTable(1, ['openai']), keys }]))
  return { rig, pods, api, clock }
}

test('a known pod with a good token is let in', async () => {
  const { rig } = await reviewed()
  const proxy = bare(rig, { token: 'good.shop.a' }).hello()
  expect(await proxy.status).toBe(200)
  await waitUntil('its table', () => proxy.snapshots()[0]?.version === versionOf(1))
})

test.each([
  { who: 'nobody at all', token: '', status: 401, code: 'token_missing' },
  { who: 'something that is no token', token: 'letmein', status: 401, code: 'token_invalid' },
  { who: 'a forged token', token: 'forged.by.me', status: 401, code: 'token_invalid' },
  { who: 'a pod whose uid nobody has', token: 'good.uid.wrong', status: 403, code: 'pod_unknown' },
  { who: 'a pod of another name', token: 'good.name.wrong', status: 403, code: 'pod_mismatch' },
  { who: 'a pod of another namespace', token: 'good.namespace.wrong', status: 403, code: 'pod_mismatch' },
  { who: 'a replica of the operator', token: 'good.operator.a', status: 403, code: 'not_a_proxy' },
])('$who is refused with $code, counted, and gets neither table nor key', async ({ token, status, code }) => {
  const { rig, clock } = await reviewed()
  const proxy = bare(rig, { token }).hello()
  if (code === 'pod_unknown') {
    await waitUntil('the wait for the pod has begun', () => clock.waiting > 0)
    clock.jump(POD_WAIT_MS)
  }
  expect(await proxy.status).toBe(status)
  await proxy.ended
  expect(JSON.parse(proxy.body)).toMatchObject({ code })
  expect(await rig.metric('modelroute_operator_push_refusals_total', { reason: code })).toBe(1)
  const log = rig.logger.lines.join('\n')
  expect(log).toContain(code)
  expect(log).not.toContain(token || 'Bearer')
  expect(proxy.body).not.toContain('sk-')
  expect(proxy.messages).toEqual([])
})

test('a pod that our watch has not seen yet is waited for', async () => {
  const { rig, pods, clock } = await reviewed()
  pods.clear()
  const proxy = bare(rig, { token: 'good.shop.a' }).hello()
  await waitUntil('the wait for the pod has begun', () => clock.waiting > 0)
  pods.set('uid-a', pod('shop', 'chat-1', 'uid-a'))
  clock.advance(POD_WAIT_MS / 2)
  expect(await proxy.status).toBe(200)
})

test('a proxy may not speak for a replica', async () => {
  const { rig } = await reviewed()
  const proxy = bare(rig, { token: 'good.shop.a', path: REPORTS_PATH })
  proxy.stream.end(JSON.stringify({ type: 'reports', sequence: 1, reports: [] }))
  expect(await proxy.status).toBe(403)
  expect(await rig.metric('modelroute_operator_push_refusals_total', { reason: 'not_a_replica' })).toBe(1)
})

test('an unknown path is not found', async () => {
  const { rig } = await reviewed()
  expect(await bare(rig, { token: 'good.shop.a', path: '/v1/keys' }).status).toBe(404)
})

test('a connection that never opens a stream is closed', async () => {
  const clock = new ManualClock()
  const rig = await rigged({ clock })
  const socket = connectTls({ host: '127.0.0.1', port: rig.port, ca: rig.caPem, ALPNProtocols: ['h2'] })
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.on('error', () => {})
  socket.resume()
  await waitUntil('the server knows it', () => clock.waiting > 1)
  clock.advance(IDLE_CONNECTION_MS - 1)
  expect(socket.readyState).toBe('open')
  clock.advance(1)
  await closed
})

test('TLS below 1.3 is refused', async () => {
  const rig = await rigged()
  const socket = connectTls({ host: '127.0.0.1', port: rig.port, ca: rig.caPem, maxVersion: 'TLSv1.2' })
  const failure = await new Promise<Error>((resolve) => socket.once('error', resolve))
  expect(failure.message).toMatch(/protocol version/)
})

/** Certificates that a test can replace; the bundle overlaps like the operator's. */
async function replaceableCertificates() {
  const wish = { names: ['localhost'], nowMs: Date.now() }
  let current = await createLocalCertificates(wish)
  let listener = () => {}
  const old = current.caPem()
  return {
    caPem: () => (current.caPem() === old ? old : old + current.caPem()),
    secureContextOptions: () => current.secureContextOptions(),
    onChange: (run: () => void) => {
      listener = run
      return () => {}
    },
    replace: async () => {
      current = await createLocalCertificates(wish)
      listener()
      return current.caPem()
    },
  }
}

test('a new authority reaches every proxy on its stream, and the proxy then trusts servers under it', async () => {
  const certificates = await replaceableCertificates()
  const rig = await rigged({ certificates })
  rig.push.publish(publicationOf([{ table: makeTable(1) }]))
  const proxy = await proxied(rig, { random: () => 0.02 })
  await waitUntil('the first table', () => proxy.holder.current() !== null)
  const fresh = await certificates.replace()
  const watcher = bare({ ...rig, caPem: fresh }, { token: 'shop.b.proxy' }).hello()
  expect(await watcher.status).toBe(200)
  await waitUntil('the new bundle is kept', async () => {
    return JSON.parse(await readFile(proxy.stateFile, 'utf8')).trustPem === certificates.caPem()
  })
  // The pod's own CA file is the old one alone, and the server now shows a certificate of the new authority.
  await rig.push.stop()
  const returned = await rigged({ certificates, port: rig.port })
  returned.push.publish(publicationOf([{ table: makeTable(2) }]))
  await waitUntil('the proxy is back', () => proxy.holder.current()?.version === versionOf(2))
})

test('a server that the proxy has no authority for is not spoken to', async () => {
  const rig = await rigged()
  const stranger = await createLocalCertificates({ names: ['localhost'], nowMs: Date.now() })
  const proxy = await proxied({ ...rig, caPem: stranger.caPem() })
  await waitUntil('the refusal is logged', () => proxy.logger.lines.some((line) => /certificate/.test(line)))
  expect(rig.push.proxies()).toEqual([])
})
