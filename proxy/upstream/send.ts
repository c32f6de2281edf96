// One attempt on the wire: the only file that talks to a provider. Resolves to an Outcome, never rejects.
//
//   waiting --headers--> collecting --end, error event of a stream--> answered, whole body
//                            |------commit point of a stream (preamble.ts), or 1 MiB--> answered, body streams on
//   any phase: error, timer, hang-up --> unreachable | broken | timedOut | cancelled; after the commit point sink.cut
//
// An undici handler class with callbacks: promises or a Readable per call cost 10 to 25 us more (measured).
import { Buffer } from 'node:buffer'
import type { Dispatcher } from 'undici'
import type { Caller } from '../caller.ts'
import { Chunks } from '../chunks.ts'
import { isStreamAnswer } from '../dialect/stream-framing.ts'
import { failure } from '../errors.ts'
import type { Answered, AnswerStream, BodySink, Outcome } from '../exchange.ts'
import { MAX_CONNECTIONS_PER_ORIGIN, type Connection, type Connections } from './connections.ts'
import { failedAnswer, wholeAnswer } from './answered.ts'
import { ReadableAnswer } from './decoded-answer.ts'
import { createPreamble, MAX_PREAMBLE_BYTES, type Preamble } from './preamble.ts'
import type { UpstreamRequest } from './request.ts'
import type { Timer, Timers } from './timers.ts'
import { classOfError, isReset, reasonOf } from './wire-errors.ts'

/** Bodies up to this are complete before they are delivered, so that a break can still go to the next target. */
export const MAX_WHOLE_BODY_BYTES = 1024 * 1024

/** Of a failure that is longer than a whole body. */
const MAX_ERROR_FRONT_BYTES = 64 * 1024

const NO_BYTES = Buffer.alloc(0)

export interface SendLimits {
  /** To the commit point; null: none. */
  readonly firstTokenMs: number | null
  readonly idleMs: number
  /** For how long a stream's preamble is held for a first token; null: as long as the first token may take. */
  readonly preambleMs: number | null
  /** What is left of the whole call; null: no limit. */
  readonly totalMs: number | null
  /** Asks for a new connection. */
  readonly isFresh: boolean
  readonly caller: Caller
}

export interface SendDeps {
  readonly connections: Connections
  readonly timers: Timers
  readonly now: () => number
}

export function send(request: UpstreamRequest, limits: SendLimits, deps: SendDeps): Promise<Outcome> {
  const connection = deps.connections.take(request.origin, limits.isFresh)
  if (connection === null) {
    const reason = `${MAX_CONNECTIONS_PER_ORIGIN} calls to ${request.origin} are under way`
    return Promise.resolve({ kind: 'unreachable', failureClass: 'Connect', reason, isStaleConnection: false })
  }
  return new Promise((resolve) => new UpstreamCall({ connection, limits, deps, resolve }).send(request))
}

interface UpstreamCallParts {
  readonly connection: Connection
  readonly limits: SendLimits
  readonly deps: SendDeps
  readonly resolve: (outcome: Outcome) => void
}

type TimedOut = Extract<Outcome, { kind: 'timedOut' }>

class UpstreamCall implements Dispatcher.DispatchHandler, AnswerStream {
  readonly #parts: UpstreamCallParts
  #controller: Dispatcher.DispatchController | null = null
  #timer: Timer | null = null
  /** The idle time is up; what has come by now is read before that counts. */
  #isLookingOnce = false
  #totalTimer: Timer | null = null
  #status = 0
  #headers: Answered['headers'] = {}
  #isEventStream = false
  #request: UpstreamRequest | null = null
  /** Set while a stream has not reached its commit point. */
  #preamble: Preamble | null = null
  #preambleTimer: Timer | null = null
  #chunks = new Chunks()
  #sizeBytes = 0
  #isCommitted = false
  #isOver = false
  /** Set when the stream broke between commit and start(). */
  #lateCut: ReturnType<typeof failure> | null = null
  #sink: BodySink | null = null

  constructor(parts: UpstreamCallParts) {
    this.#parts = parts
  }

