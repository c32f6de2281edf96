// The queue's promises: once per key, never twice at a time, later and later after failures, bounded throughout.
import { beforeEach, describe, expect, test } from 'vitest'
import { DEFAULT_CONCURRENCY, KeyedQueue, MAX_RETRY_MS } from '../../../operator/kube/queue.ts'
import { waitUntil } from '../../support/kubernetes/wait-until.ts'
import { ManualClock } from '../../support/manual-clock.ts'

interface Job {
  readonly key: string
  readonly end: (againAfterMs?: number) => void
  readonly fail: () => void
}

let clock: ManualClock
let jobs: Job[]
let retries: number[]
let queue: KeyedQueue

beforeEach(() => {
  clock = new ManualClock()
  jobs = []
  retries = []
  queue = new KeyedQueue({
    clock,
    random: () => 1,
    work: (key) => {
      const { promise, resolve, reject } = Promise.withResolvers<number | null>()
      jobs.push({ key, end: (after) => resolve(after ?? null), fail: () => reject(new Error('no')) })
      return promise
    },
    onFailure: (_, { retryAfterMs }) => retries.push(retryAfterMs),
  })
})

const started = (count: number) => waitUntil(`${count} jobs have started`, () => jobs.length === count)
const keys = () => jobs.map((job) => job.key)
const idle = () => waitUntil('nothing waits or runs', () => queue.size === 0)

describe('keys', () => {
  test('are collected before the start and worked once each after it', async () => {
    for (const key of ['a', 'b', 'a', 'a']) queue.add(key)
    expect(jobs).toEqual([])
    queue.start()
    await started(2)
    expect(keys()).toEqual(['a', 'b'])
  })

  test('run at most as many at once as allowed, in the order in which they came', async () => {
    queue.start()
    for (let index = 0; index < 10; index += 1) queue.add(`key-${index}`)
    expect(jobs).toHaveLength(DEFAULT_CONCURRENCY)
    jobs[0]?.end()
    await started(DEFAULT_CONCURRENCY + 1)
    expect(keys().at(-1)).toBe('key-4')
  })

  test('that are added while they run run once more afterwards, however often, and never beside themselves', async () => {
    queue.start()
    queue.add('a')
    queue.add('a')
    queue.add('a')
    expect(jobs).toHaveLength(1)
    jobs[0]?.end()
    await started(2)
    jobs[1]?.end()
    await idle()
    expect(jobs).toHaveLength(2)
  })
})

describe('time', () => {
  test('a key comes back after the delay its work asked for', async () => {
    queue.start()
    queue.add('a')
    jobs[0]?.end(5_000)
    await idle()
    clock.advance(4_999)
    expect(jobs).toHaveLength(1)
    clock.advance(1)
    expect(jobs).toHaveLength(2)
  })

  test('of two delays the earlier counts, and only that one', async () => {
    queue.start()
    queue.addAfter('a', 5_000)
    queue.addAfter('a', 1_000)
    queue.addAfter('a', 9_000)
    clock.advance(1_000)
    expect(jobs).toHaveLength(1)
    jobs[0]?.end()
    await idle()
    clock.advance(60_000)
    expect(jobs).toHaveLength(1)
  })

  test('a key that fails comes back after 0.1 s, doubled each time, a minute at most, and afresh after a success', async () => {
    queue.start()
    queue.add('a')
    for (let count = 1; count <= 13; count += 1) {
      jobs.at(-1)?.fail()
      await waitUntil('it was noted', () => retries.length === count && queue.size === 0)
      clock.advance(retries.at(-1) ?? 0)
      await started(count + 1)
    }
    expect(retries.slice(0, 4)).toEqual([100, 200, 400, 800])
    expect(retries.slice(-2)).toEqual([MAX_RETRY_MS, MAX_RETRY_MS])
    jobs.at(-1)?.end()
    await idle()
    queue.add('a')
    jobs.at(-1)?.fail()
    await waitUntil('it was noted', () => retries.length === 14)
    expect(retries.at(-1)).toBe(100)
  })

  test('a failing key does not hold back the others', async () => {
    queue.start()
    queue.add('bad')
    jobs[0]?.fail()
    await waitUntil('it failed', () => retries.length === 1)
    queue.add('good')
    expect(keys()).toEqual(['bad', 'good'])
  })
})

test('stop waits for what runs and starts nothing more', async () => {
  queue.start()
  queue.add('a')
  queue.addAfter('b', 10)
  let isStopped = false
  const stopping = queue.stop().then(() => (isStopped = true))
  queue.add('a')
  await Promise.resolve()
  expect(isStopped).toBe(false)
  jobs[0]?.end(1)
  await stopping
  clock.advance(60_000)
  expect(jobs).toHaveLength(1)
  expect(clock.waiting).toBe(0)
})
