// Operator and proxy through their real sockets: tables, keys and answers as the fleet sees them.
import { readFileSync, statSync } from 'node:fs'
import { expect, test } from 'vitest'
import { waitUntil } from '../../support/kubernetes/wait-until.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { keyReference, makeTable, publicationOf, readMetric, startRig, versionOf } from '../../support/push-rig.ts'
import type { TestProxy } from '../../support/push-rig.ts'
import { useRigs } from '../../support/use-rigs.ts'

const { rigged, proxied, bare } = useRigs()

const runs = (proxy: TestProxy, version: number) => () => proxy.holder.current()?.version === versionOf(version)

test('a published table is in force at the proxy, acknowledged and counted', async () => {
  const rig = await rigged()
  rig.push.publish(publicationOf([{ table: makeTable(1) }]))
  const proxy = await proxied(rig)
  await waitUntil('the table is in force', runs(proxy, 1))
  const reports = await waitUntil('the ack is reported', () => {
    const all = rig.push.tally.reports('shop')
    return all[0]?.ackedVersion === versionOf(1) && all
  })
  expect(reports).toEqual([
    { podUid: 'a', podName: 'pod-a', group: 'group-0', ackedVersion: versionOf(1), rejected: null, calls: 0 },
  ])
  expect(await rig.metric('modelroute_operator_pushes_total', { result: 'acked' })).toBe(1)
  expect(await rig.metric('modelroute_operator_push_streams')).toBe(1)
})

test('a pod whose group is published later gets its table then', async () => {
  const rig = await rigged()
  const proxy = await proxied(rig)
  await waitUntil('the stream is open', () => rig.push.proxies().length === 1)
  expect(rig.push.tally.reports('shop')).toEqual([])
  rig.push.publish(publicationOf([{ table: makeTable(7) }]))
  await waitUntil('the table is in force', runs(proxy, 7))
})

test('a change reaches a running proxy, and an equal version is not sent again', async () => {
  const rig = await rigged()
  rig.push.publish(publicationOf([{ table: makeTable(1) }]))
  const proxy = await proxied(rig)
  await waitUntil('the first is in force', runs(proxy, 1))
  rig.push.publish(publicationOf([{ table: makeTable(1) }]))
  rig.push.publish(publicationOf([{ table: makeTable(2) }]))
  await waitUntil('the second is in force', runs(proxy, 2))
  expect(proxy.swaps).toEqual([versionOf(1), versionOf(2)])
  await waitUntil(
    'both are acked',
    async () => (await rig.metric('modelroute_operator_pushes_total', { result: 'acked' })) === 2,
  )
  expect(await rig.metric('modelroute_operator_pushes_total', { result: 'sent' })).toBe(2)
})

test('tables published while one is in flight merge to the latest', async () => {
  const rig = await rigged()
  rig.push.publish(publicationOf([{ table: makeTable(1) }]))
  const proxy = bare(rig).hello()
  const first = await waitUntil('the first snapshot', () => proxy.snapshots()[0])
  for (const version of [2, 3, 4]) rig.push.publish(publicationOf([{ table: makeTable(version) }]))
  proxy.say({ type: 'ack', version: first.version, nonce: first.nonce })
  await waitUntil('the second snapshot', () => proxy.snapshots()[1])
  expect(proxy.snapshots().map(({ version }) => version)).toEqual([versionOf(1), versionOf(4)])
})

test('an answer with a stale nonce is dropped and the snapshot in flight stays so', async () => {
  const rig = await rigged()
  rig.push.publish(publicationOf([{ table: makeTable(1) }]))
  const proxy = bare(rig).hello()
  const { nonce, version } = await waitUntil('the snapshot', () => proxy.snapshots()[0])
  proxy.say({ type: 'ack', version, nonce: 'of-another-time' })
  proxy.say({ type: 'nack', version, nonce: 'of-another-time', faults: [] })
  await waitUntil(
    'both are counted',
    async () => (await rig.metric('modelroute_operator_pushes_total', { result: 'stale' })) === 2,
  )
  expect(rig.push.tally.reports('shop')[0]).toMatchObject({ ackedVersion: null, rejected: null })
  proxy.say({ type: 'ack', version, nonce })
  await waitUntil('the ack counts', () => rig.push.tally.reports('shop')[0]?.ackedVersion === version)
})

