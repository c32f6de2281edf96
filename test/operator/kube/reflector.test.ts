// Every way in which a watch is known to go wrong, against a server that does it over real sockets. After each, the
// store must equal what the server has, without a restart.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createKubeClient, type KubeClient } from '../../../operator/kube/client.ts'
import { ObjectStore } from '../../../operator/kube/object-store.ts'
import {
  RESYNC_MS,
  Reflector,
  type ReflectorSign,
  SHORT_WATCH_MS,
  SILENCE_MS,
  STUCK_MS,
} from '../../../operator/kube/reflector.ts'
import { readMetadata } from '../../../operator/kube/resource.ts'
import type { Metadata } from '../../../operator/kube/source.ts'
import { systemClock } from '../../../proxy/telemetry/clock.ts'
import { FakeApiServer, type FakeObject, type Misbehaviour, reply } from '../../support/fake-api-server.ts'
import { waitUntil } from '../../support/kubernetes/wait-until.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { RecordingLogger } from '../../support/push-rig.ts'

let server: FakeApiServer
let client: KubeClient
let clock: ManualClock
let store: ObjectStore<Metadata>
let reflector: Reflector<Metadata>
let changed: string[]
let signs: ReflectorSign[]
let logger: RecordingLogger
let onChange: (namespace: string) => void

beforeEach(async () => {
  server = await new FakeApiServer().start()
  const access = { server: `http://127.0.0.1:${server.port}`, caPem: null, clientCertificate: null }
  client = createKubeClient({ ...access, token: { kind: 'none' } }, { clock: systemClock })
  clock = new ManualClock()
  store = new ObjectStore<Metadata>((item) => item)
  changed = []
  signs = []
  logger = new RecordingLogger()
  onChange = (namespace) => changed.push(namespace)
  reflector = new Reflector<Metadata>({
    api: client,
    clock,
    // No waiting by chance: every back-off is over at the next move of the clock.
    random: () => 0,
    logger,
    store,
    path: '/apis/modelroute.dev/v1alpha1/modelroutes',
    query: { labelSelector: 'a=b' },
    accept: { list: 'application/json', watch: 'application/json' },
    read: readMetadata,
    onChange: (namespace) => onChange(namespace),
    onSign: (sign) => signs.push(sign),
  })
})
afterEach(async () => {
  await reflector.stop()
  await client.close()
  await server.stop()
})

function route(name: string, namespace = 'shop'): FakeObject {
  return { metadata: { namespace, name, uid: `uid-${namespace}-${name}` } }
}

/** Moves the clock while waiting, so that back-offs end. */
function eventually(what: string, probe: () => boolean): Promise<true> {
  return waitUntil(
    what,
    () => {
      clock.advance(50)
      return probe() ? true : undefined
    },
    { intervalMs: 5, timeoutMs: 5_000 },
  )
}

const has = (name: string) => store.inNamespace('shop').some((item) => item.name === name)
const isWatching = () => eventually('a watch is open', () => server.watching === 1)

async function followed(...names: readonly string[]): Promise<void> {
  for (const name of names) server.put(route(name))
  await reflector.start()
  await isWatching()
}

/** The server has sent a bookmark and it was read. */
async function bookmarked(): Promise<void> {
  const before = signs.length
  server.bookmark()
  await waitUntil('the bookmark was read', () => signs.slice(before).includes('bookmark'))
}

/** A watch that is old enough not to count as one that failed at once. */
const age = () => clock.advance(SHORT_WATCH_MS)

