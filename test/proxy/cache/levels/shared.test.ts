import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RedisConnection } from '../../../../proxy/cache/levels/redis-connection.ts'
import { SharedLevel, type SharedLevelDeps } from '../../../../proxy/cache/levels/shared.ts'
import { parseSharedCache } from '../../../../proxy/cache/levels/shared-settings.ts'
import { KeyRing } from '../../../../proxy/table/key-ring.ts'
import { NAMESPACE_KEY_IDS } from '../../../../proxy/table/messages.ts'
import { systemTimers } from '../../../../proxy/upstream/timers.ts'
import { hasRedis, startRedis, type RedisServer } from '../../../support/redis-server.ts'
import { entryAt, keyOf, observe, testCacheStore } from '../../../suites/cache-store.ts'

const MEBIBYTE = 1024 * 1024
const patient = { start: (delayMs: number, run: () => void) => systemTimers.start(delayMs * 50, run) }
const keys = keyRing(1)
let redis: RedisServer
let namespaces = 0

function keyRing(fill: number): KeyRing {
  const ring = new KeyRing()
  ring.replaceAll([{ id: NAMESPACE_KEY_IDS.current, value: Buffer.alloc(32, fill).toString('base64') }])
  return ring
}

function connect(port: number, deps: Partial<ConstructorParameters<typeof RedisConnection>[1]> = {}): RedisConnection {
  const settings = parseSharedCache('default', { url: `redis://127.0.0.1:${port}` })
  if (settings === null) throw new Error('the URL is one of Redis')
  return new RedisConnection(settings, {
    elapsedMs: () => performance.now(),
    timers: patient,
    logger: { info: () => {}, warn: () => {} },
    password: () => null,
    ...deps,
  })
}

function create(deps: Partial<SharedLevelDeps> = {}): SharedLevel {
  namespaces += 1
  return new SharedLevel({
    connection: connect(redis.port),
    keys,
    prefix: `modelroute:1:shop-${namespaces}:`,
    now: () => Date.now(),
    elapsedMs: () => performance.now(),
    timers: patient,
    observer: observe(),
    maxValueBytes: MEBIBYTE,
    ...deps,
  })
}

describe.skipIf(!hasRedis)('the shared level on a real server', () => {
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.stop())

  testCacheStore({
    name: 'shared',
    open: async (time, observer) => {
      const level = create({ now: () => time.wallMs, observer })
      await level.flush()
      return level
    },
    reach: 'default',
    tooLargeBytes: MEBIBYTE + 1,
  })

  test('what one pod has set, another pod of the namespace finds', async () => {
    const [one, other] = [create({ prefix: 'modelroute:1:same:' }), create({ prefix: 'modelroute:1:same:' })]
    one.set(keyOf('a'), entryAt(Date.now(), 'a'))
    await Promise.all([one.flush(), other.flush()])
    expect((await other.get(keyOf('a')))?.value.toString()).toBe('a')
    await Promise.all([one.close(), other.close()])
  })
})
