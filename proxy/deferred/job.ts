// A call that is answered later, from its being taken in to the last look at its answer. Types and bounds only.
//
//   waiting --due--> sending --batch made--> sent --its line--> done
//      |                '--one call---------------------------> done
//      '--- cancelled | expired, from any state before done; gone when the time to keep it is over
//
// A job holds the call as the application made it, without any key: what it needs beside that is looked up when it is
// sent. `done` says only that an answer is there, which may be an error.

/** Of one proxy; more are served at once instead. */
export const MAX_JOBS = 10_000
/** Of all calls and answers of the jobs together. */
export const MAX_HELD_BYTES = 256 * 1024 * 1024
/** Of one call; a longer one is served at once. */
export const MAX_JOB_BYTES = 4 * 1024 * 1024
/** Of one answer; a longer one is kept as an error. */
export const MAX_ANSWER_BYTES = 8 * 1024 * 1024

export type JobState = 'waiting' | 'sending' | 'sent' | 'done' | 'cancelled' | 'expired'

export interface NewJob {
  readonly id: string
  readonly route: string
  readonly sendBy: 'BatchApi' | 'OffPeak'
  /** Jobs of one group may go in one batch: target, operation, model. */
  readonly grouping: string
  /** Path and query with the dialect's prefix, as recognise() reads it. */
  readonly url: string
  readonly rawHeaders: readonly string[]
  readonly body: Uint8Array
  /** The application's own name for the call; null: none. */
  readonly idempotencyKey: string | null
  /** Of url and body: the same key with another call is a mistake. */
  readonly fingerprint: string
  readonly createdAtMs: number
  readonly dueAtMs: number
  readonly expiresAtMs: number
  /** After its end. */
  readonly keepMs: number
}

/** What the application is told. */
export interface JobStatus {
  readonly id: string
  readonly state: JobState
  readonly route: string
  readonly url: string
  readonly createdAtMs: number
  readonly expiresAtMs: number
  /** How it went or will go; null: not yet. */
  readonly sentBy: 'batch' | 'call' | null
  readonly finishedAtMs: number | null
  readonly goneAtMs: number | null
  /** Of its answer; null: none yet. */
  readonly status: number | null
}

export interface JobAnswer {
  readonly status: number
  readonly contentType: string
  readonly body: Uint8Array
}

/** What is needed to send it. */
export interface DueJob extends Pick<NewJob, 'id' | 'route' | 'sendBy' | 'grouping' | 'url' | 'rawHeaders' | 'body'> {
  readonly createdAtMs: number
  readonly expiresAtMs: number
  /** Times it was sent and came back without an answer. */
  readonly tries: number
}

/** A batch that the provider works on. */
export interface SentBatch {
  readonly id: number
  /** The provider's name for it. */
  readonly remoteId: string
  readonly grouping: string
  readonly createdAtMs: number
}
