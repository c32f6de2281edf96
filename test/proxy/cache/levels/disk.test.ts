// The level on disk: the suite of all levels, and what survives a restart.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { DiskLevel, type DiskLevelDeps } from '../../../../proxy/cache/levels/disk.ts'
import { systemTimers } from '../../../../proxy/upstream/timers.ts'
import { entryAt, keyOf, observe, testCacheStore } from '../../../suites/cache-store.ts'

const MEBIBYTE = 1024 * 1024
const folder = mkdtempSync(join(tmpdir(), 'cache-disk-'))
const threadUrl = new URL('../../../../proxy/cache/levels/disk-thread.ts', import.meta.url)
let files = 0

afterAll(() => rmSync(folder, { recursive: true }))

function newPath(): string {
  files += 1
  return join(folder, `${files}`, 'cache.sqlite')
}

function create(path: string, deps: Partial<DiskLevelDeps> = {}): DiskLevel {
  const level = new DiskLevel(
    { path, maxBytes: 8 * MEBIBYTE },
    {
      now: () => Date.now(),
      elapsedMs: () => performance.now(),
      // The suite's machine may be slow; what a late answer leads to has a test of its own.
      timers: { start: (delayMs, run) => systemTimers.start(delayMs * 100, run) },
      observer: observe(),
      logger: { info: () => {}, warn: () => {} },
      threadUrl,
      ...deps,
    },
  )
  level.start()
  return level
}

testCacheStore({
  name: 'disk',
  open: async (time, observer) => {
    const level = create(newPath(), { now: () => time.wallMs, observer })
    await level.flush()
    return level
  },
  reach: null,
  tooLargeBytes: MEBIBYTE,
})

test('entries survive a restart', async () => {
  const path = newPath()
  const first = create(path)
  for (let index = 0; index < 100; index += 1) first.set(keyOf(index), entryAt(Date.now(), `value ${index}`))
  await first.close()
  const second = create(path)
  await second.flush()
  expect((await second.get(keyOf(42)))?.value.toString()).toBe('value 42')
  expect(await second.statistics()).toMatchObject([{ state: 'ready', entries: 100 }])
  await second.close()
})