describe('following', () => {
  test('lists first, then watches from there with bookmarks and an end between four and five minutes', async () => {
    await followed('one', 'two')
    expect(store.size).toBe(2)
    expect(changed).toEqual(['shop'])
    expect(server.last('list')?.query.get('labelSelector')).toBe('a=b')
    const query = server.last('watch')?.query
    expect(query?.get('allowWatchBookmarks')).toBe('true')
    expect(query?.get('labelSelector')).toBe('a=b')
    expect(Number(query?.get('timeoutSeconds'))).toBeGreaterThanOrEqual(240)
    expect(Number(query?.get('timeoutSeconds'))).toBeLessThanOrEqual(300)
  })

  test('reads a list of more than one page to its end', async () => {
    for (let index = 0; index < 1_201; index += 1) server.putSilently(route(`route-${index}`))
    await reflector.start()
    expect(store.size).toBe(1_201)
    expect(server.count('list')).toBe(3)
  })

  test('adds, changes and removes as events say, and tells the namespace of each', async () => {
    await followed('one')
    server.put(route('two', 'other'))
    server.remove('shop', 'one')
    await eventually('both events arrived', () => store.size === 1 && !has('one'))
    expect(changed).toEqual(['shop', 'other', 'shop'])
    expect(store.namespaces()).toEqual(['other'])
  })

  test('goes on from the newest bookmark when a watch ends, without a new list', async () => {
    await followed('one')
    const version = server.bookmark()
    server.put(route('two'))
    await eventually('the event arrived', () => has('two'))
    const bookmark = server.bookmark()
    expect(bookmark).not.toBe(version)
    await waitUntil('the bookmark was read', () => signs.filter((sign) => sign === 'bookmark').length === 2)
    age()
    server.endWatches()
    await eventually('watched again', () => server.count('watch') === 2)
    expect(server.last('watch')?.query.get('resourceVersion')).toBe(bookmark)
    expect(server.count('list')).toBe(1)
  })

  test('sees what happened between two watches', async () => {
    await followed('one')
    age()
    server.endWatches()
    server.put(route('meanwhile'))
    await eventually('it is there', () => has('meanwhile'))
    expect(server.count('list')).toBe(1)
  })
})

describe('a watch that goes wrong', () => {
  test('by a cut connection is opened again from where it was', async () => {
    await followed('one')
    server.cutWatches()
    server.put(route('two'))
    await eventually('it is there', () => has('two'))
    expect(server.count('list')).toBe(1)
  })

  test.each([403, 404, 500, 503])('by status %i never stops for good', async (status) => {
    const refuse: Misbehaviour = (response) => reply(response, status, { kind: 'Status' })
    server.misbehaviours.watch.push(refuse, refuse)
    await reflector.start()
    await isWatching()
    server.put(route('two'))
    await eventually('it is there', () => has('two'))
    expect(has('two')).toBe(true)
  })

  test.each<[string, Misbehaviour]>([
    ['410 as its status', (response) => reply(response, 410, { code: 410, reason: 'Expired' })],
    ['an ERROR event of 410', saying({ type: 'ERROR', object: { code: 410, message: 'too old resource version' } })],
    ['an ERROR event of another code', saying({ type: 'ERROR', object: { code: 500, message: 'etcd' } })],
    ['a line that is not JSON', saying('{"type":"ADDED","object":{"meta')],
    ['an event without metadata', saying({ type: 'ADDED', object: { spec: {} } })],
    ['an event of an unknown type', saying({ type: 'CHANGED', object: route('x') })],
  ])('by %s is answered with a new list', async (_, misbehaviour) => {
    server.misbehaviours.watch.push(misbehaviour)
    server.put(route('one'))
    await reflector.start()
    server.putSilently(route('lost'))
    await eventually('the lost one is there', () => has('lost'))
    await isWatching()
    expect(server.count('list')).toBe(2)
  })

  test('by an end in the middle of a line loses nothing', async () => {
    server.misbehaviours.watch.push((response) => response.writeHead(200).end('{"type":"ADD'))
    await followed('one')
    server.put(route('two'))
    await eventually('it is there', () => has('two'))
    expect(server.count('watch')).toBe(2)
  })

  test('by ending at once, again and again, makes no storm of requests', async () => {
    const end: Misbehaviour = (response) => response.writeHead(200).end()
    server.misbehaviours.watch.push(...Array.from({ length: 50 }, () => end))
    await reflector.start()
    await waitUntil('the first has ended', () => logger.lines.length === 1)
    // Without a move of the clock no back-off ends, even one of length zero.
    expect(server.count('watch')).toBe(1)
    clock.advance(0)
    await waitUntil('the second has ended', () => logger.lines.length === 2)
    expect(server.count('watch')).toBe(2)
  })

  test('by silence is cut and opened again, and a change on the way is seen', async () => {
    await followed('one')
    await bookmarked()
    clock.advance(SILENCE_MS - 1)
    await bookmarked()
    expect(server.count('watch')).toBe(1)
    clock.advance(SILENCE_MS)
    await eventually('watched again', () => server.count('watch') === 2)
    server.put(route('two'))
    await eventually('it is there', () => has('two'))
    expect(server.count('list')).toBe(1)
  })

  test('because a listener throws makes a list that tells everybody anew', async () => {
    await followed('one')
    let isFirst = true
    onChange = (namespace) => {
      changed.push(namespace)
      if (isFirst) {
        isFirst = false
        throw new Error('a bug in a listener')
      }
    }
    server.put(route('two', 'other'))
    await eventually('told again', () => changed.filter((namespace) => namespace === 'other').length === 2)
    await isWatching()
    expect(server.count('list')).toBe(2)
  })
})

