// The whole line on real pods, in the order in which a user walks it: helm install -> annotate -> apply a ModelRoute ->
// an unmodified SDK's calls are answered by the model the route names -> status says so -> faults -> uninstall.
// One story: each test starts where the one before it ended.
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest'
import { connectToCluster } from '../support/kubernetes/cluster-access.ts'
import type { ClusterConnection } from '../support/kubernetes/cluster.ts'
import { waitUntil } from '../support/kubernetes/wait-until.ts'
import { printDiagnostics } from '../support/diagnostics.ts'
import { helmInstall, helmUninstall, provideApps, provideProduct, RELEASE_NAMESPACE } from '../support/product.ts'
import { documentedCalls, documentedRules } from '../support/documented-routing.ts'
import { explainInPod } from './explain-in-pod.ts'
import { chatDeployment, job, modelRoute, modelRouteOf, providerObjects, REAL_KEYS, withModels } from './manifests.ts'
import { openShop, type Shop } from './shop.ts'

const connection = inject('cluster')
const REPLICAS = 5

describe.skipIf(connection === undefined)('the whole line', () => {
  const cluster = connectToCluster(connection as ClusterConnection)
  let shop: Shop

  /** kubectl in the operator's namespace; no argument has a space in it. */
  const system = (command: string) => cluster.mustKubectl(['-n', RELEASE_NAMESPACE, ...command.split(' ')])
  const chatPods = () => shop.pods('app=chat,pod-template-hash,modelroute.dev/proxy')
  const routeRow = () => shop.kubectl('get', 'modelroutes', 'chat', '--no-headers')
  const loads = async () => Promise.all((await chatPods()).map((pod) => shop.load(pod)))

  beforeAll(async () => {
    await Promise.all([provideProduct(cluster), provideApps(cluster)])
    const strict = { 'pod-security.kubernetes.io/enforce': 'restricted' }
    shop = openShop(cluster, await cluster.createNamespace('shop', strict))
  }, 600_000)

  afterAll(async () => {
    if (connection !== undefined) await helmUninstall(cluster)
  })

  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await printDiagnostics(cluster, [RELEASE_NAMESPACE, shop.namespace])
  })

  test('helm install is the one line that is needed, and ends when the webhook answers', async () => {
    const output = await helmInstall(cluster)
    expect(output).toContain('kubectl get modelroutes')
    const ready = await system('get deployment modelroute-operator -o jsonpath={.status.readyReplicas}')
    expect(ready).toBe('2')
  })

  test('annotating a running Deployment brings its pods up again with the sidecar, before their init containers', async () => {
    await shop.apply(...providerObjects(shop.namespace))
    await shop.kubectl('rollout', 'status', 'deployment/alpha', 'deployment/beta', '--timeout=120s')
    await shop.apply(modelRoute('alpha', 'alpha-1'))
    await shop.apply(chatDeployment(REPLICAS))
    await shop.kubectl('rollout', 'status', 'deployment/chat', '--timeout=180s')
    expect(await shop.kubectl('logs', 'deployment/chat', '-c', 'first-call')).toBe('nobody to ask\n')
    await shop.kubectl('annotate', 'deployment', 'chat', 'modelroute.dev/inject=true')
    await shop.kubectl('rollout', 'status', 'deployment/chat', '--timeout=180s')

    const [pod = ''] = await chatPods()
    const names = 'jsonpath={.spec.initContainers[*].name} {.spec.containers[*].name}'
    expect(await shop.kubectl('get', 'pod', pod, '-o', names)).toBe('modelroute-proxy first-call chat')
    expect(await shop.kubectl('get', 'pod', pod, '--no-headers')).toMatch(/\s2\/2\s/)
    // The application's own init container made a call, so the sidecar was serving before it.
    expect(await shop.kubectl('logs', pod, '-c', 'first-call')).toContain('answer=alpha:alpha-1')
  })

  test('an unmodified SDK is answered by the model that the ModelRoute names', async () => {
    const [pod = ''] = await chatPods()
    const plain = await shop.ask(pod)
    expect(plain.text).toBe('alpha:alpha-1')
    expect(plain.url).toBe('http://127.0.0.1:4141/openai/v1')
    expect((await shop.ask(pod, '?stream=1')).text).toBe('alpha:alpha-1')
  })

  test('only the provider sees the real key', async () => {
    const [pod = ''] = await chatPods()
    expect((await shop.ask(pod)).key).not.toContain(REAL_KEYS.alpha)
    expect(Object.keys(await shop.seenBy('alpha'))).toEqual([`Bearer ${REAL_KEYS.alpha}`])
    const sidecarLog = await shop.kubectl('logs', pod, '-c', 'modelroute-proxy')
    const operatorLog = await system('logs -l app.kubernetes.io/name=modelroute --tail=-1 --prefix')
    expect(sidecarLog).not.toContain(REAL_KEYS.alpha)
    expect(operatorLog).not.toContain(REAL_KEYS.alpha)
  })

  test('a rule that redacts keeps private text in the pod, and the application sees its own again', async () => {
    const [pod = '', other = ''] = await chatPods()
    await shop.apply(modelRoute('alpha', 'echo', { redact: { profile: 'Standard', words: { list: ['Bluebird'] } } }))
    const say = 'Write to ada.lovelace@example.com about Bluebird, card 4111 1111 1111 1111.'
    const ask = async (from: string, rest: string) =>
      (await shop.ask(from, `?say=${encodeURIComponent(say)}${rest}`)).text
    await waitUntil('the rule masks', async () => {
      const text = await ask(pod, '')
      const [prompt = ''] = await shop.promptsOf('alpha')
      return text === say && !prompt.includes('ada.lovelace')
    })
    expect([await ask(pod, '&stream=1'), await ask(other, ''), await ask(other, '&stream=1')]).toEqual([say, say, say])
    const [prompt = '', ...before] = (await shop.promptsOf('alpha')).slice(0, 4)
    for (const value of ['lovelace', 'Bluebird', '4111']) expect(prompt).not.toContain(value)
    // The key is the namespace's: both pods say the same placeholders, so that the provider's prompt cache hits.
    expect(new Set([prompt, ...before]).size).toBe(1)
    expect(await shop.kubectl('logs', pod, '-c', 'modelroute-proxy')).not.toMatch(/lovelace|Bluebird|4111 1111/)
    await shop.apply(modelRoute('alpha', 'alpha-1'))
    await waitUntil('the rule is gone', async () => (await shop.ask(pod)).text === 'alpha:alpha-1')
  })

  test('each call goes to the model that is right for it, and the explanation from inside the pod says so', async () => {
    const [pod = ''] = await chatPods()
    const beta = { provider: 'beta', model: 'sees-1' }
    const alpha = (model: string) => ({ provider: 'alpha', model })
    const cast = { coder: alpha('codes-1'), seer: beta, long: alpha('long-1'), basic: alpha('basic-1') }
    const rest = {
      premium: alpha('premium-1'),
      default: alpha('alpha-1'),
      other: { provider: 'beta', model: 'beta-1' },
    }
    await shop.apply(...withModels(shop.namespace, 'alpha', 'explicit-1'))
    await shop.apply(modelRouteOf(documentedRules({ ...cast, ...rest })))
    const daily = async () => (await shop.ask(pod, '?model=daily')).text ?? ''
    await waitUntil('the rules are in force', async () => /^alpha:(basic|premium)-1$/.test(await daily()))
    for (const { what, model, say, times = 1, hasPicture, part } of documentedCalls(Date.now())) {
      const query = new URLSearchParams({ model, say, times: String(times), ...(hasPicture && { picture: '1' }) })
      const { provider, model: answering } = { ...cast, ...rest }[part]
      expect([what, (await shop.ask(pod, `?${query.toString()}`)).text]).toEqual([what, `${provider}:${answering}`])
    }
    expect((await shop.ask(pod, '?model=explicit-1')).text).toBe('alpha:explicit-1')
    const body = { model: 'auto', messages: [{ role: 'user', content: 'Good day' }] }
    const call = JSON.stringify({ path: '/openai/v1/chat/completions', body })
    const said = await explainInPod(connection as ClusterConnection, { namespace: shop.namespace, pod, call })
    expect(said).toContain(`rule       ${shop.namespace}/chat/rest takes the call`)
    await shop.apply(modelRoute('alpha', 'alpha-1'))
    await waitUntil('the rules are gone', async () => (await daily()) === 'alpha:alpha-1')
  })

  test('kubectl get modelroutes shows Ready, 5/5 and its one rule', async () => {
    // The row before is of the generation before, until status has caught up.
    const row = await waitUntil('the route is programmed', async () => {
      const text = await routeRow()
      return /^chat\s+True\s+5\/5\s+1\s/.test(text) ? text : undefined
    })
    expect(row).toContain('5/5')
  })

  test('a changed ModelRoute reaches five running pods in less than a second, without a restart', async () => {
    const pods = await chatPods()
    await Promise.all(pods.map((pod) => shop.post(pod, '/load/start')))
    await waitUntil('every pod has answers', async () => (await loads()).every(({ calls }) => calls > 10))

    await shop.apply(modelRoute('beta', 'beta-1'))
    const appliedMs = Date.now()
    const after = await waitUntil('every pod is answered by beta', async () => {
      const all = await loads()
      return all.every(({ changes }) => changes.at(-1)?.text === 'beta:beta-1') ? all : undefined
    })
    const lags = after.map(({ changes }) => (changes.at(-1)?.atMs ?? Number.POSITIVE_INFINITY) - appliedMs)
    console.log(`route change to first answer of the new model, five pods, ms: ${lags.join(' ')}`)
    expect(Math.max(...lags)).toBeLessThan(1000)
    expect(after.flatMap(({ failures }) => failures)).toEqual([])
    const restarts = await shop.kubectl('get', 'pods', '-l', 'app=chat', '-o', 'jsonpath={..restartCount}')
    expect(new Set(restarts.split(' '))).toEqual(new Set(['0']))
  })

  test('a Job with the sidecar completes', async () => {
    await shop.apply(job())
    await shop.kubectl('wait', 'job/once', '--for=condition=Complete', '--timeout=120s')
    expect(await shop.kubectl('logs', 'job/once', '-c', 'once')).toContain('answer=beta:beta-1')
  })

  test('an operator replica killed during traffic and a route change costs no call and no wrong status', async () => {
    const operators = await system(
      'get pods -l app.kubernetes.io/name=modelroute -o jsonpath={.items[*].metadata.name}',
    )
    const leader = await leaderPod()
    expect(operators.split(' ')).toContain(leader)
    await system(`delete pod ${leader} --grace-period=0 --force --wait=false`)
    await shop.apply(modelRoute('alpha', 'alpha-2'))
    const generation = await shop.kubectl('get', 'modelroute', 'chat', '-o', 'jsonpath={.metadata.generation}')
    await waitUntil(
      'every pod is answered by the new model',
      async () => (await loads()).every(({ changes }) => changes.at(-1)?.text === 'alpha:alpha-2'),
      { timeoutMs: 60_000 },
    )
    await waitUntil(
      'the status is of the new generation and complete',
      async () => {
        const seen = await shop.kubectl('get', 'modelroute', 'chat', '-o', 'jsonpath={.status.observedGeneration}')
        return seen === generation && /True\s+5\/5/.test(await routeRow())
      },
      { timeoutMs: 90_000 },
    )
    expect((await loads()).flatMap(({ failures }) => failures)).toEqual([])
  })

  test('helm uninstall leaves only CRDs, resources and the CA, and the pods go on with their last table', async () => {
    const objects = await clusterWideObjects()
    expect(objects.length).toBeGreaterThan(3)
    await helmUninstall(cluster)
    await waitUntil('the operator is gone', async () => (await operatorPods()) === '', { timeoutMs: 90_000 })
    expect(await clusterWideObjects()).toEqual([
      'customresourcedefinition.apiextensions.k8s.io/modelproviders.modelroute.dev',
      'customresourcedefinition.apiextensions.k8s.io/modelroutes.modelroute.dev',
    ])
    const left = await system('get all,secrets,configmaps,leases,roles,rolebindings,serviceaccounts -o name')
    const standing = ['configmap/kube-root-ca.crt', 'serviceaccount/default']
    expect(left.split('\n').filter((name) => name !== '' && !standing.includes(name))).toEqual([
      'secret/modelroute-ca',
      'secret/modelroute-redaction',
    ])
    expect(await shop.kubectl('get', 'modelroute', 'chat', '-o', 'name')).toContain('chat')

    const before = await loads()
    await waitUntil('calls went on', async () =>
      (await loads()).every(({ calls }, index) => calls > (before[index]?.calls ?? 0) + 20),
    )
    expect((await loads()).flatMap(({ failures }) => failures)).toEqual([])
  })

  test('after a reinstall the same pods reconnect and follow the route again', async () => {
    await helmInstall(cluster)
    await shop.apply(modelRoute('beta', 'beta-3'))
    await waitUntil(
      'every pod is answered by the new model',
      async () => (await loads()).every(({ changes }) => changes.at(-1)?.text === 'beta:beta-3'),
      { timeoutMs: 60_000 },
    )
    await waitUntil('status is complete', async () => /True\s+5\/5/.test(await routeRow()), { timeoutMs: 60_000 })
    const total = await loads()
    expect(total.flatMap(({ failures }) => failures)).toEqual([])
    console.log(`calls of the story: ${total.reduce((sum, { calls }) => sum + calls, 0)}, none failed`)
  })

  async function leaderPod(): Promise<string> {
    return system('get lease modelroute-operator -o jsonpath={.spec.holderIdentity}')
  }

  async function operatorPods(): Promise<string> {
    return system('get pods -o name')
  }

  async function clusterWideObjects(): Promise<string[]> {
    const kinds =
      'customresourcedefinitions,clusterroles,clusterrolebindings,mutatingwebhookconfigurations,' +
      'validatingadmissionpolicies,validatingadmissionpolicybindings'
    const names = await system(`get ${kinds} -o name`)
    return names.split('\n').filter((name) => name.includes('modelroute'))
  }
})
