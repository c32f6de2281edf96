// What every level of the cache must do, and all of them together: one suite, run on each by the tests of
// proxy/cache/levels. A level may forget; it must never return what was not set under that key.
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import type {
  CacheEntry,
  CacheKey,
  CacheStore,
  DropReason,
  EntryFacts,
  LevelObserver,
  SkipReason,
} from '../../proxy/cache/store.ts'

export const START_MS = Date.UTC(2030, 0, 1)
const MINUTE_MS = 60_000

export interface Observed extends LevelObserver {
  readonly drops: DropReason[]
  readonly skips: SkipReason[]
  readonly evictions: { count: number }
}

/** Wall time that a test moves; it starts where the shared cache's own clock is, which nobody can move. */
export interface TestTime {
  wallMs: number
}

export interface CacheStoreSubject {
  readonly name: string
  /** Opened anew for each test, empty; closed by the suite. */
  readonly open: (time: TestTime, observer: LevelObserver) => Promise<CacheStore>
  readonly reach: string | null
  /** A value that is too large for every level; null: the suite's entries all fit. */
  readonly tooLargeBytes: number
}

export function observe(): Observed {
  const drops: DropReason[] = []
  const skips: SkipReason[] = []
  const evictions = { count: 0 }
  return {
    drops,
    skips,
    evictions,
    looked: () => {},
    dropped: (_level, reason) => void drops.push(reason),
    evicted: (_level, count) => void (evictions.count += count),
    skipped: (_level, reason) => void skips.push(reason),
  }
}

export function keyOf(name: string | number): CacheKey {
  return createHash('sha256').update(String(name)).digest('base64url')
}

export function entryAt(storedAtMs: number, value: Buffer | string, facts: Partial<EntryFacts> = {}): CacheEntry {
  const times = { storedAtMs, freshUntilMs: storedAtMs + MINUTE_MS, staleUntilMs: storedAtMs + 2 * MINUTE_MS }
  return { facts: { ...times, route: 'shop/chat/0', scope: 'pod', ...facts }, value: Buffer.from(value) }
}