test('a nack is reported with its first reason, and the same version is not sent again on that stream', async () => {
  const rig = await rigged()
  rig.push.publish(publicationOf([{ table: makeTable(1) }]))
  const proxy = bare(rig).hello()
  const { nonce, version } = await waitUntil('the snapshot', () => proxy.snapshots()[0])
  proxy.say({ type: 'nack', version, nonce, faults: [{ path: 'routes.0', message: 'unknown field "redact"' }] })
  const rejected = await waitUntil('the nack is reported', () => rig.push.tally.reports('shop')[0]?.rejected ?? false)
  expect(rejected).toEqual({ version, reason: 'routes.0: unknown field "redact"' })
  rig.push.publish(publicationOf([{ table: makeTable(1) }]))
  rig.push.publish(publicationOf([{ table: makeTable(2) }]))
  await waitUntil('the next version comes', () => proxy.snapshots()[1])
  expect(proxy.snapshots().map((snapshot) => snapshot.version)).toEqual([versionOf(1), versionOf(2)])
})

test('a proxy of another schema is not sent what it must refuse, and the report says what to do', async () => {
  const rig = await rigged()
  rig.push.publish(publicationOf([{ table: makeTable(1) }]))
  const proxy = bare(rig).hello(null, 99)
  const rejected = await waitUntil('the report', () => rig.push.tally.reports('shop')[0]?.rejected ?? false)
  expect(rejected.reason).toBe('the proxy reads tables of schema 99, not 1: restart the pod to renew its sidecar')
  expect(proxy.snapshots()).toEqual([])
})

test('a published table that no proxy could read is not sent and counts as rejected', async () => {
  const rig = await rigged()
  rig.push.publish(publicationOf([{ table: makeTable(1) }]))
  const proxy = await proxied(rig)
  await waitUntil('the good one is in force', runs(proxy, 1))
  rig.push.publish(publicationOf([{ table: { ...makeTable(2), passthrough: 'nowhere' } }]))
  const rejected = await waitUntil('the report', () => rig.push.tally.reports('shop')[0]?.rejected ?? false)
  expect(rejected.reason).toContain('target "nowhere" is not in the table')
  expect(proxy.holder.current()?.version).toBe(versionOf(1))
  rig.push.publish(publicationOf([{ table: makeTable(1) }]))
  await waitUntil('taking the change back heals', () => rig.push.tally.reports('shop')[0]?.rejected === null)
})

test('keys reach the proxy before the table that names them', async () => {
  const rig = await rigged()
  rig.secrets.put('shop/openai', { 'api-key': 'sk-one\n' })
  rig.push.publish(publicationOf([{ table: makeTable(1, ['openai']), keys: [keyReference('openai')] }]))
  const proxy = bare(rig).hello()
  await waitUntil('the snapshot', () => proxy.snapshots()[0])
  expect(proxy.messages.map(({ type }) => type)).toEqual(['trust', 'keys', 'snapshot'])
  expect(proxy.keyMessages()[0]?.entries).toEqual([{ id: 'openai', value: 'sk-one' }])
})

