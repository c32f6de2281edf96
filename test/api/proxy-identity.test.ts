// Who may have a table and keys, judged by the real API server's TokenReview and the real operator: one proxy that may,
// and everybody else refused with a code, counted in /metrics, and given nothing. And a proxy that refuses a table.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type ApiServer, startApiServer } from '../support/kubernetes/api-server.ts'
import type { TokenWish } from '../support/kubernetes/api-access.ts'
import { waitUntil } from '../support/kubernetes/wait-until.ts'
import {
  createPod,
  installChart,
  pushAudience,
  readCaBundle,
  type RunningOperator,
  runOperator,
  showStatus,
} from '../support/operator-rig.ts'
import { releaseNamespace } from '../support/helm.ts'
import { BareProxy } from '../support/push-rig.ts'

const sidecarLabels = { app: 'chat', 'modelroute.dev/proxy': 'v1' }

let api: ApiServer
let operator: RunningOperator
let caPem: string
let shop: string
let bank: string
const open: BareProxy[] = []

beforeAll(async () => {
  api = await startApiServer()
  await installChart(api)
  operator = await runOperator(api, 'operator-a')
  caPem = await readCaBundle(api)
  shop = await api.createNamespace('shop')
  bank = await api.createNamespace('bank')
  await apply(shop, { model: 'one' })
}, 600_000)
afterEach(() => open.splice(0).forEach((proxy) => proxy.close()))
afterAll(async () => {
  await operator?.stop()
  await api?.stop()
})

async function apply(namespace: string, { model }: { readonly model: string }): Promise<void> {
  const kind = (name: string) => ({ apiVersion: 'modelroute.dev/v1alpha1', kind: name })
  const backends = [{ providerRef: { name: 'openai' }, model }]
  const credential = { secretRef: { name: 'openai', key: 'api-key' } }
  const items = [
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'openai' }, stringData: { 'api-key': 'sk-of-the-shop' } },
    {
      ...kind('ModelProvider'),
      metadata: { name: 'openai' },
      spec: { dialect: 'OpenAI', url: 'https://api.openai.com/v1', credential },
    },
    {
      ...kind('ModelRoute'),
      metadata: { name: 'chat' },
      spec: { podSelector: { matchLabels: { app: 'chat' } }, rules: [{ name: 'all', backends }] },
    },
  ]
  const stdin = JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
  await api.mustKubectl(['apply', '-n', namespace, '-f', '-'], { stdin })
}

/** The token that the kubelet would project into that pod. */
async function tokenOf(namespace: string, name: string, labels: Readonly<Record<string, string>>): Promise<string> {
  const pod = await createPod(api, { namespace, name, labels })
  return mint({ namespace, pod })
}

function mint(wish: Partial<TokenWish> & { readonly namespace: string }): Promise<string> {
  return api.mintToken({ serviceAccount: 'default', audience: pushAudience, ...wish })
}

function dial(token: string): BareProxy {
  const proxy = new BareProxy({ url: operator.pushUrl, caPem }, { token }).listen().hello()
  open.push(proxy)
  return proxy
}

