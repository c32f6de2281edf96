// The file of the deferred calls at its edges: bounds, damage, a process that died, and what is never told twice.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { JobsFile, type JobsBounds } from '../../../proxy/deferred/jobs-file.ts'
import type { NewJob } from '../../../proxy/deferred/job.ts'

const MINUTE_MS = 60_000
const DUE = { nowMs: 10, maxJobs: 100, maxBytes: 1000 }

let folder: string
let aside: string[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'modelroute-jobs-'))
  aside = []
})

afterEach(() => rmSync(folder, { recursive: true }))

const open = (bounds?: JobsBounds) => JobsFile.open(join(folder, 'jobs.sqlite'), (path) => aside.push(path), bounds)

function job(id: string, given: Partial<NewJob> = {}): NewJob {
  const times = { createdAtMs: 0, dueAtMs: 0, expiresAtMs: 10 * MINUTE_MS, keepMs: MINUTE_MS }
  const call = {
    route: 'r',
    sendBy: 'BatchApi',
    grouping: 'g',
    url: '/openai/v1/chat/completions',
    rawHeaders: [],
  } as const
  return { id, ...call, body: Buffer.from(id), idempotencyKey: null, fingerprint: id, ...times, ...given }
}

const ids = (jobs: readonly { readonly id: string }[]) => jobs.map((each) => each.id)

it('takes no more jobs and no more bytes than its bounds', () => {
  const few = open({ maxJobs: 2, maxHeldBytes: 1000 })
  expect(['a', 'b', 'c'].map((id) => few.add(job(id)).kind)).toEqual(['added', 'added', 'full'])
  few.close()
  const small = open({ maxJobs: 100, maxHeldBytes: 10 })
  expect(small.add(job('d', { body: Buffer.alloc(9) })).kind).toBe('full')
  small.close()
})

it('gives jobs of one group together, up to the bytes of a batch, and each of them once', () => {
  const file = open()
  for (const id of ['a', 'b', 'c']) file.add(job(id, { body: Buffer.alloc(400) }))
  file.add(job('other', { grouping: 'h' }))
  file.add(job('late', { dueAtMs: 11, grouping: 'i' }))
  const taken = [1, 2, 3, 4].map(() => ids(file.takeDue(DUE)))
  expect(taken).toEqual([['a', 'b'], ['c'], ['other'], []])
  file.close()
})

it('lets jobs that were being sent when the process died wait again, and keeps those that were sent', () => {
  const file = open()
  file.add(job('a'))
  file.add(job('b', { grouping: 'h' }))
  const [first] = [file.takeDue(DUE), file.takeDue(DUE)]
  file.sent({ ids: ids(first), batch: { remoteId: 'batch_1', grouping: 'g', createdAtMs: 1 }, lookAtMs: 5 })
  file.close()
  const again = open()
  expect([again.status('a')?.state, again.status('b')?.state]).toEqual(['sent', 'waiting'])
  expect(again.batchesToLookAt(5).map(({ remoteId }) => remoteId)).toEqual(['batch_1'])
  again.close()
})

it('keeps the first end of a job, whatever comes after it', () => {
  const file = open()
  file.add(job('a'))
  file.takeDue(DUE)
  file.cancel({ id: 'a', nowMs: 5 })
  file.finish([{ id: 'a', status: 200, contentType: 'x', body: Buffer.from('late'), sentBy: 'call', nowMs: 6 }])
  file.postpone({ ids: ['a'], dueAtMs: 7, isTry: true })
  file.sweep(10 * MINUTE_MS)
  expect([file.status('a')?.state ?? null, file.answer('a')]).toEqual([null, null])
  file.close()
})

it('puts a damaged file aside and begins another', () => {
  open().close()
  const path = join(folder, 'jobs.sqlite')
  writeFileSync(path, Buffer.concat([Buffer.from('not a database, '), readFileSync(path).subarray(16)]))
  const file = open()
  expect([file.add(job('a')).kind, aside]).toEqual(['added', [`${path}.damaged`]])
  file.close()
})

it('knows when there is something to do again, and when there is nothing', () => {
  const file = open()
  expect(file.nextAtMs()).toBeNull()
  file.add(job('a', { dueAtMs: 700 }))
  expect(file.nextAtMs()).toBe(700)
  file.takeDue({ ...DUE, nowMs: 700 })
  expect(file.nextAtMs()).toBe(10 * MINUTE_MS)
  file.finish([{ id: 'a', status: 200, contentType: 'x', body: Buffer.from('answer'), sentBy: 'call', nowMs: 800 }])
  expect([file.nextAtMs(), file.counts()]).toEqual([800 + MINUTE_MS, { done: 1 }])
  file.sweep(800 + MINUTE_MS)
  expect(file.nextAtMs()).toBeNull()
  file.close()
})
