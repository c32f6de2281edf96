// A link between an answer that still arrives and whoever takes it: what most links do alike. The pace, the start and
// the end of interest go through to the source; what comes is the business of each link (write, end), and a break goes
// on as it is unless the link has something to say about it.
import type { Buffer } from 'node:buffer'
import type { Failure } from './errors.ts'
import type { AnswerStream, BodySink } from './exchange.ts'

export abstract class Relay implements AnswerStream, BodySink {
  readonly #source: AnswerStream
  /** Null until start(), which comes before anything else. */
  protected sink: BodySink | null = null

  constructor(source: AnswerStream) {
    this.#source = source
  }

  start(sink: BodySink): void {
    this.sink = sink
    this.#source.start(this)
  }

  resume(): void {
    this.#source.resume()
  }

  abandon(): void {
    this.#source.abandon()
  }

  cut(fault: Failure): void {
    this.sink?.cut(fault)
  }

  abstract write(chunk: Buffer): boolean

  abstract end(fault: Failure | null): void
}
