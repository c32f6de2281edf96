// The entry of the thread that masks bodies; started by masking-thread.ts. The image has it as a bundle of its own.
// What it does is in serve-work.ts; nothing else runs in it.
import { workerData } from 'node:worker_threads'
import { createBodyWork } from './create-body-work.ts'
import type { ThreadData } from './messages.ts'
import { serveWork } from './serve-work.ts'

await serveWork(workerData as ThreadData, createBodyWork)
