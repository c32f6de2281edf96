// The fleet's answers over several replicas, their reports sent over real sockets.
import { expect, test } from 'vitest'
import { Secret } from '../../../proxy/secret.ts'
import { NEW_LEADER_MS, SILENT_REPLICA_MS } from '../../../operator/push/tally.ts'
import { waitUntil } from '../../support/kubernetes/wait-until.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { makeTable, publicationOf, versionOf } from '../../support/push-rig.ts'
import type { Rig } from '../../support/push-rig.ts'
import { useRigs } from '../../support/use-rigs.ts'

const { rigged, bare } = useRigs()

/** Who leads, as the Lease would say it to every replica. */
class Lease {
  holder: { readonly name: string; readonly address: string } | null = null

  seenBy(name: string) {
    return {
      isLeader: () => this.holder?.name === name,
      holderAddress: () => this.holder?.address ?? null,
    }
  }

  give(name: string, rig: Rig): void {
    this.holder = { name, address: `127.0.0.1:${rig.port}` }
  }
}

function replicaRig(
  name: string,
  lease: Lease,
  options: { readonly clock?: ManualClock; readonly count?: number } = {},
) {
  const changed: string[] = []
  const rig = rigged({
    lease: lease.seenBy(name),
    replica: {
      count: options.count ?? 2,
      readToken: async () => new Secret(`replica.${name}.x`),
      serverName: 'localhost',
    },
    onReports: (namespace) => changed.push(namespace),
    ...(options.clock === undefined ? {} : { clock: options.clock }),
  })
  return rig.then((started) => ({ rig: started, changed }))
}

const publication = publicationOf([{ podUids: ['a', 'b'], table: makeTable(1) }])
const uidsAt = (rig: Rig) => rig.push.tally.reports('shop').map(({ podUid }) => podUid)

test('the leader knows the answers of proxies at the follower, and the follower only its own', async () => {
  const lease = new Lease()
  const { rig: leader, changed } = await replicaRig('one', lease)
  const { rig: follower } = await replicaRig('two', lease)
  lease.give('one', leader)
  for (const rig of [leader, follower]) rig.push.publish(publication)
  bare(leader, { token: 'shop.a.proxy' }).hello(versionOf(1))
  const far = bare(follower, { token: 'shop.b.proxy' }).hello()
  await waitUntil('both are known to the leader', () => uidsAt(leader).toSorted().join() === 'a,b')
  expect(uidsAt(follower)).toEqual(['b'])
  expect([leader.push.tally.isComplete(), follower.push.tally.isComplete()]).toEqual([true, false])
  const { version, nonce } = await waitUntil('the snapshot', () => far.snapshots()[0])
  changed.length = 0
  far.say({ type: 'nack', version, nonce, faults: [{ path: 'routes', message: 'too new' }] })
  await waitUntil('the nack is known to the leader', () =>
    leader.push.tally.reports('shop').some(({ rejected }) => rejected?.reason === 'routes: too new'),
  )
  await waitUntil('the leader was told that something changed', () => changed.includes('shop'))
})

test('a pod that moved to another replica counts once, by its newest stream', async () => {
  const lease = new Lease()
  const { rig: leader } = await replicaRig('one', lease)
  const { rig: follower } = await replicaRig('two', lease)
  lease.give('one', leader)
  for (const rig of [leader, follower]) rig.push.publish(publication)
  const before = bare(follower, { token: 'shop.a.proxy' }).hello()
  await waitUntil('the follower reported it', () => uidsAt(leader).join() === 'a')
  bare(leader, { token: 'shop.a.proxy' }).hello(versionOf(1))
  await waitUntil('the newest stream counts', () => leader.push.tally.reports('shop')[0]?.ackedVersion === versionOf(1))
  before.close()
  expect(uidsAt(leader)).toEqual(['a'])
})

test('a new leader gets the whole report of a replica that believes nothing changed', async () => {
  const lease = new Lease()
  const { rig: first } = await replicaRig('one', lease, { count: 3 })
  const { rig: second } = await replicaRig('two', lease, { count: 3 })
  const { rig: third } = await replicaRig('three', lease, { count: 3 })
  lease.give('one', first)
  for (const rig of [first, second, third]) rig.push.publish(publication)
  bare(third, { token: 'shop.a.proxy' }).hello(versionOf(1))
  await waitUntil('the first leader knows', () => uidsAt(first).join() === 'a')
  lease.give('two', second)
  await waitUntil('the second leader knows', () => uidsAt(second).length > 0)
  expect(uidsAt(second)).toEqual(['a'])
})

test('a leader whose replicas are silent judges after 10 s, and is asked to look at every namespace then', async () => {
  const clock = new ManualClock()
  const lease = new Lease()
  const { rig, changed } = await replicaRig('one', lease, { clock })
  rig.push.publish(publicationOf([{ table: makeTable(1) }], 'shop'))
  rig.push.publish(publicationOf([{ table: makeTable(1) }], 'bank'))
  clock.advance(60_000)
  expect(rig.push.tally.isComplete()).toBe(false)
  lease.give('one', rig)
  expect(rig.push.tally.isComplete()).toBe(false)
  clock.advance(NEW_LEADER_MS - 1)
  expect(rig.push.tally.isComplete()).toBe(false)
  expect(changed).toEqual([])
  clock.advance(1_001)
  expect(rig.push.tally.isComplete()).toBe(true)
  expect(changed.toSorted()).toEqual(['bank', 'shop'])
  lease.holder = null
  expect(rig.push.tally.isComplete()).toBe(false)
})

test('one process alone is complete at once', async () => {
  const rig = await rigged()
  expect(rig.push.tally.isComplete()).toBe(true)
})

test('the reports of a replica that fell silent are dropped at the limit', async () => {
  const clock = new ManualClock()
  const lease = new Lease()
  const { rig: leader, changed } = await replicaRig('one', lease, { clock })
  lease.give('one', leader)
  leader.push.publish(publication)
  const report = { podUid: 'b', podName: 'pod-b', group: 'g', ackedVersion: null, rejected: null, calls: 0 }
  const follower = bare(leader, { token: 'replica.two.x', path: '/v1/reports' })
  const body = { type: 'reports', sequence: 1, reports: [{ namespace: 'shop', ageMs: 0, report }] }
  follower.stream.end(JSON.stringify(body))
  expect(await follower.status).toBe(200)
  expect(uidsAt(leader)).toEqual(['b'])
  clock.advance(SILENT_REPLICA_MS - 1)
  expect(uidsAt(leader)).toEqual(['b'])
  changed.length = 0
  clock.advance(1_001)
  expect(uidsAt(leader)).toEqual([])
  expect(changed).toEqual(['shop'])
})

test.each([
  { what: 'a body that is not JSON', body: '{', status: 400 },
  { what: 'a report of another shape', body: '{"type":"reports"}', status: 400 },
  { what: 'a sign of life of a replica never heard before', body: '{"type":"unchanged","sequence":4}', status: 409 },
])('$what is answered with $status', async ({ body, status }) => {
  const rig = await rigged()
  const replica = bare(rig, { token: 'replica.two.x', path: '/v1/reports' })
  replica.stream.end(body)
  expect(await replica.status).toBe(status)
})
