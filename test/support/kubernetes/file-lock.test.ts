// Two test runs that build the same binary must not build it at the same time.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { withLock } from './file-lock.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'modelroute-lock-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('lets one work at a time, and leaves no file', async () => {
  let running = 0
  let mostRunning = 0
  const work = async () => {
    mostRunning = Math.max(mostRunning, ++running)
    await new Promise((resolve) => setImmediate(resolve))
    running--
  }
  await Promise.all([1, 2, 3].map(() => withLock(join(folder, 'lock'), work)))
  expect(mostRunning).toBe(1)
  expect(readdirSync(folder)).toEqual([])
})

test('takes over the lock of a process that has died', async () => {
  const dead = spawnSync(process.execPath, ['--version']).pid
  writeFileSync(join(folder, 'lock'), String(dead))
  expect(await withLock(join(folder, 'lock'), async () => 'done')).toBe('done')
})

test('frees the lock when the work fails', async () => {
  const path = join(folder, 'lock')
  await expect(withLock(path, () => Promise.reject(new Error('no compiler')))).rejects.toThrow('no compiler')
  expect(await withLock(path, async () => 'done')).toBe('done')
})
