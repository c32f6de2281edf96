// What becomes of the file under the disk level when it is damaged, of another version, or cut off by a crash.
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { DiskFile } from '../../../../proxy/cache/levels/disk-file.ts'
import type { DropReason } from '../../../../proxy/cache/store.ts'
import { entryAt, keyOf, START_MS } from '../../../suites/cache-store.ts'

const MEBIBYTE = 1024 * 1024
const COUNT = 120
const folder = mkdtempSync(join(tmpdir(), 'cache-file-'))
const whole = join(folder, 'whole.sqlite')
let files = 0
afterAll(() => rmSync(folder, { recursive: true }))

function open(path: string, maxBytes = 8 * MEBIBYTE) {
  const drops: DropReason[] = []
  const evictions: number[] = []
  const onDropped = (reason: DropReason) => void drops.push(reason)
  const onEvicted = (count: number) => void evictions.push(count)
  const file = new DiskFile({ path, maxBytes }, { now: () => START_MS, onDropped, onEvicted })
  return { file, drops, evictions }
}

function newPath(): string {
  files += 1
  return join(folder, `${files}.sqlite`)
}

const valueOf = (index: number) => `value ${index} `.repeat(20 + index)
const write = (file: DiskFile, index: number) =>
  file.write([{ key: keyOf(index), entry: entryAt(START_MS, valueOf(index), { staleUntilMs: START_MS + 1e9 }) }])

/** A good file of COUNT entries, made once. */
function bytesOfWhole(): Buffer {
  if (!existsSync(whole)) {
    const { file } = open(whole)
    for (let index = 0; index < COUNT; index += 1) write(file, index)
    file.close()
  }
  return readFileSync(whole)
}

/** How many entries of a file are still there; each of them is the right one, and the file takes new ones. */
function survivors(path: string): { readonly count: number; readonly drops: readonly DropReason[] } {
  const { file, drops } = open(path)
  let count = 0
  for (let index = 0; index < COUNT; index += 1) {
    const text = file.read(keyOf(index))?.value.toString()
    if (text === undefined) continue
    expect(text).toBe(valueOf(index))
    count += 1
  }
  write(file, COUNT)
  expect(file.read(keyOf(COUNT))?.value.toString()).toBe(valueOf(COUNT))
  file.close()
  return { count, drops }
}

function damaged(change: (bytes: Buffer) => Buffer): string {
  const path = newPath()
  writeFileSync(path, change(Buffer.from(bytesOfWhole())))
  return path
}

const overwritten = (start: number, length: number) => (bytes: Buffer) => bytes.fill(0xa5, start, start + length)
const size = () => bytesOfWhole().length

test.each<readonly [string, (bytes: Buffer) => Buffer]>([
  ['its first sixteen bytes', overwritten(0, 16)],
  ['the size of its pages', overwritten(16, 2)],
  ['the rest of its header', overwritten(18, 82)],
  ['the page of its schema', overwritten(100, 3900)],
  ['its second page', overwritten(4096, 4096)],
  ['its third page', overwritten(8192, 4096)],
  ['pages in its middle', (bytes) => overwritten(Math.floor(bytes.length / 8192) * 4096, 4096 * 3)(bytes)],
  ['its last page', (bytes) => overwritten(bytes.length - 4096, 4096)(bytes)],
  ['its second half, which is gone', (bytes) => bytes.subarray(0, Math.floor(bytes.length / 2))],
  ['all but a hundred bytes, which are gone', (bytes) => bytes.subarray(0, 100)],
  ['all of it: another file is there', () => Buffer.from('not a database at all\n'.repeat(1000))],
])('a file that is damaged in %s gives right values or none, and is used on', (_place, change) => {
  const { count, drops } = survivors(damaged(change))
  expect(count).toBeLessThan(COUNT + 1)
  expect(drops.length).toBeGreaterThan(0)
})

test('an empty file is begun anew and is no fault', () => {
  expect(survivors(damaged(() => Buffer.alloc(0)))).toEqual({ count: 0, drops: [] })
})

