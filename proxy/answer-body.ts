// The body of an answer on its way to the caller, and whoever takes it. Types only; part of exchange.ts, from where
// everyone has them.
import type { Buffer } from 'node:buffer'
import type { Failure } from './errors.ts'

/** A whole body, or one that still arrives. */
export type AnswerBody = Buffer | AnswerStream

/** A body that still arrives: chunks are called into the sink, which may ask for a pause. */
export interface AnswerStream {
  /** Starts the delivery; called once. */
  start(sink: BodySink): void
  /** After a write() that returned false. */
  resume(): void
  /** In place of start(): nobody will read this body, so the provider need not send it. */
  abandon(): void
}

export interface BodySink {
  /** False asks the stream to pause until resume(). */
  write(chunk: Buffer): boolean
  /** The body is complete for the caller; `fault` says what telemetry must know all the same. */
  end(fault: Failure | null): void
  /** The body cannot be completed and the caller has not been told: break the connection so that it notices. */
  cut(fault: Failure): void
}
