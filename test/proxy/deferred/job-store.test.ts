// The thread of the deferred calls when it ends: nobody waits for ever, and another one takes its place after a while.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { JobStore, MAX_STEPS, RESTART_MS } from '../../../proxy/deferred/job-store.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'modelroute-store-'))
})

afterEach(() => rmSync(folder, { recursive: true }))

it('rejects what was asked of a thread that ends, and starts another one later', async () => {
  let nowMs = 0
  const errors: string[] = []
  const ends = new URL('data:text/javascript,process.exit(3)')
  const logger = { error: (_: object, message: string) => errors.push(message), warn() {} }
  const threads = [ends, undefined]
  const store = new JobStore(join(folder, 'jobs.sqlite'), {
    now: () => nowMs,
    logger,
    get threadUrl() {
      return threads.shift()
    },
  })
  await expect(store.do('counts', undefined)).rejects.toThrow('has ended')
  nowMs = RESTART_MS - 1
  await expect(store.do('counts', undefined)).rejects.toThrow('has ended')
  nowMs = RESTART_MS
  expect(await store.do('counts', undefined)).toEqual({})
  expect(errors).toEqual(['the thread of the deferred calls has ended'])
  await store.close()
})

it('takes no more steps than its bound, and tells what is left when it is closed', async () => {
  const store = new JobStore(join(folder, 'jobs.sqlite'), { now: () => 0, logger: { error() {}, warn() {} } })
  const steps = Array.from({ length: MAX_STEPS + 1 }, () => store.do('nextAtMs', undefined))
  await expect(steps.at(-1)).rejects.toThrow('too much')
  const rest = Promise.allSettled(steps.slice(0, -1))
  await store.close()
  expect((await rest).every(({ status }) => status === 'rejected')).toBe(true)
  await expect(store.do('nextAtMs', undefined)).rejects.toThrow('ended')
})