export function testCacheStore({ name, open, reach, tooLargeBytes }: CacheStoreSubject): void {
  describe(`a cache of ${name}`, () => {
    const opened: CacheStore[] = []
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((store) => store.close()))
    })
    const begin = async () => {
      const time: TestTime = { wallMs: Date.now() }
      const observer = observe()
      const store = await open(time, observer)
      opened.push(store)
      const put = async (key: CacheKey, entry: CacheEntry) => {
        store.set(key, entry, reach)
        await store.flush()
      }
      const valueOf = async (key: CacheKey) => (await store.get(key, reach))?.value.toString('latin1') ?? null
      return { time, observer, store, put, valueOf }
    }

    test('finds what was set, byte for byte, with its facts', async () => {
      const { time, store, put } = await begin()
      const everyByte = Buffer.from(Array.from({ length: 1024 }, (_unused, index) => index % 256))
      const entry = entryAt(time.wallMs, everyByte, { route: 'shop/ünïcode', scope: 'namespace' })
      await put(keyOf('a'), entry)
      const found = await store.get(keyOf('a'), reach)
      expect(found?.value.equals(everyByte)).toBe(true)
      expect(found?.facts).toEqual(entry.facts)
      expect(await store.get(keyOf('b'), reach)).toBeNull()
    })

    test.each([
      ['an empty value', Buffer.alloc(0)],
      ['a long value that compresses well', Buffer.alloc(200_000, 'data: {"choices":[]}\n\n')],
      ['a long value that does not compress', Buffer.from(noise(100_000))],
      [
        'a slice of a larger buffer',
        Buffer.from(`${'x'.repeat(5000)}the slice${'y'.repeat(5000)}`).subarray(5000, 5009),
      ],
    ])('keeps %s', async (_name, value) => {
      const { time, store, put } = await begin()
      await put(keyOf('a'), { ...entryAt(time.wallMs, ''), value })
      expect((await store.get(keyOf('a'), reach))?.value.equals(value)).toBe(true)
    })

    test('returns the newest of two entries, and nothing after a deletion', async () => {
      const { time, store, put, valueOf } = await begin()
      await put(keyOf('a'), entryAt(time.wallMs, 'old'))
      await put(keyOf('a'), entryAt(time.wallMs, 'new'))
      expect(await valueOf(keyOf('a'))).toBe('new')
      store.delete(keyOf('a'), reach)
      await store.flush()
      expect(await valueOf(keyOf('a'))).toBeNull()
    })

    test('returns an old entry until its last moment and never after it', async () => {
      const { time, put, valueOf } = await begin()
      const storedAtMs = time.wallMs
      await put(keyOf('a'), entryAt(storedAtMs, 'a'))
      time.wallMs = storedAtMs + 2 * MINUTE_MS - 1
      expect(await valueOf(keyOf('a'))).toBe('a')
      time.wallMs = storedAtMs + 2 * MINUTE_MS
      expect(await valueOf(keyOf('a'))).toBeNull()
    })

    test('drops an entry from the future when the clock was set back, but not for the skew of two clocks', async () => {
      const { time, put, valueOf, observer } = await begin()
      const storedAtMs = time.wallMs
      await put(keyOf('near'), entryAt(storedAtMs, 'near', { staleUntilMs: storedAtMs + 60 * MINUTE_MS }))
      await put(keyOf('far'), entryAt(storedAtMs, 'far', { staleUntilMs: storedAtMs + 60 * MINUTE_MS }))
      time.wallMs = storedAtMs - 59_000
      expect(await valueOf(keyOf('near'))).toBe('near')
      time.wallMs = storedAtMs - 24 * 60 * MINUTE_MS
      expect(await valueOf(keyOf('far'))).toBeNull()
      expect(observer.drops).toContain('future')
      time.wallMs = storedAtMs + 24 * 60 * MINUTE_MS
      expect(await valueOf(keyOf('near'))).toBeNull()
    })

    test('leaves out what is too large, and the entry that it would have replaced, and keeps the others', async () => {
      const { time, store, put, valueOf, observer } = await begin()
      await put(keyOf('small'), entryAt(time.wallMs, 'small'))
      await put(keyOf('large'), entryAt(time.wallMs, 'was small'))
      await put(keyOf('large'), entryAt(time.wallMs, Buffer.from(noise(tooLargeBytes))))
      expect(await store.get(keyOf('large'), reach)).toBeNull()
      expect(observer.skips).toContain('tooLarge')
      expect(await valueOf(keyOf('small'))).toBe('small')
    })

    test('purges by key, by rule, by scope, by age, by all of them at once, and everything', async () => {
      const { time, store, put, valueOf } = await begin()
      const nowMs = time.wallMs
      const left = async () => {
        const names = ['a', 'b', 'c', 'd', 'e']
        const values = await Promise.all(names.map((each) => valueOf(keyOf(each))))
        return values.filter((value) => value !== null).join('')
      }
      await put(keyOf('a'), entryAt(nowMs, 'a', { route: 'one' }))
      await put(keyOf('b'), entryAt(nowMs, 'b', { route: 'one', scope: 'namespace' }))
      await put(keyOf('c'), entryAt(nowMs - 30_000, 'c', { route: 'two' }))
      await put(keyOf('d'), entryAt(nowMs, 'd', { route: 'two', scope: 'workload' }))
      await put(keyOf('e'), entryAt(nowMs, 'e', { route: 'two' }))
      expect(await left()).toBe('abcde')
      expect(await store.purge({ route: 'one', scope: 'workload' })).toBe(0)
      expect(await store.purge({ route: 'one', scope: 'namespace' })).toBeGreaterThan(0)
      expect(await left()).toBe('acde')
      await store.purge({ key: keyOf('e') })
      await store.purge({ storedBeforeMs: nowMs - 10_000 })
      expect(await left()).toBe('ad')
      await store.purge({ scope: 'workload' })
      expect(await left()).toBe('a')
      await store.purge({})
      expect(await left()).toBe('')
    })

    test('purges what is still on its way to where it belongs', async () => {
      const { time, store, valueOf } = await begin()
      store.set(keyOf('a'), entryAt(time.wallMs, 'a'), reach)
      await store.purge({})
      await store.flush()
      expect(await valueOf(keyOf('a'))).toBeNull()
    })

    test('keeps within its budget under many keys, and returns for each its own value or nothing', async () => {
      const { time, store, valueOf } = await begin()
      const value = (index: number) => `${index} `.repeat(300)
      for (let index = 0; index < 1500; index += 1) {
        store.set(keyOf(index), entryAt(time.wallMs, value(index)), reach)
        if (index % 250 === 0) await store.flush()
      }
      await store.flush()
      const statistics = await store.statistics()
      expect(statistics.filter(({ bytes, maxBytes }) => (bytes ?? 0) > (maxBytes ?? Infinity))).toEqual([])
      const found = []
      for (let index = 0; index < 1500; index += 7) {
        const text = await valueOf(keyOf(index))
        if (text !== null) found.push(text === value(index))
      }
      expect(new Set(found)).toEqual(new Set([true]))
    })

    test('answers many at once', async () => {
      const { time, store, put } = await begin()
      for (let index = 0; index < 50; index += 1) store.set(keyOf(index), entryAt(time.wallMs, `v${index}`), reach)
      await put(keyOf('last'), entryAt(time.wallMs, 'last'))
      const found = await Promise.all(
        Array.from({ length: 100 }, async (_unused, index) => store.get(keyOf(index), reach)),
      )
      const wrong = found.filter((entry, index) => entry !== null && entry.value.toString() !== `v${index}`)
      expect(wrong).toEqual([])
      expect(found.slice(50).every((entry) => entry === null)).toBe(true)
      expect(found.slice(0, 50).filter((entry) => entry !== null).length).toBeGreaterThan(25)
    })

    test('agrees with a plain map over any order of operations, or has forgotten', async () => {
      const { time, store, put, valueOf } = await begin()
      const operation = fc.record({
        does: fc.constantFrom('set', 'set', 'get', 'get', 'delete', 'purge'),
        key: fc.integer({ min: 0, max: 4 }),
        text: fc.string({ maxLength: 20 }),
      })
      const run = async (operations: readonly { does: string; key: number; text: string }[]) => {
        const model = new Map<number, string>()
        await store.purge({})
        for (const { does, key, text } of operations) {
          const latin = Buffer.from(text).toString('latin1')
          if (does === 'set') await put(keyOf(key), entryAt(time.wallMs, text, { route: `r${key}` }))
          if (does === 'set') model.set(key, latin)
          if (does === 'delete') store.delete(keyOf(key), reach)
          if (does === 'purge') await store.purge({ route: `r${key}` })
          if (does === 'delete' || does === 'purge') model.delete(key)
          await store.flush()
          expect(await valueOf(keyOf(key))).toBe(model.get(key) ?? null)
        }
      }
      await fc.assert(fc.asyncProperty(fc.array(operation, { maxLength: 12 }), run), { numRuns: 12 })
    })

    test('is a miss after it was closed, and says nothing', async () => {
      const { time, store, put, valueOf } = await begin()
      await put(keyOf('a'), entryAt(time.wallMs, 'a'))
      await store.close()
      store.set(keyOf('b'), entryAt(time.wallMs, 'b'), reach)
      store.delete(keyOf('a'), reach)
      await store.flush()
      expect([await valueOf(keyOf('a')), await valueOf(keyOf('b'))]).toEqual([null, null])
    })
  })
}

/** The same each time, and without anything that repeats. */
function noise(sizeBytes: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(sizeBytes / 32) }, (_unused, index) =>
    createHash('sha256').update(`noise ${index}`).digest(),
  )
  return Buffer.concat(blocks).subarray(0, sizeBytes)
}
