// The mirror against a real API server: which pods count, what metadata-only lists give, and that 410 means a new list.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { loadClusterAccess, createKubeClient, type KubeClient } from '../../operator/kube/client.ts'
import { createMirror, type Mirror } from '../../operator/kube/mirror.ts'
import { createSecretSource } from '../../operator/kube/secrets.ts'
import { systemClock } from '../../proxy/telemetry/clock.ts'
import { installCrds } from '../support/crds.ts'
import { type ApiServer, startApiServer } from '../support/kubernetes/api-server.ts'
import { waitUntil } from '../support/kubernetes/wait-until.ts'
import { createPod } from '../support/operator-rig.ts'
import { RecordingLogger } from '../support/push-rig.ts'

const proxyLabel = { 'modelroute.dev/proxy': 'v1' }

let api: ApiServer
let client: KubeClient
let mirror: Mirror
let signs: string[]

beforeAll(async () => {
  api = await startApiServer()
  await installCrds(api)
}, 600_000)
afterAll(() => api?.stop())
afterEach(async () => {
  await mirror.stop()
  await client.close()
})

async function follow(): Promise<void> {
  signs = []
  client = createKubeClient(loadClusterAccess(api.kubeconfigPath), { clock: systemClock })
  mirror = createMirror({
    api: client,
    clock: systemClock,
    random: Math.random,
    logger: new RecordingLogger(),
    onSign: (kind, sign) => signs.push(`${kind} ${sign}`),
  })
  await mirror.start(() => undefined)
}

function podNames(namespace: string): string[] {
  return mirror.read(namespace).pods.map(({ name }) => name)
}

const shows = (namespace: string, names: readonly string[]) =>
  waitUntil(`the pods are ${names.join()}`, () => podNames(namespace).join() === names.join())

async function setPhase(namespace: string, name: string, phase: string): Promise<void> {
  const response = await api.request({
    path: `/api/v1/namespaces/${namespace}/pods/${name}/status`,
    method: 'PATCH',
    contentType: 'application/merge-patch+json',
    body: { status: { phase } },
  })
  expect(response.status).toBe(200)
}

describe('pods', () => {
  test('with the label count from creation until they finish, and others never', async () => {
    const namespace = await api.createNamespace('mirror')
    await createPod(api, { namespace, name: 'before', labels: proxyLabel })
    await follow()
    const after = await createPod(api, { namespace, name: 'job', labels: proxyLabel })
    await createPod(api, { namespace, name: 'plain', labels: { app: 'x' } })
    await shows(namespace, ['before', 'job'])
    expect(mirror.findPod(after.uid)).toMatchObject({ namespace, name: 'job', labels: proxyLabel })
    await setPhase(namespace, 'job', 'Running')
    await setPhase(namespace, 'job', 'Succeeded')
    await shows(namespace, ['before'])
    await setPhase(namespace, 'before', 'Failed')
    await shows(namespace, [])
  })

  test('that are being deleted do not count, though they are still there', async () => {
    const namespace = await api.createNamespace('mirror')
    await follow()
    const pod = await createPod(api, { namespace, name: 'leaving', labels: proxyLabel })
    await shows(namespace, ['leaving'])
    const path = `/api/v1/namespaces/${namespace}/pods/leaving`
    const body = { metadata: { finalizers: ['modelroute.dev/test'] } }
    await api.request({ path, method: 'PATCH', contentType: 'application/merge-patch+json', body })
    await api.request({ path, method: 'DELETE' })
    await shows(namespace, [])
    expect((await api.request({ path })).status).toBe(200)
    expect(mirror.findPod(pod.uid)).toBeUndefined()
    const free = { metadata: { finalizers: null } }
    await api.request({ path, method: 'PATCH', contentType: 'application/merge-patch+json', body: free })
  })

  test('that lose the label leave', async () => {
    const namespace = await api.createNamespace('mirror')
    await follow()
    await createPod(api, { namespace, name: 'chat', labels: proxyLabel })
    await shows(namespace, ['chat'])
    await api.mustKubectl(['label', 'pod', 'chat', '-n', namespace, 'modelroute.dev/proxy-'])
    await expect(shows(namespace, [])).resolves.toBe(true)
  })
})

test('more resources than one page are all there', async () => {
  const namespace = await api.createNamespace('pages')
  const items = Array.from({ length: 520 }, (_, index) => ({
    apiVersion: 'modelroute.dev/v1alpha1',
    kind: 'ModelProvider',
    metadata: { name: `provider-${index}` },
    spec: { dialect: 'OpenAI', url: 'https://api.openai.com/v1' },
  }))
  const path = `/apis/modelroute.dev/v1alpha1/namespaces/${namespace}/modelproviders`
  for (let start = 0; start < items.length; start += 20) {
    await Promise.all(items.slice(start, start + 20).map((body) => api.request({ path, body })))
  }
  await follow()
  expect(mirror.read(namespace).providers).toHaveLength(520)
})

test('a forgotten history is answered with a new list, once for each kind, and nothing is lost', async () => {
  const namespace = await api.createNamespace('gone')
  await follow()
  await createPod(api, { namespace, name: 'chat', labels: proxyLabel })
  await shows(namespace, ['chat'])
  await api.stopServer('SIGKILL')
  await api.startServer()
  await api.forgetHistory()
  await api.stopServer('SIGKILL')
  await api.startServer()
  await createPod(api, { namespace, name: 'later', labels: proxyLabel })
  await shows(namespace, ['chat', 'later'])
  await waitUntil('every kind is followed', () => mirror.isFresh())
  expect(mirror.isAlive()).toBe(true)
})

test('a Secret is seen by metadata and by body, and told apart from one that is not there', async () => {
  const namespace = await api.createNamespace('secrets')
  await follow()
  const secrets = createSecretSource(client)
  expect(await secrets.version(namespace, 'key')).toEqual({ kind: 'missing' })
  await api.mustKubectl(['-n', namespace, 'create', 'secret', 'generic', 'key', '--from-literal=api-key=sk'])
  const version = await secrets.version(namespace, 'key')
  expect(await secrets.read(namespace, 'key')).toMatchObject({ ...version, data: { 'api-key': 'c2s=' } })
  await api.mustKubectl(['-n', namespace, 'label', 'secret', 'key', 'a=b'])
  expect(await secrets.version(namespace, 'key')).not.toEqual(version)
})
