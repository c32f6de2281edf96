// What the proxy and the thread that masks say to each other: a policy once, then jobs that name it. Each message to
// the thread but a policy has one answer with its id. Types only.
import type { Buffer } from 'node:buffer'
import type { MessagePort } from 'node:worker_threads'
import type { Failure } from '../../errors.ts'
import type { MaskJob, MaskResult, PolicyOrder } from './job.ts'

/** Ids count from 1. A policy is sent once and is then known by its id, until `isFirst` says that all are forgotten. */
export type Asked =
  | { readonly kind: 'policy'; readonly policy: PolicyOrder; readonly isFirst: boolean }
  | { readonly kind: 'prepare'; readonly id: number; readonly policyId: string; readonly rule: string }
  | { readonly kind: 'mask'; readonly id: number; readonly policyId: string; readonly job: Omit<MaskJob, 'policy'> }

export type Told =
  | { readonly kind: 'prepared'; readonly id: number; readonly failure: Failure | null }
  | { readonly kind: 'masked'; readonly id: number; readonly result: MaskResult }

export interface ThreadData {
  readonly port: MessagePort
  readonly signals: Int32Array
  /** Random bytes of this process. */
  readonly memoryKey: Uint8Array | Buffer
}
