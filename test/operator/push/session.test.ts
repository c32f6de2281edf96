// The limits of one stream, with a clock that the test moves and real sockets.
import { expect, test } from 'vitest'
import { HEARTBEAT_MS, MAX_PROXY_LINE_BYTES } from '../../../proxy/table/messages.ts'
import { DRAIN_LIMIT_MS } from '../../../operator/push/message-writer.ts'
import { ACK_LIMIT_MS, HELLO_LIMIT_MS, KEYS_WAIT_MS, LIFETIME_MS, MAX_FAULTS } from '../../../operator/push/session.ts'
import { LINGER_MS } from '../../../operator/push/sessions.ts'
import { waitUntil } from '../../support/kubernetes/wait-until.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { BareProxy, MemorySecrets, keyReference, makeTable, publicationOf, versionOf } from '../../support/push-rig.ts'
import type { Rig } from '../../support/push-rig.ts'
import { useRigs } from '../../support/use-rigs.ts'

const { rigged, bare } = useRigs()

const ends = (rig: Rig, reason: string) => () =>
  rig.metric('modelroute_operator_push_stream_ends_total', { reason }).then((count) => count === 1)

test('a stream without a hello is cut at the limit and not before', async () => {
  const clock = new ManualClock()
  const rig = await rigged({ clock })
  const proxy = bare(rig)
  await waitUntil('the stream is open', () => rig.push.proxies().length === 1)
  clock.advance(HELLO_LIMIT_MS - 1)
  expect(rig.push.proxies()).toHaveLength(1)
  clock.advance(1)
  await proxy.ended
  expect(await ends(rig, 'no_hello')()).toBe(true)
})

test('a snapshot that is never answered costs the stream', async () => {
  const clock = new ManualClock()
  const rig = await rigged({ clock })
  rig.push.publish(publicationOf([{ table: makeTable(1) }]))
  const proxy = bare(rig).hello()
  await waitUntil('the snapshot', () => proxy.snapshots()[0])
  clock.advance(ACK_LIMIT_MS - 1)
  expect(rig.push.proxies()).toHaveLength(1)
  clock.advance(1)
  await proxy.ended
  expect(await ends(rig, 'no_ack')()).toBe(true)
})

test('a reader that does not drain is cut while the others go on', async () => {
  const clock = new ManualClock()
  const rig = await rigged({ clock })
  const targets = Object.fromEntries(
    Array.from({ length: 4_000 }, (_, index) => [
      `target-${index}`,
      { provider: 'shop/openai', dialect: 'OpenAI' as const, url: `https://${'a'.repeat(200)}.example.com/v1` },
    ]),
  )
  const table = { ...makeTable(1), targets }
  rig.push.publish(publicationOf([{ podUids: ['slow', 'quick'], table }]))
  const slow = new BareProxy(rig, { token: 'shop.slow.proxy' }).hello()
  const quick = bare(rig, { token: 'shop.quick.proxy' }).hello()
  const { nonce, version } = await waitUntil('the quick one has it all', () => quick.snapshots()[0])
  quick.say({ type: 'ack', version, nonce })
  await waitUntil('both are known', () => rig.push.tally.reports('shop').length === 2)
  await waitUntil('the quick one is current', () =>
    rig.push.tally.reports('shop').some(({ ackedVersion }) => ackedVersion === versionOf(1)),
  )
  clock.advance(DRAIN_LIMIT_MS)
  await waitUntil('the slow one is cut', ends(rig, 'slow_reader'))
  expect(rig.push.proxies().map(({ identity }) => identity.podUid)).toEqual(['quick'])
  slow.close()
})

test('heartbeats come while nothing else does', async () => {
  const clock = new ManualClock()
  const rig = await rigged({ clock })
  const proxy = bare(rig).hello()
  await waitUntil('the hello was taken', () => proxy.messages.some(({ type }) => type === 'trust'))
  clock.advance(2 * HEARTBEAT_MS)
  await waitUntil('two heartbeats', () => proxy.messages.length === 3)
  expect(proxy.messages.map(({ type }) => type)).toEqual(['trust', 'heartbeat', 'heartbeat'])
})

