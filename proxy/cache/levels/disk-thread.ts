// Entry of the disk level's thread: requests in, answers out, in their order; only a purge goes on step by step between
// others. SQLite's API is synchronous, so it must not run where calls are served. The only file here that makes its own
// time: it is a program of its own.
import { workerData, type MessagePort } from 'node:worker_threads'
import { faultText } from './disk-faults.ts'
import { DiskFile } from './disk-file.ts'
import type { DiskAnswer, DiskReply, DiskRequest, DiskThreadData } from './disk-messages.ts'
import { ownBytes } from './own-bytes.ts'
import type { DropReason, PurgeFilter } from '../store.ts'

serveFile(workerData as DiskThreadData)

function serveFile({ port, path, maxBytes }: DiskThreadData): void {
  const noted: { dropped: DropReason[]; evicted: number } = { dropped: [], evicted: 0 }
  const file = new DiskFile(
    { path, maxBytes },
    {
      now: () => Date.now(),
      onDropped: (reason) => void noted.dropped.push(reason),
      onEvicted: (count) => void (noted.evicted += count),
    },
  )
  const reply = (id: number, answer: DiskAnswer) => {
    const message: DiskReply = { ...answer, id, dropped: noted.dropped.splice(0), evicted: noted.evicted }
    noted.evicted = 0
    post(port, message)
  }
  port.on('message', (request: DiskRequest) => {
    if (request.kind === 'purge') purge(file, request.filter, (answer) => reply(request.id, answer))
    else
      reply(
        request.id,
        guarded(() => answerTo(request, file)),
      )
    if (request.kind === 'close') port.close()
  })
  reply(
    0,
    guarded(() => openFile(file)),
  )
}

function openFile(file: DiskFile): DiskAnswer {
  file.open()
  return { kind: 'none' }
}

function answerTo(request: Exclude<DiskRequest, { kind: 'purge' }>, file: DiskFile): DiskAnswer {
  switch (request.kind) {
    case 'read': {
      const entry = file.read(request.key)
      return entry === null ? { kind: 'none' } : { kind: 'entry', ...entry }
    }
    case 'write':
      file.write(request.writes)
      return { kind: 'none' }
    case 'count':
      return { kind: 'counted', ...file.counts() }
    case 'close':
      file.close()
      return { kind: 'none' }
  }
}

/** Bounded by the rows of the file: each step looks at later ones. */
function purge(file: DiskFile, filter: PurgeFilter, reply: (answer: DiskAnswer) => void): void {
  let count = 0
  const step = (afterId: number) => {
    const answer = guarded(() => {
      const { isDone, afterId: next, count: removed } = file.purge(filter, afterId)
      count += removed
      if (isDone) return { kind: 'purged', count }
      setImmediate(step, next)
      return null
    })
    if (answer !== null) reply(answer)
  }
  step(0)
}

function guarded<Answer extends DiskAnswer | null>(answer: () => Answer): Answer | DiskAnswer {
  try {
    return answer()
  } catch (error) {
    return { kind: 'failed', reason: faultText(error) }
  }
}

/** The value moves over and is not copied; alone in its memory, so that nothing else moves with it. */
function post(port: MessagePort, reply: DiskReply): void {
  if (reply.kind !== 'entry') {
    port.postMessage(reply)
    return
  }
  const value = ownBytes(reply.value)
  port.postMessage({ ...reply, value }, [value.buffer])
}
