// The values that travel through the pipeline, in the order in which they come to be. Types only.
//
//   Received -> Call -> RoutedCall -> (Attempt -> Outcome -> Verdict)* -> Answer -> Exchange
//
// Each stage returns a new value whose type says what is known by then; nothing here is changed after it is made.
import type { Buffer } from 'node:buffer'
import type { Readable } from 'node:stream'
import type { Route, Target } from './table/schema.ts'

/** A request as the server shell hands it over; the body is complete and within its bound. */
export interface Received {
  readonly id: string
  readonly method: string
  /** Path and query as they came. */
  readonly url: string
  /** Name and value alternating, names as sent (node:http's rawHeaders). */
  readonly rawHeaders: readonly string[]
  readonly body: Buffer
  readonly receivedAtMs: number
}

export type Operation = 'Chat' | 'Models'

/** A request that a dialect knows. Offsets are into `received.body`. */
export interface Call {
  readonly received: Received
  readonly dialect: 'OpenAI'
  readonly operation: Operation
  /** The path below the dialect's base URL: `/chat/completions`. */
  readonly path: string
  readonly model: string
  readonly isStreaming: boolean
  /** Where the model's JSON string (quotes included) stands in the body, so that it can be replaced in place. */
  readonly modelSpan: Span
  /** Steers weighted choice: equal over the turns of one conversation. Never printed. */
  readonly conversation: string
}

export interface Span {
  readonly start: number
  readonly end: number
}

export interface RoutedCall {
  readonly call: Call
  readonly route: Route
}

export interface Attempt {
  /** 1 for the first. */
  readonly ordinal: number
  readonly targetId: string
  readonly target: Target
}

/** What one attempt came to, decided at the first byte of a body or earlier. */
export type Outcome =
  | {
      readonly kind: 'answered'
      readonly status: number
      readonly rawHeaders: readonly string[]
      readonly body: AnswerBody
    }
  | { readonly kind: 'timedOut'; readonly afterMs: number }
  | { readonly kind: 'unreachable'; readonly reason: string }
  | { readonly kind: 'cancelled' }

export type AnswerBody = Buffer | Readable

export type Verdict =
  | { readonly kind: 'deliver' }
  | { readonly kind: 'next'; readonly reason: string }
  | { readonly kind: 'giveUp'; readonly reason: string }

export interface Answer {
  readonly kind: 'answer'
  readonly source: 'upstream' | 'proxy'
  readonly status: number
  readonly rawHeaders: readonly string[]
  readonly body: AnswerBody
}

/** The closed record of one call, handed once to telemetry. Names, numbers and times; never text of the call. */
export interface Exchange {
  readonly id: string
  readonly atMs: number
  readonly operation: Operation | 'Passthrough' | null
  readonly model: string | null
  readonly route: string | null
  readonly targetId: string | null
  readonly attempts: readonly { readonly targetId: string; readonly outcome: string; readonly durationMs: number }[]
  readonly status: number
  readonly error: string | null
  readonly isStreaming: boolean
  readonly tableVersion: string | null
  readonly firstByteMs: number | null
  readonly durationMs: number
  readonly requestBytes: number
  readonly answerBytes: number
}
