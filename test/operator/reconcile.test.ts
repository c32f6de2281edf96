// Whole passes with everything real but the sources: what is published, what is written, and when nothing is.
import { beforeEach, describe, expect, test } from 'vitest'
import { type ControlLoop, createControlLoop } from '../../operator/control-loop.ts'
import type { ApiRequest, KubeApi } from '../../operator/kube/api.ts'
import { readRoute } from '../../operator/kube/resource.ts'
import type { ModelRouteResource, NamespaceResources, ResourceSource } from '../../operator/kube/source.ts'
import type { ProxyReport, Publication } from '../../operator/push/publication.ts'
import type { ReconciledNamespace } from '../../operator/reconcile.ts'
import { createStatusWriter, MIN_WRITE_INTERVAL_MS } from '../../operator/status-writer.ts'
import { waitUntil } from '../support/kubernetes/wait-until.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { RecordingLogger } from '../support/push-rig.ts'
import { anyPod, anyProvider, anyRoute, NAMESPACE, rawRoute } from '../support/resources.ts'

let clock: ManualClock
let resources: NamespaceResources
let published: Publication[]
let views: ReconciledNamespace[]
let writes: ApiRequest[]
let reports: ProxyReport[]
let isLeader: boolean
let hold: Promise<void>
let answer: { status: number; body: unknown }
let logger: RecordingLogger
let loop: ControlLoop

beforeEach(async () => {
  clock = new ManualClock()
  resources = { routes: [anyRoute()], providers: [anyProvider({ secretName: null })], pods: [anyPod()] }
  published = []
  views = []
  writes = []
  reports = []
  isLeader = true
  hold = Promise.resolve()
  answer = { status: 200, body: {} }
  logger = new RecordingLogger()
  const source: ResourceSource = {
    start: async () => undefined,
    stop: async () => undefined,
    namespaces: () => [NAMESPACE],
    read: () => resources,
    findPod: () => undefined,
  }
  const api: Pick<KubeApi, 'request'> = {
    request: async (request) => {
      writes.push(request)
      await hold
      return answer
    },
  }
  loop = createControlLoop({
    source,
    publish: (publication) => published.push(publication),
    keyStates: () => new Map(),
    tally: { reports: () => reports, isComplete: () => isLeader },
    statusWriter: createStatusWriter({
      api: { ...api, openLines: () => Promise.reject(new Error('no watch')) },
      lease: { isLeader: () => isLeader },
      clock,
    }),
    onReconciled: (view) => views.push(view),
    clock,
    random: () => 0,
    logger,
  })
  await loop.start()
  await settled()
})

const settled = () => waitUntil('the pass is over', () => loop.depth() === 0, { intervalMs: 1 })

async function pass(): Promise<void> {
  loop.enqueue(NAMESPACE)
  await settled()
}

function ack(): void {
  const version = published.at(-1)?.groups[0]?.table.version ?? ''
  const [pod] = resources.pods
  reports = [{ podUid: pod?.uid ?? '', podName: 'chat-1', group: 'g', ackedVersion: version, rejected: null, calls: 0 }]
}

const routeWrites = () => writes.filter(({ path }) => path.includes('/modelroutes/'))
const lastView = () => views.at(-1)

function replaceRoute(route: ModelRouteResource | null): void {
  resources = { ...resources, routes: route ? [route] : [] }
}

describe('a pass', () => {
  test('publishes a group for the pods and applies both statuses with a field manager of its own', () => {
    expect(published.at(-1)).toMatchObject({ namespace: NAMESPACE, groups: [{ podUids: ['uid-shop-chat-1'] }] })
    expect(writes).toHaveLength(2)
    expect(routeWrites()[0]).toMatchObject({
      method: 'PATCH',
      contentType: 'application/apply-patch+yaml',
      path: '/apis/modelroute.dev/v1alpha1/namespaces/shop/modelroutes/chat/status?fieldManager=modelroute-operator&force=true',
      body: { kind: 'ModelRoute', metadata: { name: 'chat', uid: 'uid-shop-chat' }, status: { programmed: '0/1' } },
    })
  })

  test('writes nothing when nothing has changed, though the mirror does not show the last write yet', async () => {
    const before = writes.length
    await pass()
    expect(writes).toHaveLength(before)
  })

  test('writes an object at most once a second, and what had to wait when the second is over', async () => {
    ack()
    await pass()
    expect(routeWrites()).toHaveLength(1)
    clock.advance(MIN_WRITE_INTERVAL_MS - 1)
    await settled()
    expect(routeWrites()).toHaveLength(1)
    clock.advance(1)
    await waitUntil('it was written', () => routeWrites().length === 2)
    expect(routeWrites()[1]?.body).toMatchObject({ status: { programmed: '1/1' } })
  })

  test('looks again by itself when a silent proxy turns ten seconds old', async () => {
    clock.advance(10_000)
    await waitUntil('it says so', () => lastView()?.routeStatuses.get('chat')?.conditions?.[2]?.status === 'False')
    expect(lastView()?.routeStatuses.get('chat')?.conditions?.[2]?.reason).toBe('ProxiesBehind')
  })

  test('publishes an emptied namespace as empty', async () => {
    resources = { routes: [], providers: [], pods: [] }
    await pass()
    expect(published.at(-1)).toEqual({ namespace: NAMESPACE, groups: [], keys: [] })
  })
})

