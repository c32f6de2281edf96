// The shared level against a real server: the suite, and values that someone else has put there.
import { createClient } from '@redis/client'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { sealedName, sealKeysOf } from '../../../../proxy/cache/levels/seal.ts'
import { createSharedLocks } from '../../../../proxy/cache/levels/shared-locks.ts'
import { SharedLevels } from '../../../../proxy/cache/levels/shared-levels.ts'
import type { CacheStore } from '../../../../proxy/cache/store.ts'
import { systemTimers } from '../../../../proxy/upstream/timers.ts'
import { hasRedis, startRedis, type RedisServer } from '../../../support/redis-server.ts'
import { keyRing, sharedLevel, type SharedSubject } from '../../../support/shared-level-rig.ts'
import { entryAt, keyOf, observe, testCacheStore } from '../../../suites/cache-store.ts'

const MEBIBYTE = 1024 * 1024
const opened: Pick<CacheStore, 'close'>[] = []
let redis: RedisServer
let namespaces = 0

async function create(subject: Partial<SharedSubject> = {}) {
  const rig = sharedLevel({ port: redis.port, ...subject })
  opened.push(rig.level)
  await rig.level.flush()
  return rig
}

/** The server's own client, for what is done by hand. */
async function byHand() {
  const client = createClient({ socket: { host: '127.0.0.1', port: redis.port } })
  await client.connect()
  opened.push({ close: () => client.close() })
  const send = (...command: (string | Buffer)[]) => client.sendCommand(command)
  const read = async (name: string) => Buffer.from((await send('EVAL', HEX, '1', name)) as unknown as string, 'hex')
  return { send, read }
}
const HEX = `return (string.gsub(redis.call('GET', KEYS[1]), '.', function(c) return string.format('%02x', string.byte(c)) end))`

const keys = sealKeysOf(Buffer.alloc(32, 1))
const nameOf = (key: string) => `modelroute:1:shop:${sealedName(keys, keyOf(key))}`

