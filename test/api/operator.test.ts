// The operator on a real API server with the chart's own rights: resources in, tables at proxies, status back; and
// what happens when an operator, its leader, or the API server itself goes away. No pod runs here.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type ApiServer, startApiServer } from '../support/kubernetes/api-server.ts'
import { waitUntil } from '../support/kubernetes/wait-until.ts'
import {
  createProxy,
  installChart,
  prepareOperator,
  type RunningOperator,
  runOperator,
  showStatus,
} from '../support/operator-rig.ts'
import type { TestProxy } from '../support/push-rig.ts'

/** What issue and docs promise after an outage. */
const recoveryMs = 5_000

let api: ApiServer
let namespace: string
const ends: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  api = await startApiServer()
  await installChart(api)
}, 600_000)
afterAll(() => api?.stop())
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

async function operatorRuns(name: string, replicas = 1): Promise<RunningOperator> {
  const operator = await runOperator(api, name, replicas)
  ends.push(() => operator.stop())
  return operator
}

async function proxyRuns(operator: RunningOperator, name: string): Promise<TestProxy> {
  const proxy = await createProxy(api, operator.pushUrl, { namespace, name })
  ends.push(() => proxy.stop())
  await proxy.source.start()
  return proxy
}

async function apply(...documents: readonly object[]): Promise<void> {
  const list = { apiVersion: 'v1', kind: 'List', items: documents }
  await api.mustKubectl(['apply', '-n', namespace, '-f', '-'], { stdin: JSON.stringify(list) })
}

function secret(value: string) {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'openai' }, stringData: { 'api-key': value } }
}

function provider(name = 'openai') {
  const credential = { secretRef: { name: 'openai', key: 'api-key' } }
  const spec = { dialect: 'OpenAI', url: 'https://api.openai.com/v1', credential }
  return { apiVersion: 'modelroute.dev/v1alpha1', kind: 'ModelProvider', metadata: { name }, spec }
}

function route(model: string, providerName = 'openai') {
  const rules = [{ name: 'all', backends: [{ providerRef: { name: providerName }, model }] }]
  const spec = { podSelector: { matchLabels: { app: 'chat' } }, rules }
  return { apiVersion: 'modelroute.dev/v1alpha1', kind: 'ModelRoute', metadata: { name: 'chat' }, spec }
}

const status = (kind: 'modelroutes' | 'modelproviders', name: string) => showStatus(api, kind, { namespace, name })
const allTrue = { Accepted: 'True', ResolvedRefs: 'True', Programmed: 'True', Ready: 'True' }

function modelOf(proxy: TestProxy): string | undefined {
  return Object.values(proxy.holder.current()?.targets ?? {})[0]?.model
}

function arrives(proxy: TestProxy, model: string, timeoutMs = 15_000): Promise<true> {
  return waitUntil(`the proxy runs ${model}`, () => (modelOf(proxy) === model ? true : undefined), { timeoutMs })
}

function shows(what: string, conditions: object): Promise<unknown> {
  return waitUntil(what, async () => {
    const shown = await status('modelroutes', 'chat')
    expect(shown.conditions).toMatchObject(conditions)
    return shown
  })
}

