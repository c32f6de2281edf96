// What one kind of call must be able to do to share an upstream call with others of its kind: name its items, be
// written together, and be told apart in the answer. Types only; one file a kind implements it, forms.ts lists them.
//
//   Call -> read -> Batchable[] -> write -> one upstream call -> split -> one body a call
import type { Buffer } from 'node:buffer'
import type { Batching } from '../table/batch-schema.ts'
import type { Attempt, BatchReport, Call, Place } from '../exchange.ts'
import type { Marks } from './chat-questions.ts'

export type FormName = BatchReport['form']

/** A call that may share an upstream call with others whose `sameness` is the same. */
export interface Batchable {
  readonly form: BatchForm
  /** Everything of the body that the calls of one batch must have in common, and so can be sent once. */
  readonly sameness: string
  /** What is asked, each as the JSON text that stands in the merged request. */
  readonly items: readonly Buffer[]
  /** Of each item, its size in tokens: exact or estimated, at least 1. */
  readonly tokens: readonly number[]
  /** How many entries of the answer's list belong to one item. */
  readonly answersPerItem: number
  /** Of a question: between what its answer must stand, and how long that may be; null: as long as it is. */
  readonly marks?: Marks
  readonly maxTokens?: number | null
}

export interface FormDeps {
  readonly now: () => number
  /** Uniform in [0, 1). */
  readonly random: () => number
}

export interface BatchForm {
  readonly name: FormName
  /** Null: this call goes alone. */
  read(call: Call, circumstances: Circumstances, deps: FormDeps): Batchable | null
  /** The request for all of them; `call` is the first one's. Of batches with two calls or more. */
  write(parts: readonly Batchable[], call: Call): { readonly place: Place; readonly body: Buffer }
  /**
   * One body for each of the parts, in their order, or null for one that is to be asked for again; null in place of
   * all: the answer is not that of so many items.
   */
  split(body: Buffer, parts: readonly BatchPart[], deps: FormDeps): readonly (Buffer | null)[] | null
  /** One body of several, each of so many items; absent: calls of this form are never asked for in pieces. */
  readonly join?: (bodies: readonly Buffer[], counts: readonly number[]) => Buffer | null
}

export interface Circumstances {
  readonly attempts: readonly Attempt[]
  readonly rule: Batching
  /** Values of the call were replaced, and its answer's are to be put back. */
  readonly isMasked: boolean
}

export interface BatchPart {
  readonly call: Call
  readonly batchable: Batchable
}