test('a key that only the old table needs leaves after the new one is acknowledged', async () => {
  const rig = await rigged()
  rig.secrets.put('shop/old', { 'api-key': 'sk-old' })
  rig.secrets.put('shop/new', { 'api-key': 'sk-new' })
  const keys = [keyReference('old'), keyReference('new')]
  const publish = (table: number, used: string) =>
    rig.push.publish({
      ...publicationOf([{ table: makeTable(table, [used]), keys: keys.filter(({ id }) => id === used) }]),
      keys,
    })
  publish(1, 'old')
  const proxy = bare(rig).hello()
  const first = await waitUntil('the first snapshot', () => proxy.snapshots()[0])
  proxy.say({ type: 'ack', version: first.version, nonce: first.nonce })
  publish(2, 'new')
  const second = await waitUntil('the second snapshot', () => proxy.snapshots()[1])
  expect(
    proxy
      .keyMessages()
      .at(-1)
      ?.entries.map(({ id }) => id),
  ).toEqual(['old', 'new'])
  proxy.say({ type: 'ack', version: second.version, nonce: second.nonce })
  await waitUntil('the old key leaves', () => proxy.keyMessages().at(-1)?.entries.length === 1)
  expect(
    proxy
      .keyMessages()
      .at(-1)
      ?.entries.map(({ id }) => id),
  ).toEqual(['new'])
})

test('keys never reach a proxy of another namespace or of another group', async () => {
  const rig = await rigged()
  rig.secrets.put('shop/openai', { 'api-key': 'sk-shop' })
  rig.secrets.put('bank/openai', { 'api-key': 'sk-bank' })
  rig.push.publish(
    publicationOf([
      { podUids: ['a'], table: makeTable(1, ['openai']), keys: [keyReference('openai')] },
      { podUids: ['b'], table: makeTable(2) },
    ]),
  )
  // A publication of another namespace that names this namespace's pod and Secret gives neither away.
  rig.push.publish(
    publicationOf([{ podUids: ['c', 'a'], table: makeTable(3), keys: [keyReference('openai')] }], 'bank'),
  )
  const [first, second, third] = [
    bare(rig).hello(),
    bare(rig, { token: 'shop.b.proxy' }).hello(),
    bare(rig, { token: 'bank.c.proxy' }).hello(),
  ]
  await waitUntil('all have a table', () => [first, second, third].every((proxy) => proxy.snapshots().length === 1))
  expect(first?.snapshots()[0]?.version).toBe(versionOf(1))
  expect(first?.body).toContain('sk-shop')
  for (const proxy of [second, third]) expect(proxy?.body).not.toContain('sk-')
  expect(rig.secrets.asked.filter(({ name }) => name.startsWith('bank/'))).toEqual([])
})

test('a rotated key reaches the proxy, a revoked one is erased from its state file, and no log shows either', async () => {
  const rig = await rigged()
  rig.secrets.put('shop/openai', { 'api-key': 'sk-first' })
  rig.push.publish(publicationOf([{ table: makeTable(1, ['openai']), keys: [keyReference('openai')] }]))
  const proxy = await proxied(rig)
  const holds = (value: string | undefined) => () => proxy.keys.find('openai')?.reveal() === value
  const file = () => readFileSync(proxy.stateFile, 'utf8')
  await waitUntil('the first key', holds('sk-first'))
  await waitUntil(
    'the first key is saved with the table',
    () => file().includes('sk-first') && file().includes(versionOf(1)),
  )
  expect(statSync(proxy.stateFile).mode & 0o777).toBe(0o600)
  rig.secrets.put('shop/openai', { 'api-key': 'sk-second' })
  rig.push.refreshKeys('shop')
  await waitUntil('the second key', holds('sk-second'))
  await waitUntil('only the second is saved', () => file().includes('sk-second') && !file().includes('sk-first'))
  rig.secrets.remove('shop/openai')
  rig.push.refreshKeys('shop')
  await waitUntil('no key', holds(undefined))
  await waitUntil('no key is saved', () => !file().includes('sk-'))
  expect([...rig.logger.lines, ...proxy.logger.lines].join('\n')).not.toContain('sk-')
})