describe('a route that becomes unreadable', () => {
  const broken = () => readRoute({ ...rawRoute({ metadata: { generation: 2 } }), spec: { rules: 'none' } })

  test('keeps its last good form in the table, and the others go on', async () => {
    const version = published.at(-1)?.groups[0]?.table.version
    const other = anyRoute({
      metadata: { name: 'other' },
      rules: [{ name: 'new', backends: [{ providerRef: { name: 'openai' } }] }],
    })
    const [unreadable] = [broken()]
    resources = { ...resources, routes: unreadable ? [unreadable, other] : [] }
    await pass()
    const table = published.at(-1)?.groups[0]?.table
    expect(table?.routes.map(({ name }) => name)).toEqual(['shop/chat/all', 'shop/other/new'])
    expect(table?.version).not.toBe(version)
    expect(lastView()?.routeStatuses.get('chat')?.conditions?.[0]).toMatchObject({ status: 'False' })
    expect(lastView()?.routeStatuses.get('other')?.conditions?.[0]).toMatchObject({ status: 'True' })
  })

  test('is forgotten with the object: a new one of the same name has no last good form', async () => {
    replaceRoute(null)
    await pass()
    const again = readRoute({ ...rawRoute({ metadata: { uid: 'another' } }), spec: { rules: 'none' } })
    replaceRoute(again)
    await pass()
    expect(published.at(-1)?.groups[0]?.table.routes).toEqual([])
  })
})

describe('who writes', () => {
  test('an API server that is slow to take a status does not hold back the next table', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    hold = promise
    ack()
    clock.advance(MIN_WRITE_INTERVAL_MS)
    loop.enqueue(NAMESPACE)
    await waitUntil('the write hangs', () => routeWrites().length === 2)
    const rules = [{ name: 'new', backends: [{ providerRef: { name: 'openai' } }] }]
    replaceRoute(anyRoute({ metadata: { generation: 2 }, rules }))
    loop.enqueue(NAMESPACE)
    await waitUntil('the table is out', () => published.at(-1)?.groups[0]?.table.routes[0]?.name === 'shop/chat/new')
    expect(routeWrites()).toHaveLength(2)
    resolve()
    clock.advance(MIN_WRITE_INTERVAL_MS)
    await waitUntil('the newest status is written', () => {
      clock.advance(50)
      const written = routeWrites().at(-1)?.body as { status: { observedGeneration: number } }
      return written.status.observedGeneration === 2
    })
  })

  test('a replica that does not lead publishes and writes nothing', async () => {
    isLeader = false
    const before = writes.length
    ack()
    clock.advance(MIN_WRITE_INTERVAL_MS)
    await pass()
    expect(writes).toHaveLength(before)
    expect(published.length).toBeGreaterThan(1)
  })

  test('a refused write is tried again later, and does not stop the publishing', async () => {
    answer = { status: 500, body: { message: 'etcd is full' } }
    ack()
    clock.advance(MIN_WRITE_INTERVAL_MS)
    await pass()
    await waitUntil('it is logged', () => logger.lines.some((line) => line.includes('etcd is full')))
    answer = { status: 200, body: {} }
    const before = routeWrites().length
    clock.advance(1_000)
    await waitUntil('it was written', () => routeWrites().length > before)
    expect(routeWrites().at(-1)?.body).toMatchObject({ status: { programmed: '1/1' } })
  })

  test.each([404, 409])('an object that is gone or another one (%i) is no failure', async (status) => {
    answer = { status, body: {} }
    ack()
    clock.advance(MIN_WRITE_INTERVAL_MS)
    await pass()
    expect(logger.lines).toEqual([])
  })
})