  send(request: UpstreamRequest): void {
    const { connection, limits } = this.#parts
    if (limits.firstTokenMs !== null) this.#startTimer(limits.firstTokenMs, 'first byte')
    if (limits.totalMs !== null) this.#startTotalTimer(limits.totalMs)
    limits.caller.whenGone(() => this.#cancel())
    if (this.#isOver) return
    this.#request = request
    const { path, headers, body } = request
    const handler = request.isAnswerRead ? new ReadableAnswer(this) : this
    connection.client.dispatch({ path, method: 'POST', headers, body }, handler)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: Answered['headers']): void {
    if (status < 200) return
    this.#status = status
    this.#headers = headers
    this.#isEventStream = isStreamAnswer(headers['content-type'], this.#request?.stream ?? null)
    const isEncoded = (headers['content-encoding'] ?? 'identity') !== 'identity'
    if (this.#isEventStream && status < 400 && !isEncoded)
      this.#preamble = createPreamble(this.#request?.stream ?? null)
    // Most whole answers end within this read, and a timer for them would be work for nothing.
    if (this.#timer === null) queueMicrotask(() => this.#startIdleTimer())
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#isOver) return
    if (this.#sink !== null) {
      this.#moveTimer()
      if (!this.#sink.write(chunk)) controller.pause()
      return
    }
    this.#chunks.push(chunk)
    this.#sizeBytes += chunk.length
    if (this.#isCommitted) return
    if (this.#preamble !== null) this.#readOpening(this.#preamble, chunk)
    else if (this.#isUnreadableStream() || this.#sizeBytes > MAX_WHOLE_BODY_BYTES) this.#commit()
    else this.#moveTimer()
  }

  onResponseEnd(): void {
    if (this.#isOver) return
    this.#finish()
    this.#parts.deps.connections.release(this.#parts.connection)
    if (this.#sink !== null) this.#sink.end(null)
    else if (!this.#isCommitted) this.#parts.resolve(this.#wholeOutcome())
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    if (this.#isOver) return
    const isStaleConnection = this.#parts.connection.served > 0 && this.#status === 0 && isReset(error)
    const reason = reasonOf(error)
    if (this.#status === 0) {
      this.#stop({ kind: 'unreachable', failureClass: classOfError(error), reason, isStaleConnection }, reason)
    } else this.#stop({ kind: 'broken', failureClass: 'Reset', reason: `its answer broke off: ${reason}` }, reason)
  }

  /** AnswerStream: what has come so far goes first. */
  start(sink: BodySink): void {
    this.#sink = sink
    const isReady = this.#sizeBytes === 0 || sink.write(this.#chunks.whole())
    this.#chunks = new Chunks()
    if (this.#lateCut !== null) sink.cut(this.#lateCut)
    else if (this.#isOver) sink.end(null)
    else if (isReady) this.resume()
  }

  resume(): void {
    if (this.#controller?.paused !== true) return
    this.#controller.resume()
    // The provider was held back: its silence counts from here.
    this.#moveTimer()
  }

  abandon(): void {
    this.#cancel()
  }

  #isUnreadableStream(): boolean {
    return this.#isEventStream && this.#status < 400
  }

  #readOpening(preamble: Preamble, chunk: Buffer): void {
    const part = preamble.push(chunk)
    if (part === 'content' || this.#sizeBytes > MAX_PREAMBLE_BYTES) return this.#commit()
    if (part === 'error') return this.#endWithError(preamble)
    const { preambleMs } = this.#parts.limits
    if (preambleMs !== null) this.#preambleTimer ??= this.#parts.deps.timers.start(preambleMs, () => this.#commit())
    // The time to the first token runs on; where there is none, silence counts.
    if (this.#parts.limits.firstTokenMs === null) this.#moveTimer()
  }

  /** The parser is held until start(), so that the chunks kept here are bounded by the preamble and one read. */
  #commit(): void {
    this.#isCommitted = true
    this.#preambleTimer?.close()
    this.#timer?.close()
    this.#timer = null
    this.#startIdleTimer()
    this.#controller?.pause()
    const answered = this.#answered(this)
    if (this.#status < 400) return this.#parts.resolve(answered)
    // A failure whose body is too long to be read whole is told by its status and its front.
    const front = this.#chunks.whole().subarray(0, MAX_ERROR_FRONT_BYTES)
    this.#parts.resolve(failedAnswer(answered, front, this.#parts.deps.now()))
  }

  /** Nothing of use follows a provider's error; what has come is a whole answer, should it be delivered. */
  #endWithError({ errorData }: Preamble): void {
    this.#finish()
    this.#parts.deps.connections.drop(this.#parts.connection, new Error('the provider ended with an error'))
    // The provider's length is that of the whole stream, of which the rest is never read.
    this.#headers = { ...this.#headers, 'content-length': undefined }
    const answered = this.#answered(this.#chunks.whole())
    this.#parts.resolve(failedAnswer(answered, errorData ?? NO_BYTES, this.#parts.deps.now()))
  }

  #wholeOutcome(): Outcome {
    if (this.#preamble !== null) {
      return { kind: 'broken', failureClass: 'Reset', reason: 'its stream ended before the first token' }
    }
    const body = this.#chunks.whole()
    return wholeAnswer(this.#answered(body), body, this.#parts.deps.now)
  }

  #answered(body: Answered['body']): Answered {
    return {
      kind: 'answered',
      status: this.#status,
      failureClass: null,
      retryAfterMs: null,
      headers: this.#headers,
      body,
      isEventStream: this.#isEventStream,
      translation: this.#request?.translation ?? null,
      ...(this.#preamble === null ? {} : { finish: this.#preamble }),
    }
  }

  #startIdleTimer(): void {
    if (!this.#isOver && this.#timer === null) this.#startTimer(this.#parts.limits.idleMs, 'next byte')
  }

  #moveTimer(): void {
    if (!this.#isLookingOnce) return void this.#timer?.refresh()
    this.#isLookingOnce = false
    this.#timer?.close()
    this.#startTimer(this.#parts.limits.idleMs, 'next byte')
  }

  #startTimer(delayMs: number, waitedFor: TimedOut['waitedFor']): void {
    this.#timer = this.#parts.deps.timers.start(delayMs, () => this.#timeOut({ afterMs: delayMs, waitedFor }))
  }

  #startTotalTimer(delayMs: number): void {
    const expire = () => this.#timeOut({ afterMs: delayMs, waitedFor: 'whole answer' })
    this.#totalTimer = this.#parts.deps.timers.start(delayMs, expire)
  }

  #timeOut(timedOut: Pick<TimedOut, 'afterMs' | 'waitedFor'>): void {
    // A reader that is slow to take the answer is not a provider that is slow to give it.
    if (timedOut.waitedFor === 'next byte' && this.#controller?.paused === true) return this.#moveTimer()
    if (timedOut.waitedFor === 'next byte' && !this.#isLookingOnce) return this.#lookOnce(timedOut)
    const isPreambleHere = timedOut.waitedFor === 'first byte' && this.#sizeBytes > 0
    const waitedFor = isPreambleHere ? 'first token' : timedOut.waitedFor
    const failureClass = waitedFor === 'next byte' ? 'Idle' : 'Timeout'
    const { afterMs } = timedOut
    const reason = `the ${waitedFor} did not come within ${afterMs} ms`
    this.#stop({ kind: 'timedOut', failureClass, afterMs, waitedFor }, reason)
  }

  /** A proxy that got no processor time finds its timer due before it has read what has come: so it reads first. */
  #lookOnce(timedOut: Pick<TimedOut, 'afterMs' | 'waitedFor'>): void {
    this.#isLookingOnce = true
    this.#timer = this.#parts.deps.timers.start(0, () => this.#timeOut(timedOut))
  }

  #cancel(): void {
    this.#stop({ kind: 'cancelled' }, null)
  }

  /** Ends the attempt before its end; `reason` is null when the caller has gone. */
  #stop(outcome: Outcome, reason: string | null): void {
    if (this.#isOver) return
    this.#finish()
    this.#parts.deps.connections.drop(this.#parts.connection, new Error(reason ?? 'the caller has gone'))
    const cut =
      reason === null
        ? failure('caller_gone', 'The application closed the connection.')
        : failure('stream_cut', `The answer broke off before its end: ${reason}.`)
    if (this.#sink !== null) this.#sink.cut(cut)
    else if (this.#isCommitted) this.#lateCut = cut
    else this.#parts.resolve(outcome)
  }

  #finish(): void {
    this.#isOver = true
    this.#timer?.close()
    this.#totalTimer?.close()
    this.#preambleTimer?.close()
    this.#parts.limits.caller.whenGone(null)
  }
}