describe('a server that goes away', () => {
  test('is followed again on its return, from where the watch was', async () => {
    await followed('one')
    await server.stop()
    await eventually('attempts fail', () => logger.lines.length > 2)
    expect(reflector.isFresh()).toBe(false)
    expect(has('one')).toBe(true)
    server.put(route('two'))
    await server.start()
    await eventually('it is there', () => has('two'))
    expect(reflector.isFresh()).toBe(true)
  })

  test('may be away at the start, and may fail lists', async () => {
    server.misbehaviours.list.push(
      (response) => reply(response, 500, {}),
      (response) => response.destroy(),
      (response) => reply(response, 200, { items: 'none' }),
    )
    server.put(route('one'))
    const started = reflector.start()
    await eventually('it was listed', () => has('one'))
    await started
    expect(server.count('list')).toBe(4)
  })

  test('may forget a list between two pages: it begins again at the first', async () => {
    for (let index = 0; index < 600; index += 1) server.putSilently(route(`route-${index}`))
    server.misbehaviours.list.push(null, (response) => reply(response, 410, { code: 410, reason: 'Expired' }))
    const started = reflector.start()
    await eventually('all are there', () => store.size === 600)
    await started
    const lists = server.requests.filter(({ kind }) => kind === 'list')
    expect(lists.map(({ query }) => query.get('continue'))).toEqual([null, '500', null, '500'])
  })
})

describe('trust', () => {
  test('a list that is ten minutes old is made again when the watch ends, and mends what was lost', async () => {
    await followed('one')
    server.putSilently(route('lost'))
    for (let passedMs = 0; passedMs < RESYNC_MS; passedMs += SILENCE_MS / 2) {
      await bookmarked()
      clock.advance(SILENCE_MS / 2)
    }
    expect(has('lost')).toBe(false)
    server.endWatches()
    await eventually('the lost one is there', () => has('lost'))
    expect(server.count('list')).toBe(2)
  })

  test('an outage is no reason for a restart, a loop that does not turn is', async () => {
    await followed('one')
    await server.stop()
    for (let passedMs = 0; passedMs < STUCK_MS * 2; passedMs += 2_000) clock.advance(2_000)
    await eventually('attempts go on', () => reflector.isAlive())
    expect(reflector.isAlive()).toBe(true)
    await reflector.stop()
    clock.advance(STUCK_MS)
    expect(reflector.isAlive()).toBe(false)
  })
})

function saying(event: unknown): Misbehaviour {
  const line = typeof event === 'string' ? event : JSON.stringify(event)
  return (response) => response.writeHead(200).write(`${line}\n`)
}
