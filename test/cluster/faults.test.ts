// What goes wrong on real pods, with real calls going on: something missing, keys that change, an operator and an API
// server that are away, a sidecar and a pod that end. And pods of every kind and user, which come up all the same.
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest'
import { printDiagnostics } from '../support/diagnostics.ts'
import { connectToCluster } from '../support/kubernetes/cluster-access.ts'
import type { ClusterConnection } from '../support/kubernetes/cluster.ts'
import { waitUntil } from '../support/kubernetes/wait-until.ts'
import { helmInstall, helmUninstall, provideApps, provideProduct, RELEASE_NAMESPACE } from '../support/product.ts'
import {
  asideDeployment,
  chatDeployment,
  modelProvider,
  modelRoute,
  ODD_USERS,
  oddPods,
  otherWorkloads,
  plainPod,
  providerObjects,
  REAL_KEYS,
  secret,
} from './manifests.ts'
import { openShop, type Shop } from './shop.ts'

const connection = inject('cluster')
/** What the README promises after an outage. */
const recoveryMs = 5_000
/** A call takes milliseconds; this much is two busy cores. */
const mostPauseMs = 2_500

describe.skipIf(connection === undefined)('faults', () => {
  const cluster = connectToCluster(connection as ClusterConnection)
  const operators = (...parameters: string[]) => cluster.mustKubectl(['-n', RELEASE_NAMESPACE, ...parameters])
  let shop: Shop
  let labelled: Shop

  beforeAll(async () => {
    await Promise.all([provideProduct(cluster), provideApps(cluster)])
    await helmInstall(cluster)
    shop = openShop(cluster, await cluster.createNamespace('faults'))
    labelled = openShop(cluster, await cluster.createNamespace('labelled', { 'modelroute.dev/inject': 'true' }))
    await shop.apply(...providerObjects(shop.namespace), modelRoute('alpha', 'first'))
    await shop.kubectl('rollout', 'status', 'deployment/alpha', 'deployment/beta', '--timeout=120s')
    const annotated = { metadata: { annotations: { 'modelroute.dev/inject': 'true' } } }
    const deployments = [chatDeployment(2), asideDeployment()].map((one) => merge(one, annotated))
    await shop.apply(...deployments, ...otherWorkloads(), ...oddPods())
    await shop.kubectl('create', 'job', 'by-hand', '--from=cronjob/nightly')
    const elsewhere = modelProvider('alpha', `http://alpha.${shop.namespace}.svc:8080/v1`)
    await labelled.apply(secret('alpha', { 'api-key': REAL_KEYS.alpha }), elsewhere, modelRoute('alpha', 'labelled'))
    await labelled.apply(plainPod('plain'))
  }, 600_000)

  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await printDiagnostics(cluster, [RELEASE_NAMESPACE, shop.namespace])
  })

  afterAll(async () => {
    if (connection !== undefined) await helmUninstall(cluster)
  })

  const chatPods = () => shop.pods('app=chat,pod-template-hash,modelroute.dev/proxy')
  const loads = async () => Promise.all((await chatPods()).map((pod) => shop.load(pod)))
  const failures = async () => (await loads()).flatMap((load) => load.failures)
  const statusOf = async (path: string) => shop.kubectl('get', 'modelroute', 'chat', '-o', `jsonpath=${path}`)
  const condition = (type: string) => statusOf(`{.status.conditions[?(@.type=="${type}")].message}`)
  const answers = (pod: string, text: string, timeoutMs = 30_000) =>
    waitUntil(`${pod} is answered ${text}`, async () => (await shop.ask(pod)).text === text, { timeoutMs })

  test('a StatefulSet, a Job of a CronJob and a pod of a labelled namespace get the sidecar', async () => {
    await shop.kubectl('rollout', 'status', 'statefulset/stateful', 'deployment/chat', '--timeout=180s')
    expect((await shop.ask('stateful-0')).text).toBe('alpha:first')
    await shop.kubectl('wait', 'job/by-hand', '--for=condition=Complete', '--timeout=120s')
    expect(await shop.kubectl('logs', 'job/by-hand', '-c', 'once')).toContain('answer=alpha:first')
    await labelled.kubectl('wait', 'pod/plain', '--for=condition=Ready', '--timeout=120s')
    expect((await labelled.ask('plain')).text).toBe('alpha:labelled')
  })

  test.each(Object.keys(ODD_USERS))('the sidecar of a pod whose users are "%s" can read its token', async (users) => {
    const pod = `user-${users}`
    await shop.kubectl('wait', `pod/${pod}`, '--for=condition=Ready', '--timeout=120s')
    expect((await shop.ask(pod)).text).toBe('alpha:first')
    const look = 'console.log(process.getuid(), fs.statSync("/var/run/modelroute/state/state.json").mode.toString(8))'
    expect(await inSidecar(pod, look)).toBe('65532 100600\n')
  })

  test('a missing provider, Secret and key are named to the caller and in the status, and heal by themselves', async () => {
    const [pod = ''] = await chatPods()
    await shop.apply(modelRoute('gamma', 'healed'))
    const refused = (words: string) =>
      waitUntil(`the refusal says ${words}`, async () => {
        const heard = await shop.ask(pod)
        expect(heard).toMatchObject({ status: 503, code: 'no_backend', error: expect.stringContaining(words) })
        expect(await condition('ResolvedRefs')).toContain(words)
        expect(await condition('Ready')).toContain(words)
        return true
      })
    await refused('ModelProvider "gamma" does not exist')
    await shop.apply(modelProvider('gamma', `http://beta.${shop.namespace}.svc:8080/v1`))
    await refused('Secret "gamma" of ModelProvider "gamma" does not exist')
    await shop.apply(secret('gamma', { other: 'x' }))
    await refused('has no key "api-key"')
    await shop.apply(secret('gamma', { 'api-key': REAL_KEYS.beta }))
    await answers(pod, 'beta:healed')
    await waitUntil('the status is whole', async () => (await shop.kubectl('get', 'mr', 'chat')).includes('True'))
  })

  test('a rotated key is used without a restart, and a revoked one leaves the pod', async () => {
    const [pod = ''] = await chatPods()
    await shop.apply(modelRoute('alpha', 'keys'))
    await answers(pod, 'alpha:keys')
    await shop.accept('alpha', 'sk-rotated-0003')
    expect(await shop.ask(pod)).toMatchObject({ status: 401, code: 'invalid_api_key' })
    await shop.apply(secret('alpha', { 'api-key': 'sk-rotated-0003' }))
    await answers(pod, 'alpha:keys', 10_000)
    expect(Object.keys(await shop.seenBy('alpha'))).toContain('Bearer sk-rotated-0003')

    const keep = 'console.log(fs.readFileSync("/var/run/modelroute/state/state.json", "utf8"))'
    expect(await inSidecar(pod, keep)).toContain('sk-rotated-0003')
    await shop.apply(secret('alpha', { other: 'x' }))
    await waitUntil('the call is refused', async () => (await shop.ask(pod)).status === 503)
    await waitUntil('the key is erased', async () => !(await inSidecar(pod, keep)).includes('sk-rotated-0003'))
    await shop.apply(secret('alpha', { 'api-key': 'sk-rotated-0003' }))
    await answers(pod, 'alpha:keys')
    const restarts = await shop.kubectl('get', 'pods', '-l', 'app=chat', '-o', 'jsonpath={..restartCount}')
    expect(new Set(restarts.split(' '))).toEqual(new Set(['0']))
  })

  test('while both operators are away calls go on, also those of a sidecar that starts anew', async () => {
    const pods = await chatPods()
    for (const pod of pods) await shop.post(pod, '/load/start')
    await waitUntil('every pod has answers', async () => (await loads()).every(({ calls }) => calls > 10))
    await operators('scale', 'deployment/modelroute-operator', '--replicas=0')
    await waitUntil('no operator runs', async () => (await operators('get', 'pods', '-o', 'name')) === '', {
      timeoutMs: 60_000,
    })

    await inSidecar('user-root', 'process.kill(1)')
    await waitUntil('its sidecar has started anew', async () => {
      const [count, ready] = await sidecarOf('user-root')
      return count === '1' && ready === 'true'
    })
    expect((await shop.ask('user-root')).text).toBe('alpha:keys')
    expect(await shop.kubectl('logs', 'user-root', '-c', 'modelroute-proxy')).toContain(
      'table in force from the private state file',
    )

    await shop.apply(modelRoute('beta', 'after'))
    await operators('scale', 'deployment/modelroute-operator', '--replicas=2')
    const readyMs = await waitUntil('an operator is ready', firstReadyOperator, { timeoutMs: 60_000 })
    await expectAll('beta:after', { sinceMs: readyMs })
    await answers('user-root', 'beta:after')
    expect(await failures()).toEqual([])
  })

  test('while the API server is away calls go on, and tables are current within five seconds of its return', async () => {
    const stoppedMs = Date.now()
    await cluster.stopApiServer()
    await cluster.startApiServer()
    await shop.apply(modelRoute('alpha', 'back'))
    const backMs = Date.now()
    console.log(`the API server was away for ${backMs - stoppedMs} ms`)
    await expectAll('alpha:back', { sinceMs: backMs })
    expect(await failures()).toEqual([])
    const pauses = (await loads()).map(({ longestPauseMs }) => longestPauseMs)
    console.log(`longest pauses between two answers of a pod through both outages, ms: ${pauses.join(' ')}`)
    expect(Math.max(...pauses)).toBeLessThan(mostPauseMs)
    const whole = async () => /True\s+\d+\/\d+/.test(await shop.kubectl('get', 'mr', 'chat', '--no-headers'))
    await waitUntil('the status follows', whole, { timeoutMs: 60_000 })
  })

  test('a stream that is under way when its pod is deleted comes to its end', async () => {
    await shop.apply(modelRoute('alpha', 'slow-12'))
    await answers('stateful-0', 'alpha:slow-12')
    await shop.post('stateful-0', '/tell')
    const printed = () => shop.kubectl('logs', 'stateful-0', '-c', 'chat')
    await waitUntil('its first words are there', async () => (await printed()).includes('telling'))
    const [told] = await Promise.all([
      shop.kubectl('logs', '--follow', 'stateful-0', '-c', 'chat'),
      shop.kubectl('delete', 'pod', 'stateful-0', '--wait=false'),
    ])
    expect(told).toContain('told=alpha:slow-12 1 2 3 4 5 6 7 8 9 10 11 12\n')
  })

  test('a workload whose annotation is taken away again has pods without the sidecar', async () => {
    const containers = async () => {
      await shop.kubectl('rollout', 'status', 'deployment/aside', '--timeout=120s')
      const names = 'jsonpath={.items[*].spec.initContainers[*].name} {.items[*].spec.containers[*].name}'
      return shop.kubectl('get', 'pods', '-l', 'app=aside', '--sort-by=.metadata.creationTimestamp', '-o', names)
    }
    expect(await containers()).toBe('modelroute-proxy provider')
    await shop.kubectl('annotate', 'deployment', 'aside', 'modelroute.dev/inject-')
    await waitUntil('only a plain pod is left', async () => (await containers()) === ' provider', { timeoutMs: 60_000 })
  })

  /** Every pod that calls has changed to this answer, soon enough after that moment. */
  async function expectAll(text: string, { sinceMs }: { readonly sinceMs: number }): Promise<void> {
    const after = await waitUntil(`every pod is answered ${text}`, async () => {
      const all = await loads()
      return all.every(({ changes }) => changes.at(-1)?.text === text) ? all : undefined
    })
    const lags = after.map(({ changes }) => (changes.at(-1)?.atMs ?? Number.POSITIVE_INFINITY) - sinceMs)
    console.log(`return to first answer "${text}", ms: ${lags.join(' ')}`)
    expect(Math.max(...lags)).toBeLessThan(recoveryMs)
  }

  async function firstReadyOperator(): Promise<number | undefined> {
    const path = 'jsonpath={.items[*].status.containerStatuses[*].ready}'
    return (await operators('get', 'pods', '-o', path)).includes('true') ? Date.now() : undefined
  }

  function inSidecar(pod: string, code: string): Promise<string> {
    const script = `const fs = require("node:fs"); ${code}`
    return shop.kubectl('exec', pod, '-c', 'modelroute-proxy', '--', '/usr/local/bin/node', '--eval', script)
  }

  async function sidecarOf(pod: string): Promise<readonly string[]> {
    const path = '{.status.initContainerStatuses[0].restartCount} {.status.initContainerStatuses[0].ready}'
    return (await shop.kubectl('get', 'pod', pod, '-o', `jsonpath=${path}`)).split(' ')
  }
})

function merge(one: object, { metadata }: { readonly metadata: object }): object {
  return { ...one, metadata: { ...(one as { metadata: object }).metadata, ...metadata } }
}
