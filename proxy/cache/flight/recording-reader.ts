// One caller's way through a recording: what is there already at the caller's own pace, then what comes as it comes.
// Leaves when the caller hangs up, when its time is over, or at the end; none of that touches the other readers.
import type { Buffer } from 'node:buffer'
import type { Caller } from '../../caller.ts'
import { failure, type Failure } from '../../errors.ts'
import type { AnswerStream, BodySink } from '../../exchange.ts'
import type { Timer, Timers } from '../../upstream/timers.ts'

/** Who reads, and until when. */
export interface Waiting {
  readonly caller: Caller
  /** What is left of the whole call's time; null: no limit. */
  readonly leftMs: () => number | null
  readonly timers: Timers
}

/** How the provider's answer ended: complete or told to be broken, or `cut` without a word to the caller. */
export type Ending =
  | { readonly kind: 'ended'; readonly fault: Failure | null }
  | { readonly kind: 'cut'; readonly fault: Failure }

/** What a reader needs of its recording. */
interface Source {
  /** How much has come. */
  readonly endsAt: number
  /** Null: more may come. */
  readonly ending: Ending | null
  read(from: number): Buffer
  resume(): void
  leave(reader: RecordingReader): void
}

export class RecordingReader implements AnswerStream {
  readonly #source: Source
  readonly #waiting: Waiting
  #sink: BodySink | null = null
  #place = 0
  #isReady = false
  #isOver = false
  /** Before it has begun. */
  #cutBy: Failure | null = null
  #timer: Timer | null = null

  constructor(source: Source, waiting: Waiting) {
    this.#source = source
    this.#waiting = waiting
  }

  /** How far it has read. */
  get place(): number {
    return this.#place
  }

  /** Takes what comes. */
  get isReady(): boolean {
    return this.#isReady
  }

  /** From here on a hang-up ends it, begun or not. */
  board(): void {
    this.#waiting.caller.whenGone(() => this.#hangUp())
  }

  start(sink: BodySink): void {
    this.#sink = sink
    if (this.#cutBy !== null) return sink.cut(this.#cutBy)
    if (this.#isOver) return
    const { leftMs, timers } = this.#waiting
    const left = leftMs()
    if (left !== null) this.#timer = timers.start(Math.max(1, left), () => this.cut(outOfTime()))
    this.resume()
  }

  resume(): void {
    if (this.#isReady || this.#isOver || this.#sink === null) return
    this.#isReady = true
    this.pump()
    if (this.#isReady) this.#source.resume()
  }

  abandon(): void {
    this.#leave()
  }

  /** What has just come; `from` is its place. Who lags behind finds it on the tape. */
  offer(chunk: Buffer, from: number): void {
    if (!this.#isReady || this.#place !== from) return
    this.#place += chunk.length
    this.#isReady = this.#sink?.write(chunk) ?? false
  }

  /** Writes what is there for as long as the caller takes it. */
  pump(): void {
    while (this.#isReady && this.#place < this.#source.endsAt) {
      const bytes = this.#source.read(this.#place)
      this.#place += bytes.length
      this.#isReady = this.#sink?.write(bytes) ?? false
    }
    // The end needs no room: whoever paused has taken all there is.
    if (this.#sink !== null && this.#place === this.#source.endsAt) this.#finish(this.#sink)
  }

  /** For this reader alone. */
  cut(fault: Failure): void {
    if (this.#isOver) return
    this.#leave()
    if (this.#sink === null) this.#cutBy = fault
    else this.#sink.cut(fault)
  }

  #finish(sink: BodySink): void {
    const { ending } = this.#source
    if (ending === null || this.#isOver) return
    this.#leave()
    if (ending.kind === 'cut') sink.cut(ending.fault)
    else sink.end(ending.fault)
  }

  #hangUp(): void {
    this.cut(failure('caller_gone', 'The application closed the connection.'))
  }

  #leave(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#isReady = false
    this.#timer?.close()
    this.#waiting.caller.whenGone(null)
    this.#source.leave(this)
  }
}

function outOfTime(): Failure {
  return failure('stream_cut', 'The answer broke off before its end: the time of the whole call is over.')
}
