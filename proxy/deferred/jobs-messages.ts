// What the proxy and the thread of the deferred calls say to each other: the name of a step and what it needs, and what
// came of it. Types only.
import type { MessagePort } from 'node:worker_threads'
import type { JobsFile } from './jobs-file.ts'

/** Each takes at most one value; what it gives comes back as a promise. */
export type Step = Exclude<keyof JobsFile, 'close'>

export type Given<Name extends Step> = Parameters<JobsFile[Name]>[0]
export type Result<Name extends Step> = ReturnType<JobsFile[Name]>

export interface JobsThreadData {
  readonly path: string
  readonly port: MessagePort
}

export interface StepRequest {
  readonly id: number
  readonly step: Step
  readonly given: unknown
}

export type StepReply =
  | { readonly kind: 'done'; readonly id: number; readonly result: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly reason: string }
  /** A file that could not be used. */
  | { readonly kind: 'putAside'; readonly path: string }
