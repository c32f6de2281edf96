// A provider's 401 makes the operator read the key's Secret again at once: over a real stream, with the Secrets in
// memory, whose list of what was asked shows the body being read. The interval alone asks for versions only.
import { expect, test } from 'vitest'
import type { RecentCall } from '../../../proxy/table/messages.ts'
import { SECRET_INTERVAL_MS } from '../../../operator/push/secret-watch.ts'
import { waitUntil } from '../../support/kubernetes/wait-until.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { type BareProxy, keyReference, makeTable, publicationOf, type Rig, versionOf } from '../../support/push-rig.ts'
import { useRigs } from '../../support/use-rigs.ts'

const { rigged, bare } = useRigs()

/** The clock stands still, so nothing is read because of the interval. */
async function refusing() {
  const clock = new ManualClock()
  const rig = await rigged({ clock })
  rig.secrets.put('shop/openai', { 'api-key': 'sk-old' })
  rig.secrets.put('shop/other', { 'api-key': 'sk-other' })
  const keys = [keyReference('openai'), keyReference('other')]
  rig.push.publish(publicationOf([{ podUids: ['a', 'b'], table: makeTable(1, ['openai', 'other']), keys }]))
  return { rig, clock }
}

async function connected(rig: Rig, podUid: string): Promise<BareProxy> {
  const proxy = bare(rig, { token: `shop.${podUid}.proxy` }).hello(versionOf(1))
  await waitUntil('its keys', () => proxy.keyMessages().length === 1)
  return proxy
}

function call(id: string, rest: Partial<RecentCall> = {}): RecentCall {
  const names = { route: 'shop/chat/all', target: 'target-openai', model: 'auto', keyRefusedBy: ['target-openai'] }
  return { id, atMs: 1, ...names, status: 401, attempts: 1, durationMs: 5, error: null, ...rest }
}

const say = (proxy: BareProxy, ...recent: RecentCall[]) => proxy.say({ type: 'seen', calls: 1, recent })
const bodiesOf = (rig: Rig, name: string) =>
  rig.secrets.asked.filter((asked) => asked.kind === 'body' && asked.name === name).length
/** Lines of one stream are handled in order, so what came before this one has been. */
const handled = (rig: Rig, id: string) =>
  waitUntil(`call ${id} is known`, () => rig.push.proxies().some(({ recent }) => recent.some((one) => one.id === id)))

test('a refused key is read again at once, and its new value is at the proxy', async () => {
  const { rig } = await refusing()
  const proxy = await connected(rig, 'a')
  rig.secrets.put('shop/openai', { 'api-key': 'sk-new' })
  say(proxy, call('one'))
  await waitUntil('the new key', () =>
    proxy
      .keyMessages()
      .at(-1)
      ?.entries.some(({ value }) => value === 'sk-new'),
  )
  expect([bodiesOf(rig, 'shop/openai'), bodiesOf(rig, 'shop/other')]).toEqual([2, 1])
  expect(rig.logger.lines.join('\n')).toContain('a provider refused a key: its Secret is read again')
})

test('a key that was refused is read again although another target answered the call', async () => {
  const { rig } = await refusing()
  const proxy = await connected(rig, 'a')
  say(proxy, call('one', { status: 200, target: 'target-other', keyRefusedBy: ['target-openai'] }))
  await waitUntil('the read', () => bodiesOf(rig, 'shop/openai') === 2)
  expect(bodiesOf(rig, 'shop/other')).toBe(1)
})

test.each([
  ["a 401 of the proxy's own or of a key that the application brought", call('one', { keyRefusedBy: [] })],
  ['a target that nobody knows', call('one', { keyRefusedBy: ['target-unknown'] })],
])('%s is no reason to read a Secret', async (_what, recent) => {
  const { rig } = await refusing()
  say(await connected(rig, 'a'), recent)
  await handled(rig, 'one')
  expect([bodiesOf(rig, 'shop/openai'), bodiesOf(rig, 'shop/other')]).toEqual([1, 1])
})

test('a call that is reported again, and a fleet that is refused, cost one read an interval', async () => {
  const { rig, clock } = await refusing()
  const [first, second] = [await connected(rig, 'a'), await connected(rig, 'b')]
  say(first, call('one'))
  await waitUntil('the read', () => bodiesOf(rig, 'shop/openai') === 2)
  say(first, call('two', { status: 200, keyRefusedBy: [] }), call('one'))
  await handled(rig, 'two')
  clock.advance(SECRET_INTERVAL_MS)
  expect(bodiesOf(rig, 'shop/openai')).toBe(2)

  say(first, call('three'))
  await waitUntil('the next read', () => bodiesOf(rig, 'shop/openai') === 3)
  for (let number = 0; number < 20; number++) say(second, call(`b-${number}`))
  await handled(rig, 'b-19')
  expect(bodiesOf(rig, 'shop/openai')).toBe(3)
  clock.advance(SECRET_INTERVAL_MS)
  await waitUntil('one read for all of them', () => bodiesOf(rig, 'shop/openai') === 4)
})