// survivors() judges.
// oxlint-disable-next-line vitest/expect-expect
test('bytes that change anywhere never make a wrong value', () => {
  const change = fc.record({ at: fc.nat({ max: size() - 64 }), bytes: fc.uint8Array({ minLength: 1, maxLength: 64 }) })
  const run = (changes: readonly { at: number; bytes: Uint8Array }[]) => {
    const path = damaged((bytes) => {
      for (const { at, bytes: written } of changes) bytes.set(written, at)
      return bytes
    })
    survivors(path)
    rmSync(path)
  }
  fc.assert(fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), run), { numRuns: 25 })
})

test('a file that is damaged while it is open is begun anew', () => {
  const path = damaged((bytes) => bytes)
  const { file, drops } = open(path)
  expect(file.read(keyOf(0))).not.toBeNull()
  writeFileSync(path, Buffer.alloc(size(), 0x33))
  for (let index = 0; index < COUNT; index += 1) {
    const text = file.read(keyOf(index))?.value.toString()
    expect([undefined, valueOf(index)]).toContain(text)
  }
  write(file, COUNT)
  expect(file.read(keyOf(COUNT))?.value.toString()).toBe(valueOf(COUNT))
  expect(drops.length).toBeGreaterThan(0)
  file.close()
})

test('what was written before a crash is there after it', () => {
  const path = newPath()
  const { file } = open(path)
  for (let index = 0; index < COUNT; index += 1) write(file, index)
  const after = newPath()
  copyFileSync(path, after)
  copyFileSync(`${path}-wal`, `${after}-wal`)
  file.close()
  expect(survivors(after)).toEqual({ count: COUNT, drops: [] })
})

test('a journal that is cut off by a crash costs its last entries at most', () => {
  const path = newPath()
  const { file } = open(path)
  for (let index = 0; index < COUNT; index += 1) write(file, index)
  const after = newPath()
  copyFileSync(path, after)
  const journal = readFileSync(`${path}-wal`)
  writeFileSync(`${after}-wal`, journal.subarray(0, journal.length - 5000))
  file.close()
  expect(survivors(after).count).toBeGreaterThan(0)
})

test('a file of another version is thrown away and counted', () => {
  const path = damaged((bytes) => bytes)
  const database = new DatabaseSync(path)
  database.exec('PRAGMA user_version=99')
  database.close()
  expect(survivors(path)).toEqual({ count: 0, drops: ['schema'] })
})

test('a database of another program at this place is not taken for ours', () => {
  const path = newPath()
  const database = new DatabaseSync(path)
  database.exec('CREATE TABLE entry (id INTEGER PRIMARY KEY, secret TEXT)')
  database.close()
  expect(survivors(path)).toEqual({ count: 0, drops: ['schema'] })
})

test('a file that is larger than its bound now is begun anew', () => {
  const path = damaged((bytes) => bytes)
  const maxBytes = Math.floor(size() / 2)
  const { file } = open(path, maxBytes)
  expect(file.read(keyOf(3))).toBeNull()
  file.close()
  expect(statSync(path).size).toBeLessThanOrEqual(maxBytes)
})

test('the oldest entries make room, but not those that were read, and the file keeps its bound', () => {
  const maxBytes = 512 * 1024
  const path = newPath()
  const { file, evictions } = open(path, maxBytes)
  const noise = (index: number) => Buffer.from(keyOf(index).repeat(40))
  const put = (index: number) =>
    file.write([{ key: keyOf(index), entry: entryAt(START_MS, noise(index), { staleUntilMs: START_MS + 1e9 }) }])
  for (let index = 0; index < 3000; index += 1) {
    put(index)
    file.read(keyOf(0))
  }
  expect(file.read(keyOf(0))?.value.equals(noise(0))).toBe(true)
  expect(file.read(keyOf(1))).toBeNull()
  expect(file.read(keyOf(2999))).not.toBeNull()
  const { entries, bytes } = file.counts()
  expect(entries + evictions.reduce((sum, count) => sum + count, 0)).toBe(3000)
  expect(bytes).toBeLessThanOrEqual(maxBytes)
  file.close()
  expect(statSync(path).size).toBeLessThanOrEqual(maxBytes)
})
