// The values that travel through the pipeline, in the order in which they come to be. Types only.
//
//   Received -> Call -> RoutedCall -> (Attempt -> Outcome -> Verdict)* -> Answer -> Exchange
//
// Each stage returns a new value whose type says what is known by then; nothing here is changed after it is made.
import type { Buffer } from 'node:buffer'
import type { AnswerBody } from './answer-body.ts'
import type { Caller } from './caller.ts'
import type { Dialect, Endpoint } from './dialect/dialect.ts'
import type { FormatName, Usage } from './dialect/neutral/chat.ts'
import type { StreamFormat } from './dialect/stream-format.ts'
import type { EmbeddingShape } from './dialect/translate/embeddings/embedding.ts'
import type { ErrorCode, Failure } from './errors.ts'
import type { CallFacts, FactsReport } from './classify/facts.ts'
import type { BatchReport, CacheReport, DeferredReport, RedactionReport } from './reports.ts'
import type { ShadowReport } from './shadows.ts'
import type { CallOperation, FailoverClass, Route, Target } from './table/schema.ts'
import type { Price } from './table/strategy-schema.ts'

/** A request as the server shell hands it over; the body is complete and within its bound. */
export interface Received {
  readonly id: string
  readonly method: string
  readonly place: Place
  /** Name and value alternating, names as sent (node:http's rawHeaders). */
  readonly rawHeaders: readonly string[]
  /** Without content codings. */
  readonly body: Buffer
  /** The body as it came, perhaps with content codings, which leaves in place of `read` while that is not edited. */
  readonly original: { readonly read: Buffer; readonly sent: Buffer }
  readonly receivedAtMs: number
  readonly caller: Caller
}

/** What a request's method and path say, before its body is read. */
export interface Place {
  readonly dialect: Dialect
  /** Null: nothing that the dialect reads; such requests are passed through as bytes. */
  readonly endpoint: Endpoint | null
  /** The endpoint's operation. */
  readonly operation: Operation | null
  /** Path below the dialect's version prefix: `/chat/completions`; null when the path is outside of it. */
  readonly path: string | null
  /** The path as it came, without the query and without the dialect's own prefix. */
  readonly fullPath: string
  /** The query with its question mark, or an empty string. */
  readonly query: string
}

/**
 * Operations of calls (table/schema.ts); those that pass through unread unless a rule masks (dialect/openai-other.ts);
 * and the list of models, which the proxy answers by itself.
 */
export type Operation = CallOperation | 'Other' | 'Models'

export interface Span {
  readonly start: number
  readonly end: number
}

/** A JSON string that names the model: what to write in place of the span, around the model's escaped name. */
export interface ModelPlace {
  readonly span: Span
  readonly before: string
  readonly after: string
}

/** A request whose dialect has read it. Spans are offsets into `received.body`. */
export interface Call {
  readonly kind: 'call'
  readonly received: Received
  readonly model: string
  readonly isStreaming: boolean
  /** Where the model stands in the body, in order, so that it can be replaced in place. */
  readonly modelPlaces: readonly ModelPlace[]
  /** The same in `received.place.path`, for dialects that have the model there. */
  readonly modelPathPlace: ModelPlace | null
  /** How the caller wants its answer event by event; null: whole. */
  readonly stream: StreamFormat | null
  /** Set by a stage that reads the answer or changes it: the answer must not come, or not stay, compressed. */
  readonly isAnswerRead?: boolean
  /** What it is and how long; absent: nothing in the table asks. */
  readonly facts?: CallFacts
  /** What its rule changed of its parameters, for the answer's header; absent: nothing. */
  readonly adjusted?: readonly string[]
  /** Fields that tell conversations apart, `messages` what the user said; read when a choice depends on them. */
  readonly conversationSpans: Readonly<Record<'promptCacheKey' | 'user' | 'metadata' | 'messages', Span | undefined>>
}

export interface RoutedCall {
  readonly kind: 'routed'
  readonly call: Call
  readonly route: Route
}

/** One target that a call may try. */
export interface Attempt {
  readonly targetId: string
  readonly target: Target
  readonly endpoint: TargetEndpoint
}

/** Where a target is reached: its URL in the parts that a request needs. */
export interface TargetEndpoint {
  /** `https://api.openai.com`, as a connection is named. */
  readonly origin: string
  /** Path of the target's URL without a trailing slash: `/v1`, or an empty string. */
  readonly basePath: string
}

/** How a call was said in the dialect of a target that speaks another one than the caller. */
export interface Translation {
  readonly from: FormatName
  readonly to: FormatName
  /** What the target streams in. */
  readonly stream: StreamFormat
  /** Fields of the caller that have no counterpart at the target, and what was changed to fit it; told in headers. */
  readonly dropped: readonly string[]
  readonly adjusted: readonly string[]
  readonly wantsStreamUsage: boolean
  /** What was asked: a chat, the tokens of one, or vectors in a shape. */
  readonly asks: 'chat' | 'count' | EmbeddingShape
}

