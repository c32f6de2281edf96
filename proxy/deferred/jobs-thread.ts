// Entry of the thread that holds the file of the deferred calls: one step after the other, in the order of the
// requests. SQLite's API is synchronous and must not run where calls are served.
import { workerData } from 'node:worker_threads'
import { JobsFile } from './jobs-file.ts'
import type { JobsThreadData, StepReply, StepRequest } from './jobs-messages.ts'

serveJobs(workerData as JobsThreadData)

function serveJobs({ path, port }: JobsThreadData): void {
  const reply = (message: StepReply) => port.postMessage(message)
  let file: JobsFile | null = null
  port.on('message', ({ id, step, given }: StepRequest) => {
    try {
      file ??= JobsFile.open(path, (aside) => reply({ kind: 'putAside', path: aside }))
      reply({ kind: 'done', id, result: (file[step] as (value: unknown) => unknown).call(file, given) })
    } catch (error) {
      reply({ kind: 'failed', id, reason: error instanceof Error ? error.message : String(error) })
    }
  })
  port.on('close', () => file?.close())
}
