// Levels as one store: the suite of all levels, who is asked first, and what goes from one to another.
import { expect, test } from 'vitest'
import { MemoryLevel } from '../../../../proxy/cache/levels/memory.ts'
import { Tiers } from '../../../../proxy/cache/levels/tiers.ts'
import { entryAt, keyOf, observe, START_MS, testCacheStore } from '../../../suites/cache-store.ts'

const MEBIBYTE = 1024 * 1024

/** Three levels in memory: what is said of tiers holds whatever their levels are. */
function create(time = { wallMs: START_MS }, observer = observe()) {
  const deps = { now: () => time.wallMs, observer }
  const [near, far, shared] = [1, 2, 3].map((times) => new MemoryLevel(times * MEBIBYTE, deps))
  if (near === undefined || far === undefined || shared === undefined) throw new Error('three levels were made')
  const tiers = new Tiers([near, far], {
    now: deps.now,
    sharedLevel: (name) => (name === 'redis' ? shared : null),
    sharedLevels: () => [shared],
    closeShared: () => shared.close(),
  })
  return { near, far, shared, tiers, time }
}

testCacheStore({
  name: 'tiers',
  open: async (time, observer) => create(time, { ...observe(), ...observer }).tiers,
  reach: 'redis',
  tooLargeBytes: MEBIBYTE,
})

test('a hit in the nearest level needs no promise, whatever lies behind it', () => {
  const { tiers } = create()
  tiers.set(keyOf('a'), entryAt(START_MS, 'a'), 'redis')
  expect(tiers.get(keyOf('a'), 'redis')).not.toBeInstanceOf(Promise)
})

test('an entry that may not leave the pod is not shared, and one of a cache that is not configured is kept here', () => {
  const { tiers, shared, near } = create()
  tiers.set(keyOf('own'), entryAt(START_MS, 'own'), null)
  tiers.set(keyOf('elsewhere'), entryAt(START_MS, 'elsewhere'), 'unknown')
  expect([shared.get(keyOf('own')), shared.get(keyOf('elsewhere'))]).toEqual([null, null])
  expect(near.get(keyOf('elsewhere'))?.value.toString()).toBe('elsewhere')
})

test('what another pod shared is not found by a call that may not share', async () => {
  const { tiers, shared } = create()
  shared.set(keyOf('a'), entryAt(START_MS, 'a'))
  expect(await tiers.get(keyOf('a'), null)).toBeNull()
  expect((await tiers.get(keyOf('a'), 'redis'))?.value.toString()).toBe('a')
})

test('a hit further off is put into the nearer levels', async () => {
  const { tiers, near, far, shared } = create()
  shared.set(keyOf('a'), entryAt(START_MS, 'a'))
  await tiers.get(keyOf('a'), 'redis')
  expect([near, far].map((level) => level.get(keyOf('a'))?.value.toString())).toEqual(['a', 'a'])
})

test('an old entry here gives way to a newer one from another pod', async () => {
  const { tiers, shared, near, time } = create()
  tiers.set(keyOf('a'), entryAt(START_MS, 'old'), 'redis')
  time.wallMs = START_MS + 90_000
  shared.set(keyOf('a'), entryAt(time.wallMs, 'new'))
  expect((await tiers.get(keyOf('a'), 'redis'))?.value.toString()).toBe('new')
  expect(near.get(keyOf('a'))?.value.toString()).toBe('new')
})

test('an old entry is found while there is none that is newer', async () => {
  const { tiers, time } = create()
  tiers.set(keyOf('a'), entryAt(START_MS, 'old'), 'redis')
  time.wallMs = START_MS + 90_000
  expect((await tiers.get(keyOf('a'), 'redis'))?.value.toString()).toBe('old')
})

test('what was read before a purge is not put back after it', async () => {
  const { tiers, shared, near } = create()
  shared.set(keyOf('a'), entryAt(START_MS, 'a'))
  const reading = tiers.get(keyOf('a'), 'redis')
  await tiers.purge({})
  await reading
  expect(near.get(keyOf('a'))).toBeNull()
})