test('calls are reported while they come, with the newest ones, bounded to what a message may carry', async () => {
  const rig = await rigged()
  rig.push.publish(publicationOf([{ table: makeTable(1) }]))
  const proxy = await proxied(rig)
  await waitUntil('the table is in force', runs(proxy, 1))
  const call = { atMs: 1, route: 'shop/chat/all', target: 't', status: 200, attempts: 1, durationMs: 5, error: null }
  proxy.calls.redaction = { masked: { Email: 4 }, restored: 3, damaged: 0, passed: 0 }
  proxy.calls.recent = Array.from({ length: 30 }, (_, index) => ({
    ...call,
    id: `call-${index}`,
    model: 'm'.repeat(999),
  }))
  proxy.calls.count = 30
  const [seen] = await waitUntil('the calls are seen', () => rig.push.proxies()[0]?.calls === 30 && rig.push.proxies())
  expect(seen?.recent).toHaveLength(20)
  expect(seen?.redaction?.masked).toEqual({ Email: 4 })
  expect(seen?.recent[0]).toMatchObject({ id: 'call-0', model: 'm'.repeat(256) })
  expect(rig.push.tally.reports('shop')[0]?.calls).toBe(30)
})

test('the first call is news for status, further calls are not', async () => {
  const clock = new ManualClock()
  const changed: string[] = []
  const rig = await rigged({ clock, onReports: (namespace) => changed.push(namespace) })
  rig.push.publish(publicationOf([{ table: makeTable(1) }]))
  const proxy = bare(rig).hello(versionOf(1))
  const seen = async (calls: number) => {
    proxy.say({ type: 'seen', calls, recent: [] })
    await waitUntil('the calls are counted', () => rig.push.proxies()[0]?.calls === calls)
    clock.advance(1_000)
    return changed.splice(0).length
  }
  await waitUntil('it is current', () => rig.push.tally.reports('shop')[0]?.ackedVersion === versionOf(1))
  clock.advance(2_000)
  changed.length = 0
  expect([await seen(1), await seen(2), await seen(99)]).toEqual([1, 0, 0])
})

test('the newest stream of a pod is the one that counts', async () => {
  const rig = await rigged()
  rig.push.publish(publicationOf([{ table: makeTable(1) }]))
  const first = bare(rig).hello()
  await waitUntil('the first has its table', () => first.snapshots()[0])
  const second = bare(rig).hello()
  await waitUntil('the second has its table', () => second.snapshots()[0])
  await first.ended
  expect(rig.push.proxies()).toHaveLength(1)
  expect(await rig.metric('modelroute_operator_push_stream_ends_total', { reason: 'replaced' })).toBe(1)
})

test('a proxy is current within 5 s after the operator came back on the same port', async () => {
  const rig = await startRig()
  rig.push.publish(publicationOf([{ table: makeTable(1) }]))
  const proxy = await proxied(rig)
  await waitUntil('the first table', runs(proxy, 1))
  await rig.push.stop()
  await waitUntil(
    'the proxy has noticed',
    async () => (await readMetric(proxy.registry, 'modelroute_proxy_operator_connected')) === 0,
  )
  expect(proxy.holder.current()?.version).toBe(versionOf(1))
  const returned = await rigged({ port: rig.port })
  returned.push.publish(publicationOf([{ table: makeTable(2) }]))
  await waitUntil('the second table', runs(proxy, 2), { timeoutMs: 5_000 })
})

test('a proxy that starts while the operator is away works from its state file and is current once it is back', async () => {
  const rig = await startRig()
  rig.secrets.put('shop/openai', { 'api-key': 'sk-kept' })
  rig.push.publish(publicationOf([{ table: makeTable(1, ['openai']), keys: [keyReference('openai')] }]))
  const before = await proxied(rig)
  await waitUntil('the state is saved', () => readFileSync(before.stateFile, 'utf8').includes('sk-kept'))
  await before.stop()
  await rig.push.stop()
  const after = await proxied(rig, { folder: before.folder })
  expect(after.holder.current()?.version).toBe(versionOf(1))
  expect(after.keys.find('openai')?.reveal()).toBe('sk-kept')
  const returned = await rigged({ port: rig.port })
  returned.push.publish(publicationOf([{ table: makeTable(2) }]))
  await waitUntil('the second table', runs(after, 2), { timeoutMs: 5_000 })
})
