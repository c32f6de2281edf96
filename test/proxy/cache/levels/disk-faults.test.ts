// A disk that fails in every way: no call fails because of it, none waits for it, and it is used again when it is well.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test } from 'vitest'
import { DiskFile } from '../../../../proxy/cache/levels/disk-file.ts'
import { DiskLevel } from '../../../../proxy/cache/levels/disk.ts'
import { systemTimers } from '../../../../proxy/upstream/timers.ts'
import { faultyThreadUrl } from '../../../support/faulty-disk-thread.ts'
import { entryAt, keyOf, observe } from '../../../suites/cache-store.ts'

const MEBIBYTE = 1024 * 1024
const folder = mkdtempSync(join(tmpdir(), 'cache-faults-'))
const opened: DiskLevel[] = []
let files = 0

afterAll(() => rmSync(folder, { recursive: true }))
afterEach(async () => {
  await Promise.all(opened.splice(0).map((level) => level.close()))
})

interface Subject {
  readonly path?: string
  readonly isPatient?: boolean
}

async function create({ path, isPatient = true }: Subject = {}) {
  files += 1
  const control = join(folder, `${files}.fault`)
  const threadUrl = faultyThreadUrl(control)
  const observer = observe()
  const warnings: unknown[] = []
  const time = { elapsedMs: 0 }
  const fault = (name: string) => writeFileSync(control, name)
  fault('')
  const level = new DiskLevel(
    { path: path ?? join(folder, `${files}`, 'cache.sqlite'), maxBytes: 8 * MEBIBYTE },
    {
      now: () => Date.now(),
      elapsedMs: () => time.elapsedMs,
      timers: isPatient ? { start: (delayMs, run) => systemTimers.start(delayMs * 100, run) } : systemTimers,
      observer,
      logger: { info: () => {}, warn: (fields) => void warnings.push(fields) },
      threadUrl,
    },
  )
  opened.push(level)
  level.start()
  await level.flush()
  const pass = (elapsedMs: number) => void (time.elapsedMs += elapsedMs)
  const rest = () => pass(60_000)
  const find = async (name: string) => (await level.get(keyOf(name)))?.value.toString() ?? null
  const put = async (name: string) => {
    level.set(keyOf(name), entryAt(Date.now(), name))
    await level.flush()
  }
  return { level, observer, warnings, fault, pass, rest, find, put }
}

test.each(['full', 'read-only', 'device'])('a disk that is %s costs its entries, not a call', async (name) => {
  const { observer, fault, rest, find, put } = await create()
  await put('before')
  fault(name)
  await put('during')
  await put('during again')
  expect(observer.skips).toContain('failed')
  fault('')
  rest()
  await find('nothing')
  await put('after')
  expect([await find('before'), await find('during'), await find('after')]).toEqual(['before', null, 'after'])
})

test('what could not be replaced on a full disk is not found in its old form', async () => {
  const { level, fault, find, put } = await create()
  await put('a')
  fault('full')
  level.set(keyOf('a'), entryAt(Date.now(), 'newer'))
  await level.flush()
  fault('')
  expect(await find('a')).toBeNull()
  await put('b')
  await level.flush()
  expect([await find('a'), await find('b')]).toEqual([null, 'b'])
})

test('a disk that is slow is waited for five times, then left alone, then tried again', async () => {
  const { level, observer, warnings, fault, pass, rest, find, put } = await create({ isPatient: false })
  await put('a')
  fault('slow')
  for (let times = 0; times < 5; times += 1) {
    pass(25)
    expect(await find('a')).toBeNull()
  }
  expect(observer.skips).toEqual(Array.from({ length: 5 }, () => 'deadline'))
  expect(level.get(keyOf('a'))).toBeNull()
  expect(observer.skips.at(-1)).toBe('open')
  expect(warnings).toMatchObject([{ reason: 'it was too slow' }])
  fault('')
  rest()
  await level.statistics()
  await expect.poll(() => find('a'), { interval: 5 }).toBe('a')
})

test('a thread that dies is started again', async () => {
  const { level, fault, rest, find, put } = await create()
  await put('a')
  fault('die')
  expect(await find('a')).toBeNull()
  await expect.poll(() => level.get(keyOf('a')), { interval: 5 }).toBeNull()
  fault('')
  rest()
  expect(await find('a')).toBeNull()
  await level.flush()
  rest()
  expect(await find('a')).toBe('a')
})

test('a file that another process holds is left to it, and used when it is free', async () => {
  const path = join(folder, 'held.sqlite')
  const holder = new DiskFile({ path, maxBytes: MEBIBYTE }, { now: Date.now, onDropped() {}, onEvicted() {} })
  holder.open()
  const { level, observer, warnings, rest, find, put } = await create({ path })
  expect(await find('a')).toBeNull()
  expect(observer.skips).toContain('open')
  expect(warnings).toMatchObject([{ reason: 'database is locked' }])
  expect(await level.statistics()).toMatchObject([{ state: 'failing', entries: null }])
  holder.close()
  rest()
  expect(await find('a')).toBeNull()
  await put('a')
  expect(await find('a')).toBe('a')
})

test('a folder that cannot be written is a cache that is off', async () => {
  const { level, find, put } = await create({ path: '/proc/modelroute/cache.sqlite' })
  await put('a')
  expect(await find('b')).toBeNull()
  expect(await level.statistics()).toMatchObject([{ state: 'failing' }])
})

test('a purge that could not be made says so', async () => {
  const { level, fault, put } = await create()
  await put('a')
  fault('device')
  expect(await level.purge({})).toBeNull()
  fault('')
  expect(await level.purge({})).toBe(1)
})

test('a hundred thousand writes at once take no more memory than the queue has', async () => {
  const { level, observer } = await create()
  const value = Buffer.alloc(1000, 'x')
  for (let index = 0; index < 100_000; index += 1)
    level.set(String(index).padStart(43, 'k'), { ...entryAt(0, ''), value })
  expect(observer.skips.filter((reason) => reason === 'busy').length).toBeGreaterThan(98_000)
})
