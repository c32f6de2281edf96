// What an operator on a real API server refuses and reports: a table that a proxy will not take, and everybody who is
// not the proxy that he says he is. Tokens are real ones, judged by the real TokenReview.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type ApiServer, startApiServer } from '../support/kubernetes/api-server.ts'
import { waitUntil } from '../support/kubernetes/wait-until.ts'
import {
  createPod,
  createProxyToken,
  installChart,
  pushAudience,
  readCaBundle,
  type RunningOperator,
  runOperator,
  showStatus,
} from '../support/operator-rig.ts'
import { BareProxy, readMetric } from '../support/push-rig.ts'

let api: ApiServer
let operator: RunningOperator
let namespace: string
let caPem: string
const proxies: BareProxy[] = []

beforeAll(async () => {
  api = await startApiServer()
  await installChart(api)
  operator = await runOperator(api, 'operator-a')
  caPem = await readCaBundle(api)
}, 600_000)
afterAll(async () => {
  await operator?.stop()
  await api?.stop()
})
beforeEach(async () => {
  namespace = await api.createNamespace('refuse')
})
afterEach(() => {
  for (const proxy of proxies.splice(0)) proxy.close()
})

function dial(token: string): BareProxy {
  const proxy = new BareProxy({ url: operator.pushUrl, caPem }, { token }).listen()
  proxies.push(proxy)
  return proxy
}

async function applyRoute(model: string): Promise<void> {
  const rules = [{ name: 'all', backends: [{ providerRef: { name: 'local' }, model }] }]
  const items = [
    {
      kind: 'ModelProvider',
      metadata: { name: 'local' },
      spec: { dialect: 'OpenAI', url: 'https://model.example/v1' },
    },
    { kind: 'ModelRoute', metadata: { name: 'chat' }, spec: { podSelector: {}, rules } },
  ].map((item) => ({ apiVersion: 'modelroute.dev/v1alpha1', ...item }))
  const stdin = JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
  await api.mustKubectl(['apply', '-n', namespace, '-f', '-'], { stdin })
}

const status = () => showStatus(api, 'modelroutes', { namespace, name: 'chat' })

describe('a table that a proxy refuses', () => {
  test('is in the status with the pod and its reason, while the proxy keeps its last good one', async () => {
    await applyRoute('one')
    const proxy = dial(await createProxyToken(api, { namespace, name: 'chat-1' })).hello()
    const first = await waitUntil('the table comes', () => proxy.snapshots()[0])
    proxy.say({ type: 'ack', version: first.version, nonce: first.nonce })
    await waitUntil('it is current', async () => (await status()).programmed === '1/1')

    await applyRoute('two')
    const second = await waitUntil('the next table comes', () => proxy.snapshots()[1])
    const faults = [{ path: 'routes.0', message: 'this proxy is too old for it' }]
    proxy.say({ type: 'nack', version: second.version, nonce: second.nonce, faults })
    const shown = await waitUntil('status says so', async () => {
      const now = await status()
      return now.proxies?.rejected === 1 ? now : undefined
    })
    expect(shown).toMatchObject({
      programmed: '0/1',
      conditions: { Programmed: 'False: Rejected', Ready: 'False: Rejected' },
    })
    expect(shown.messages['Programmed']).toContain('pod "chat-1"')
    expect(shown.messages['Programmed']).toContain('this proxy is too old for it')

    await applyRoute('three')
    const third = await waitUntil('a mended table comes', () => proxy.snapshots()[2])
    proxy.say({ type: 'ack', version: third.version, nonce: third.nonce })
    await waitUntil('all is well', async () => (await status()).conditions['Ready'] === 'True')
    expect((await status()).proxies).toEqual({ total: 1, current: 1, rejected: 0 })
  })
})

describe('no table and no key', () => {
  const refused = (code: string) =>
    readMetric(operator.registry, 'modelroute_operator_push_refusals_total', { reason: code })

  async function tokenOf(pod: { name: string; uid: string } | null, audience = pushAudience): Promise<string> {
    return api.mintToken({ namespace, serviceAccount: 'default', audience, ...(pod ? { pod } : {}) })
  }

  test.each<[string, number, string, () => Promise<string>]>([
    ['a token that nobody issued', 401, 'token_invalid', async () => 'eyJh.eyJz.c2ln'],
    ['a token for another audience', 401, 'token_invalid', async () => tokenOf(null, 'somewhere-else')],
    ['a token of a person or a tool, without a pod', 403, 'token_without_pod', () => tokenOf(null)],
    [
      'a pod of the namespace that has no sidecar',
      403,
      'pod_unknown',
      async () => tokenOf(await createPod(api, { namespace, name: 'plain', labels: {} })),
    ],
  ])('for %s', async (_, expectedStatus, code, makeToken) => {
    const before = await refused(code)
    const proxy = dial(await makeToken())
    expect(await proxy.status).toBe(expectedStatus)
    await proxy.ended
    expect(JSON.parse(proxy.body)).toMatchObject({ code })
    expect(await refused(code)).toBe(before + 1)
    expect(proxy.messages).toEqual([])
  })

  test('of another namespace: each proxy gets the table of its own', async () => {
    await applyRoute('secret-plan')
    const other = await api.createNamespace('stranger')
    const stranger = dial(await createProxyToken(api, { namespace: other, name: 'chat-1' })).hello()
    const snapshot = await waitUntil('its own table comes', () => stranger.snapshots()[0])
    expect(JSON.stringify(snapshot.table)).not.toContain('secret-plan')
    expect(stranger.keyMessages().flatMap(({ entries }) => entries)).toEqual([])
  })
})
