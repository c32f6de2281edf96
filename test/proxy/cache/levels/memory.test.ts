// The level in memory: the suite of all levels, its budget, and who makes room first.
import { expect, test } from 'vitest'
import { ENTRY_OVERHEAD_BYTES, MemoryLevel } from '../../../../proxy/cache/levels/memory.ts'
import { entryAt, keyOf, observe, START_MS, testCacheStore } from '../../../suites/cache-store.ts'

const MEBIBYTE = 1024 * 1024

testCacheStore({
  name: 'memory',
  open: async (time, observer) => new MemoryLevel(4 * MEBIBYTE, { now: () => time.wallMs, observer }),
  reach: null,
  tooLargeBytes: MEBIBYTE,
})

function create(maxBytes: number) {
  const observer = observe()
  return { observer, level: new MemoryLevel(maxBytes, { now: () => START_MS, observer }) }
}

test('a hit needs no promise', () => {
  const { level } = create(MEBIBYTE)
  level.set(keyOf('a'), entryAt(START_MS, 'a'))
  expect(level.get(keyOf('a'))).not.toBeInstanceOf(Promise)
  expect(level.get(keyOf('a'))?.level).toBe('memory')
})

test('the entries that were unused for longest go first, and are counted', () => {
  const { level, observer } = create(8 * (ENTRY_OVERHEAD_BYTES + 1))
  const names = Array.from({ length: 9 }, (_unused, index) => String(index + 1))
  for (const name of names.slice(0, 8)) level.set(keyOf(name), entryAt(START_MS, name))
  level.get(keyOf('1'))
  level.set(keyOf('9'), entryAt(START_MS, '9'))
  expect(names.filter((name) => level.get(keyOf(name)) !== null).join('')).toBe('13456789')
  expect(observer.evictions.count).toBe(1)
})

test('distinct keys without end never take more than the budget', async () => {
  const { level } = create(MEBIBYTE)
  const { facts, value } = entryAt(START_MS, 'a')
  for (let index = 0; index < 20_000; index += 1) level.set(String(index), { facts, value })
  const [statistics] = await level.statistics()
  expect(statistics?.entries).toBe(Math.floor(MEBIBYTE / (ENTRY_OVERHEAD_BYTES + 1)))
})

test('a small slice does not keep the large buffer that it was cut from', () => {
  const { level } = create(MEBIBYTE)
  const value = Buffer.alloc(500_000).subarray(10, 20)
  level.set(keyOf('a'), { ...entryAt(START_MS, ''), value })
  expect(level.get(keyOf('a'))?.value.buffer.byteLength).toBe(10)
})