test.each([
  { random: 0, share: 0.8 },
  { random: 0.5, share: 1 },
  { random: 0.999_999, share: 1.2 },
])('a stream lives $share of 30 minutes when the die shows $random', async ({ random, share }) => {
  const clock = new ManualClock()
  const rig = await rigged({ clock, random: () => random })
  const proxy = bare(rig).hello()
  await waitUntil('the hello was taken', () => proxy.messages.some(({ type }) => type === 'trust'))
  clock.advance(Math.floor(LIFETIME_MS * share) - 10)
  expect(rig.push.proxies()).toHaveLength(1)
  clock.advance(20)
  await proxy.ended
  expect(await ends(rig, 'lifetime')()).toBe(true)
})

test('a proxy that ends its half ends the stream', async () => {
  const rig = await rigged()
  const proxy = bare(rig).hello()
  await waitUntil('the hello was taken', () => proxy.messages.length > 0)
  proxy.stream.end()
  await new Promise((resolve) => proxy.stream.once('close', resolve))
  expect(rig.push.proxies()).toEqual([])
  expect(await ends(rig, 'closed')()).toBe(true)
})

test('a line that never ends costs the stream', async () => {
  const rig = await rigged()
  const proxy = bare(rig).hello()
  proxy.stream.write(Buffer.alloc(MAX_PROXY_LINE_BYTES + 1, 'x'))
  await proxy.ended
  expect(await ends(rig, 'line_too_long')()).toBe(true)
})

test('messages that a newer proxy might send are passed over, up to a bound', async () => {
  const rig = await rigged()
  const proxy = bare(rig).hello()
  for (let count = 0; count < MAX_FAULTS; count++) proxy.say({ type: 'from-the-future' })
  proxy.say({ type: 'seen', calls: 3, recent: [] })
  await waitUntil('the message after them counts', () => rig.push.proxies()[0]?.calls === 3)
  proxy.say({ type: 'from-the-future' })
  await proxy.ended
  expect(await ends(rig, 'too_many_faults')()).toBe(true)
})

test('a proxy that says it runs the current version is not sent it and counts as current', async () => {
  const rig = await rigged()
  rig.push.publish(publicationOf([{ table: makeTable(1) }]))
  const proxy = bare(rig).hello(versionOf(1))
  await waitUntil('it is current', () => rig.push.tally.reports('shop')[0]?.ackedVersion === versionOf(1))
  rig.push.publish(publicationOf([{ table: makeTable(2) }]))
  await waitUntil('the next one comes', () => proxy.snapshots().length === 1)
  expect(proxy.snapshots()[0]?.version).toBe(versionOf(2))
})

test('a snapshot waits for keys that were never answered, but not for ever', async () => {
  class SilentSecrets extends MemorySecrets {
    override read(): Promise<never> {
      return new Promise(() => {})
    }
  }
  const clock = new ManualClock()
  const rig = await rigged({ clock, secrets: new SilentSecrets() })
  rig.push.publish(publicationOf([{ table: makeTable(1, ['openai']), keys: [keyReference('openai')] }]))
  const proxy = bare(rig).hello()
  await waitUntil('the hello was taken', () => proxy.messages.some(({ type }) => type === 'trust'))
  clock.advance(KEYS_WAIT_MS - 1)
  expect(await rig.metric('modelroute_operator_pushes_total', { result: 'sent' })).toBe(0)
  clock.advance(1)
  await waitUntil('the snapshot goes without keys', () => proxy.snapshots().length === 1)
  expect(proxy.keyMessages()).toEqual([])
})

test('the report of a proxy outlives its stream for a moment, so that a reconnect does not flicker', async () => {
  const clock = new ManualClock()
  const rig = await rigged({ clock })
  rig.push.publish(publicationOf([{ table: makeTable(1) }]))
  const proxy = bare(rig).hello(versionOf(1))
  await waitUntil('it is current', () => rig.push.tally.reports('shop')[0]?.ackedVersion === versionOf(1))
  proxy.close()
  await waitUntil('the stream is gone', () => rig.push.proxies().length === 0)
  clock.advance(LINGER_MS - 1)
  expect(rig.push.tally.reports('shop')).toHaveLength(1)
  clock.advance(1)
  expect(rig.push.tally.reports('shop')).toEqual([])
})