describe.skipIf(!hasRedis)('on a real server', () => {
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((store) => store.close()))
  })
  afterAll(() => redis.stop())

  testCacheStore({
    name: 'shared',
    open: async (time, observer) => {
      namespaces += 1
      const deps = { now: () => time.wallMs, observer, prefix: `modelroute:1:suite-${namespaces}:` }
      const { level } = await create({ deps })
      return level
    },
    reach: 'default',
    tooLargeBytes: MEBIBYTE + 1,
  })

  test('what one pod has set, another pod of the namespace finds, and no other namespace', async () => {
    const [one, other] = [await create(), await create()]
    const foreign = await create({ deps: { keys: keyRing(2) } })
    one.level.set(keyOf('a'), entryAt(Date.now(), 'a'))
    await one.level.flush()
    expect((await other.level.get(keyOf('a')))?.value.toString()).toBe('a')
    expect(await foreign.level.get(keyOf('a'))).toBeNull()
  })

  test('neither the name nor the bytes on the server tell anything of key or value', async () => {
    const { level } = await create()
    const { read } = await byHand()
    level.set(keyOf('told'), entryAt(Date.now(), 'a secret answer', { route: 'shop/secret-route' }))
    await level.flush()
    const stored = await read(nameOf('told'))
    expect(stored.subarray(0, 3).toString()).toBe('MRC')
    expect(stored.toString('latin1')).not.toMatch(/secret|shop/)
    expect(nameOf('told')).not.toContain(keyOf('told'))
  })

  test.each<readonly [string, (stored: Buffer) => Buffer | string, string]>([
    ['text by hand', () => 'hello', 'foreign'],
    ['an empty value', () => '', 'foreign'],
    [
      'a later version of the seal',
      (stored) => Buffer.concat([Buffer.from('MRC\u0002'), stored.subarray(4)]),
      'schema',
    ],
    ['a value cut off in its middle', (stored) => stored.subarray(0, stored.length / 2), 'corrupt'],
    ['a value cut off in its front', (stored) => stored.subarray(0, 10), 'corrupt'],
    ['a value with one byte more', (stored) => Buffer.concat([stored, Buffer.of(0)]), 'corrupt'],
  ])('%s is dropped, counted, and gone', async (_name, change, reason) => {
    const { level, observer } = await create()
    const { send, read } = await byHand()
    level.set(keyOf('p'), entryAt(Date.now(), 'right'))
    await level.flush()
    await send('SET', nameOf('p'), change(await read(nameOf('p'))))
    expect(await level.get(keyOf('p'))).toBeNull()
    expect(observer.drops).toEqual([reason])
    await level.flush()
    expect(await send('EXISTS', nameOf('p'))).toBe(0)
  })

  test('a value that changed in any one bit is never served', async () => {
    const { level, observer } = await create()
    const { send, read } = await byHand()
    level.set(keyOf('bit'), entryAt(Date.now(), 'right'))
    await level.flush()
    const stored = await read(nameOf('bit'))
    const flip = async (bit: number) => {
      const changed = Buffer.from(stored)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      await send('SET', nameOf('bit'), changed)
      expect(await level.get(keyOf('bit'))).toBeNull()
      await level.flush()
    }
    await fc.assert(fc.asyncProperty(fc.nat({ max: stored.length * 8 - 1 }), flip), { numRuns: 60 })
    expect(observer.drops.length).toBeGreaterThanOrEqual(60)
  })

  test('two values that were swapped are both dropped', async () => {
    const { level, observer } = await create()
    const { send, read } = await byHand()
    level.set(keyOf('x'), entryAt(Date.now(), 'for x'))
    level.set(keyOf('y'), entryAt(Date.now(), 'for y'))
    await level.flush()
    const [x, y] = [await read(nameOf('x')), await read(nameOf('y'))]
    await send('SET', nameOf('x'), y)
    await send('SET', nameOf('y'), x)
    expect([await level.get(keyOf('x')), await level.get(keyOf('y'))]).toEqual([null, null])
    expect(observer.drops).toEqual(['corrupt', 'corrupt'])
  })

  test('a value of another kind at the place of an entry is a miss, and goes', async () => {
    const { level } = await create()
    const { send } = await byHand()
    await send('RPUSH', nameOf('list'), 'a', 'b')
    expect(await level.get(keyOf('list'))).toBeNull()
    await level.flush()
    expect(await send('EXISTS', nameOf('list'))).toBe(0)
  })

  test('entries end on the server when their time is over', async () => {
    const { level } = await create()
    const { send } = await byHand()
    level.set(keyOf('ttl'), entryAt(Date.now(), 'a'))
    await level.flush()
    const leftMs = Number(await send('PTTL', nameOf('ttl')))
    expect(leftMs).toBeGreaterThan(110_000)
    expect(leftMs).toBeLessThanOrEqual(120_000)
  })

  test('without the key of its namespace nothing is stored and nothing is looked for', async () => {
    const { level } = await create({ deps: { keys: { find: () => undefined } } })
    level.set(keyOf('nokey'), entryAt(Date.now(), 'a'))
    await level.flush()
    const other = await create({ deps: { keys: { find: () => undefined } } })
    expect(await other.level.get(keyOf('nokey'))).toBeNull()
  })

  test('a lock has one holder, who alone can renew it and give it back', async () => {
    const levels = new SharedLevels({
      rows: () => rows,
      namespace: 'shop',
      keys: keyRing(1),
      now: () => Date.now(),
      elapsedMs: () => performance.now(),
      timers: { start: (delayMs, run) => systemTimers.start(delayMs * 50, run) },
      observer: observe(),
      logger: { info: () => {}, warn: () => {} },
    })
    const rows = { default: { url: `redis://127.0.0.1:${redis.port}` } }
    opened.push(levels)
    await levels.find('default')?.connection.connect()
    const locks = createSharedLocks(levels)
    const { send } = await byHand()
    const mine = { shared: 'default', key: 'k', token: 'mine' }
    const theirs = { ...mine, token: 'theirs' }
    expect([await locks.take(mine, 5000), await locks.take(theirs, 5000)]).toEqual(['taken', 'held'])
    await locks.renew(theirs, 900_000)
    await locks.release(theirs)
    expect(Number(await send('PTTL', 'modelroute:1:shop:lock:k'))).toBeLessThanOrEqual(5000)
    await locks.renew(mine, 900_000)
    expect(Number(await send('PTTL', 'modelroute:1:shop:lock:k'))).toBeGreaterThan(800_000)
    await locks.release(mine)
    expect(await locks.take(theirs, 5000)).toBe('taken')
    expect(await locks.take({ ...mine, shared: 'elsewhere' }, 5000)).toBe('unavailable')
  })
})