/** What one attempt came to, decided at the first token of a stream, at the end of a short body, or earlier. */
export type Outcome =
  | Answered
  | {
      readonly kind: 'timedOut'
      readonly failureClass: FailoverClass
      readonly afterMs: number
      readonly waitedFor: 'first byte' | 'first token' | 'next byte' | 'whole answer'
    }
  /** No connection, or it ended before any byte of an answer. */
  | {
      readonly kind: 'unreachable'
      readonly failureClass: FailoverClass
      readonly reason: string
      readonly isStaleConnection: boolean
    }
  /** An answer began and ended before it was of any use. */
  | { readonly kind: 'broken'; readonly failureClass: FailoverClass; readonly reason: string }
  /** The proxy could not make the attempt at all. */
  | { readonly kind: 'refused'; readonly failure: Failure }
  | { readonly kind: 'cancelled' }

/**
 * Why an answer ended: the model was done, or met a limit of length, or wants a tool called; a filter or an error ended
 * it; or it does not say.
 */
export type FinishReason = 'stop' | 'length' | 'tool' | 'filter' | 'error' | 'unknown'

/** Asked when the answer has ended; null: it is none that has a reason. */
export interface FinishSource {
  readonly reason: FinishReason | null
  /** What the answer says that it cost; absent or null: nothing. */
  readonly usage?: Usage | null
  /** What a token of it costs; absent or null: nobody says. */
  readonly price?: Price | null
}

export type { BatchReport, CacheReport, RedactionReport, SavedUsage } from './reports.ts'
export type { AnswerBody, AnswerStream, BodySink } from './answer-body.ts'

export interface Answered {
  readonly kind: 'answered'
  readonly status: number
  /** Null: a good answer. An error event at the front of a stream counts although the status is 200. */
  readonly failureClass: FailoverClass | null
  /** How long the provider asks to be left alone; null: it does not say. */
  readonly retryAfterMs: number | null
  /** By lower-case name, as the provider sent them; repeated ones as a list. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: AnswerBody
  /** Comes event by event, in the format that the provider was asked for. */
  readonly isEventStream: boolean
  /** Null or absent: the provider speaks the caller's dialect. */
  readonly translation?: Translation | null
  /** What of the request was brought within the model's limits; absent: nothing. */
  readonly adjusted?: readonly string[]
  /** As of `translation`, of an answer that is in the caller's dialect by now. */
  readonly dropped?: readonly string[]
  /** Absent: nothing that a model has written. */
  readonly finish?: FinishSource
}

export type Verdict =
  | { readonly kind: 'deliver'; readonly answered: Answered }
  | { readonly kind: 'next'; readonly reason: string }
  /** Every target has failed, and one of them is to be asked again when the time has come that it named. */
  | { readonly kind: 'wait'; readonly waitMs: number }
  | { readonly kind: 'giveUp'; readonly failure: Failure }

export interface AttemptRecord {
  readonly targetId: string
  /** A status, or the outcome's kind. */
  readonly outcome: string
  /** Null: it did not fail. */
  readonly failureClass: FailoverClass | null
  readonly durationMs: number
  /** Whether the second of two attempts at once was the one that answered; absent: it was none. */
  readonly hedge?: 'won' | 'lost'
  /** The caller asked for a longer answer than the model gives; absent: it did not. */
  readonly isClamped?: true
  /** It was made for several calls at once, and another one of them counts it. */
  readonly isShared?: true
}

/** What the pipeline came to know about a call, for its answer's headers and for telemetry. */
export interface Trail {
  readonly operation: Operation | 'Passthrough' | null
  readonly model: string | null
  readonly route: string | null
  readonly targetId: string | null
  readonly attempts: readonly AttemptRecord[]
  readonly isStreaming: boolean
  readonly tableVersion: string | null
  /** Absent: nothing was asked of what the call is or how long. */
  readonly facts?: FactsReport
  /** What the rule changed of the call's parameters; absent: nothing. */
  readonly adjusted?: readonly string[]
  /** Absent: the rule does not redact. */
  readonly redaction?: RedactionReport
  /** Absent: the rule has no cache. */
  readonly cache?: CacheReport
  /** Absent: nobody asked to be answered later, or could be. */
  readonly deferred?: DeferredReport
  /** Of a call that others might join: whether it was made for this caller. */
  readonly flight?: 'led' | 'joined'
  /** Absent: the call went alone. */
  readonly batch?: BatchReport
  /** Absent: no shadow rule would have taken the call. */
  readonly shadows?: readonly ShadowReport[]
}

export interface Answer {
  readonly kind: 'answer'
  readonly source: 'upstream' | 'proxy'
  readonly status: number
  readonly rawHeaders: readonly string[]
  readonly body: AnswerBody
  readonly error: ErrorCode | null
  readonly trail: Trail
  readonly finish?: FinishSource
}

/** The closed record of one call, handed once to telemetry. Names, numbers and times; never text of the call. */
export interface Exchange extends Trail {
  readonly id: string
  readonly atMs: number
  readonly status: number
  readonly error: ErrorCode | null
  /** Null: no model's answer came to its end. */
  readonly finish: FinishReason | null
  /** What the provider says that the answer took; absent: it does not say. */
  readonly usage?: Usage
  /** What that costs, exactly, in the currency of the provider's prices; absent: unknown. */
  readonly cost?: string
  readonly firstByteMs: number | null
  readonly durationMs: number
  readonly requestBytes: number
  readonly answerBytes: number
}