/** As Prometheus reads it. */
async function refusals(code: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${operator.ports.admin}/metrics`)).text()
  const line = text
    .split('\n')
    .find((one) => one.startsWith(`modelroute_operator_push_refusals_total{reason="${code}"}`))
  return Number(line?.split(' ').at(-1) ?? 0)
}

/** Signed by nobody we know: a true token with another claim in it. */
function forge(token: string): string {
  const [head = '', body = '', signature = ''] = token.split('.')
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as { sub: string }
  const forged = { ...claims, sub: `system:serviceaccount:${shop}:default` }
  return [head, Buffer.from(JSON.stringify(forged)).toString('base64url'), signature].join('.')
}

async function tokenOfReplacedPod(): Promise<string> {
  const token = await tokenOf(shop, 'replaced', sidecarLabels)
  await api.mustKubectl(['delete', 'pod', 'replaced', '-n', shop, '--force', '--grace-period=0'])
  await createPod(api, { namespace: shop, name: 'replaced', labels: sidecarLabels })
  return token
}

async function tokenForApiServer(): Promise<string> {
  const pod = await createPod(api, { namespace: shop, name: 'other-audience', labels: sidecarLabels })
  return mint({ namespace: shop, pod, audience: 'https://kubernetes.default.svc.cluster.local' })
}

async function tokenOfReplica(): Promise<string> {
  const serviceAccount = 'modelroute-operator'
  const pod = await createPod(api, { namespace: releaseNamespace, name: 'operator-b', serviceAccount, labels: {} })
  return mint({ namespace: releaseNamespace, serviceAccount, pod })
}

describe('at the push port', () => {
  test('a pod with the sidecar gets its table and its key', async () => {
    const proxy = dial(await tokenOf(shop, 'chat-1', sidecarLabels))
    const snapshot = await waitUntil('the table of the pod', () =>
      proxy.snapshots().find(({ table }) => JSON.stringify(table).includes('"one"')),
    )
    expect(JSON.stringify(snapshot)).not.toContain('sk-of-the-shop')
    expect(proxy.keyMessages().at(-1)?.entries).toEqual([{ id: `${shop}/openai/api-key`, value: 'sk-of-the-shop' }])
  })

  test('a pod of another namespace that looks the same gets neither that table nor that key', async () => {
    const proxy = dial(await tokenOf(bank, 'chat-1', sidecarLabels))
    const snapshot = await waitUntil('its own table', () => proxy.snapshots()[0])
    expect(snapshot.table).toMatchObject({ routes: [], targets: {} })
    expect(JSON.stringify(proxy.messages)).not.toContain('sk-of-the-shop')
    expect(JSON.stringify(proxy.messages)).not.toContain(shop)
  })

  test.each([
    ['a forged token', 401, 'token_invalid', async () => forge(await tokenOf(bank, 'forger', sidecarLabels))],
    ['the token of a pod that was replaced by one of the same name', 401, 'token_invalid', tokenOfReplacedPod],
    ["a pod's token for the API server", 401, 'token_invalid', tokenForApiServer],
    ['a token that is bound to no pod', 403, 'token_without_pod', () => mint({ namespace: shop })],
    ['a pod without the sidecar', 403, 'pod_unknown', () => tokenOf(shop, 'plain', { app: 'chat' })],
    ['a replica of the operator', 403, 'not_a_proxy', tokenOfReplica],
  ])('%s is refused, counted, and gets nothing', async (_who, status, code, makeToken) => {
    const token = await makeToken()
    const before = await refusals(code)
    const proxy = dial(token)
    expect(await proxy.status).toBe(status)
    await proxy.ended
    expect(JSON.parse(proxy.body)).toMatchObject({ code })
    expect(proxy.messages).toEqual([])
    expect(await refusals(code)).toBe(before + 1)
    const lines = operator.logger.lines.filter((line) => line.includes(code))
    expect(lines).not.toEqual([])
    expect(operator.logger.lines.join('\n')).not.toContain(token)
  })
})

test('a table that a proxy refuses is told in the status with its reason, and mends with the next one', async () => {
  const namespace = await api.createNamespace('refusal')
  await apply(namespace, { model: 'one' })
  const proxy = dial(await tokenOf(namespace, 'chat-2', sidecarLabels))
  const latest = (model: string) =>
    waitUntil(`a table with ${model}`, () =>
      proxy.snapshots().find(({ table }) => JSON.stringify(table).includes(`"${model}"`)),
    )
  const status = () => showStatus(api, 'modelroutes', { namespace, name: 'chat' })

  const first = await latest('one')
  proxy.say({ type: 'ack', version: first.version, nonce: first.nonce })
  await waitUntil('it is current', async () => (await status()).programmed === '1/1')
  await apply(namespace, { model: 'two' })
  const refused = await latest('two')
  const faults = [{ path: 'routes.0.name', message: 'too long for this proxy' }]
  proxy.say({ type: 'nack', version: refused.version, nonce: refused.nonce, faults })
  await waitUntil('the refusal shows', async () => {
    expect(await status()).toMatchObject({
      programmed: '0/1',
      proxies: { rejected: 1, firstRejection: 'pod "chat-2": routes.0.name: too long for this proxy' },
      conditions: { Programmed: 'False: Rejected', Ready: 'False: Rejected' },
    })
    return true
  })
  expect((await status()).messages['Programmed']).toContain('keep their last good one: pod "chat-2": routes.0.name')

  await apply(namespace, { model: 'three' })
  const good = await latest('three')
  proxy.say({ type: 'ack', version: good.version, nonce: good.nonce })
  await waitUntil('the status is whole', async () => {
    const shown = await status()
    expect(shown).toMatchObject({ programmed: '1/1', proxies: { rejected: 0 }, conditions: { Ready: 'True' } })
    return true
  })
})