describe('one operator', () => {
  test('takes a route to the proxy with its key, and says so in the status of both resources', async () => {
    namespace = await api.createNamespace('line')
    const operator = await operatorRuns('operator-a')
    const proxy = await proxyRuns(operator, 'chat-1')
    await apply(secret('sk-real'), provider(), route('gpt-5-mini'))
    await arrives(proxy, 'gpt-5-mini')
    await waitUntil('the key is there', () => proxy.keys.find(`${namespace}/openai/api-key`)?.reveal() === 'sk-real')
    await shows('the route is ready', allTrue)
    expect(await status('modelroutes', 'chat')).toMatchObject({
      programmed: '1/1',
      proxies: { total: 1, current: 1, rejected: 0 },
    })
    expect((await status('modelproviders', 'openai')).conditions).toEqual({
      Accepted: 'True',
      ResolvedRefs: 'True',
      Ready: 'True',
    })
    const printed = await api.mustKubectl(['get', 'modelroutes', '-n', namespace])
    expect(printed).toMatch(/NAME\s+READY\s+PROGRAMMED\s+RULES.*\nchat\s+True\s+1\/1\s+1\s/)
    expect(operator.logger.lines.join('\n')).not.toContain('sk-real')
  })

  test('brings a changed route to the proxy in less than a second', async () => {
    namespace = await api.createNamespace('fast')
    const operator = await operatorRuns('operator-a')
    const proxy = await proxyRuns(operator, 'chat-1')
    await apply(secret('sk-real'), provider(), route('one'))
    await arrives(proxy, 'one')
    await apply(route('two'))
    await expect(arrives(proxy, 'two', 1_000)).resolves.toBe(true)
  })

  test('names what is missing, and heals by itself when it appears', async () => {
    namespace = await api.createNamespace('heal')
    const operator = await operatorRuns('operator-a')
    const proxy = await proxyRuns(operator, 'chat-1')
    await apply(route('gpt-5-mini'))
    await shows('the provider is missed', { ResolvedRefs: 'False: ProviderNotFound', Ready: 'False: ProviderNotFound' })
    const [rule] = proxy.holder.current()?.routes ?? []
    expect(rule?.unavailable).toContain('ModelProvider "openai" does not exist')
    await apply(provider())
    await shows('the Secret is missed', { ResolvedRefs: 'False: SecretNotFound' })
    await waitUntil('the provider says so too', async () => {
      expect((await status('modelproviders', 'openai')).conditions['Ready']).toBe('False: SecretNotFound')
      return true
    })
    await apply({ ...secret('x'), stringData: { 'other-key': 'x' } })
    await shows('the key is missed', { ResolvedRefs: 'False: SecretKeyNotFound' })
    await apply(secret('sk-real'))
    await shows('everything is there', allTrue)
    await arrives(proxy, 'gpt-5-mini')
  })

  test('says NoPods for a route that selects none, and counts a pod as soon as it is there', async () => {
    namespace = await api.createNamespace('pods')
    const operator = await operatorRuns('operator-a')
    await apply(secret('sk-real'), provider(), route('gpt-5-mini'))
    await shows('a route without pods is ready', allTrue)
    expect((await status('modelroutes', 'chat')).programmed).toBe('0/0')
    await proxyRuns(operator, 'chat-1')
    await waitUntil('the pod counts', async () => (await status('modelroutes', 'chat')).programmed === '1/1')
    await api.mustKubectl(['delete', 'pod', 'chat-1', '-n', namespace, '--force', '--grace-period=0'])
    await waitUntil('the pod is gone', async () => (await status('modelroutes', 'chat')).programmed === '0/0')
  })

  test('turns Programmed False only after ten seconds of a pod whose proxy is silent', async () => {
    namespace = await api.createNamespace('lag')
    const operator = await operatorRuns('operator-a')
    await apply(secret('sk-real'), provider(), route('gpt-5-mini'))
    const startedMs = performance.now()
    await createProxy(api, operator.pushUrl, { namespace, name: 'chat-1' })
    await shows('it waits', { Programmed: 'Unknown: Pending' })
    await shows('it is behind', { Programmed: 'False: ProxiesBehind' })
    expect(performance.now() - startedMs).toBeGreaterThan(9_500)
    expect((await status('modelroutes', 'chat')).messages['Programmed']).toContain('chat-1')
  })

  test('starts again and is current within five seconds, while the proxy keeps its table', async () => {
    namespace = await api.createNamespace('restart')
    const first = await operatorRuns('operator-a')
    const proxy = await proxyRuns(first, 'chat-1')
    await apply(secret('sk-real'), provider(), route('one'))
    await arrives(proxy, 'one')
    await first.stop()
    await apply(route('two'))
    expect(modelOf(proxy)).toBe('one')
    const second = await operatorRuns('operator-a')
    const again = await proxyRuns(second, 'chat-2')
    await arrives(again, 'two', recoveryMs)
  })
})

describe('two replicas', () => {
  test('agree on one leader, whose status counts the proxies of both, and survive the end of that leader', async () => {
    namespace = await api.createNamespace('two')
    const first = await operatorRuns('operator-a', 2)
    await waitUntil('the first leads', () => first.isLeader())
    const second = await operatorRuns('operator-b', 2)
    const proxies = [await proxyRuns(first, 'chat-1'), await proxyRuns(second, 'chat-2')]
    await apply(secret('sk-real'), provider(), route('one'))
    for (const proxy of proxies) await arrives(proxy, 'one')
    await waitUntil('both count', async () => (await status('modelroutes', 'chat')).programmed === '2/2')
    expect([first.isLeader(), second.isLeader()]).toEqual([true, false])

    await first.stop()
    await waitUntil('the second leads', () => second.isLeader(), { timeoutMs: 5_000 })
    await apply(route('two'))
    const [, remaining] = proxies
    if (remaining) await arrives(remaining, 'two', 1_000)
    // The first proxy has lost its operator: it keeps its table, and status says which pod is behind.
    await shows('the lost proxy is named', { Programmed: 'False: ProxiesBehind' })
    expect((await status('modelroutes', 'chat')).messages['Programmed']).toContain('chat-1')
  })
})

describe('an API server that goes away', () => {
  test('leaves calls alone, and is followed again within five seconds of its return', async () => {
    namespace = await api.createNamespace('outage')
    const operator = await operatorRuns('operator-a')
    const proxy = await proxyRuns(operator, 'chat-1')
    await apply(secret('sk-real'), provider(), route('one'))
    await arrives(proxy, 'one')
    await api.stopServer('SIGKILL')
    expect(modelOf(proxy)).toBe('one')
    await api.startServer()
    await apply(route('two'))
    await arrives(proxy, 'two', recoveryMs)
    await shows('status follows', allTrue)
  })

  test('and has forgotten the history: 410 is answered with a new list', async () => {
    namespace = await api.createNamespace('gone')
    const operator = await operatorRuns('operator-a')
    const proxy = await proxyRuns(operator, 'chat-1')
    await apply(secret('sk-real'), provider(), route('one'))
    await arrives(proxy, 'one')
    // Killed: a graceful end would wait a minute for the watches.
    await api.stopServer('SIGKILL')
    await api.startServer()
    await api.forgetHistory()
    await api.stopServer('SIGKILL')
    await api.startServer()
    await apply(route('two'))
    await expect(arrives(proxy, 'two', recoveryMs)).resolves.toBe(true)
  })

  test('is waited for by an operator that starts without it', async () => {
    namespace = await api.createNamespace('late')
    await apply(secret('sk-real'), provider(), route('one'))
    const start = await prepareOperator(api, 'operator-a')
    await api.stopServer('SIGKILL')
    const starting = start()
    await api.startServer()
    const operator = await starting
    ends.push(() => operator.stop())
    const proxy = await proxyRuns(operator, 'chat-1')
    await expect(arrives(proxy, 'one')).resolves.toBe(true)
  })
})
