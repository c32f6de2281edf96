// An Answer onto the wire: one write for a whole body, chunk by chunk at the caller's pace for a stream. Then the call
// is over, and its Exchange goes to telemetry exactly once, whichever way it ended.
import { Buffer } from 'node:buffer'
import type { ServerResponse } from 'node:http'
import { statusOf, type ErrorCode, type Failure } from './errors.ts'
import type { Answer, AnswerStream, BodySink, Exchange, FinishReason, Received } from './exchange.ts'
import type { IncomingCall } from './server.ts'
import { costOf, formatCost } from './strategy/cost.ts'
import type { Timers } from './upstream/timers.ts'

/** How long a caller that is refused in mid-upload may take to read the answer before the connection is closed. */
export const LINGER_MS = 1_000

/**
 * Node joins a text with the head and writes both at once, and a Buffer beside it. In Latin-1 every byte is a character
 * and stays that byte; a fifth less CPU for a short answer (measured).
 */
const ONE_WRITE_BYTES = 16 * 1024

const CARRIAGE_RETURN = 13
const LINE_FEED = 10
const LAST_CHUNK = Buffer.from('0\r\n\r\n')

export interface DeliveryDeps {
  readonly now: () => number
  /** Called once per call, when its answer has ended. */
  readonly report: (exchange: Exchange) => void
}

interface Delivered {
  readonly answer: Answer
  readonly received: Received
}

export function deliverAnswer(response: ServerResponse, delivered: Delivered, deps: DeliveryDeps): void {
  const { answer, received } = delivered
  const { body } = answer
  const delivery = new Delivery(response, delivered, deps)
  if (received.caller.isGone) {
    if ('start' in body) delivery.stream(body)
    else delivery.close('caller_gone')
    return
  }
  response.writeHead(answer.status, answer.rawHeaders.concat('x-modelroute-request-id', received.id))
  if ('start' in body) {
    delivery.frameChunks()
    return delivery.stream(body)
  }
  delivery.countChunk(body.length)
  if (body.length > ONE_WRITE_BYTES) response.end(body)
  else response.end(body.toString('latin1'), 'latin1')
  delivery.close(answer.error)
}

/**
 * Refuses a request whose body still arrives. Closing the connection at once would reset it, and the caller might lose
 * the answer: so the rest is read and thrown away for a moment.
 */
export function refuseUpload(
  { request, response }: Pick<IncomingCall, 'request' | 'response'>,
  delivered: Delivered,
  deps: DeliveryDeps & { readonly timers: Timers },
): void {
  const { answer, received } = delivered
  const delivery = new Delivery(response, delivered, deps)
  if (received.caller.isGone || 'start' in answer.body) return delivery.close('caller_gone')
  response.writeHead(answer.status, [
    ...answer.rawHeaders,
    'connection',
    'close',
    'x-modelroute-request-id',
    received.id,
  ])
  delivery.write(answer.body)
  const timer = deps.timers.start(LINGER_MS, () => response.end())
  request.once('end', () => response.end())
  response.once('close', () => timer.close())
  request.resume()
  delivery.close(answer.error)
}

class Delivery implements BodySink {
  readonly #response: ServerResponse
  readonly #delivered: Delivered
  readonly #deps: DeliveryDeps
  #answerBytes = 0
  #firstByteAtMs: number | null = null
  #isFraming = false

  constructor(response: ServerResponse, delivered: Delivered, deps: DeliveryDeps) {
    this.#response = response
    this.#delivered = delivered
    this.#deps = deps
  }

  /**
   * Node writes a chunk in four parts: size, line end, bytes, line end. Made here it is one buffer and one write, which
   * is a tenth of what an event costs. To be called behind writeHead(), which decides whether there are chunks.
   */
  frameChunks(): void {
    this.#isFraming = this.#response.chunkedEncoding
    this.#response.chunkedEncoding = false
  }

  stream(body: AnswerStream): void {
    this.#response.on('drain', () => body.resume())
    body.start(this)
  }

  write(chunk: Buffer): boolean {
    if (this.#delivered.received.caller.isGone) return true
    this.countChunk(chunk.length)
    if (!this.#isFraming) return this.#response.write(chunk)
    return chunk.length === 0 || this.#response.write(toChunk(chunk))
  }

  end(fault: Failure | null): void {
    if (!this.#delivered.received.caller.isGone) this.#response.end(this.#isFraming ? LAST_CHUNK : undefined)
    this.close(fault?.code ?? this.#delivered.answer.error)
  }

  cut(fault: Failure): void {
    this.#response.destroy()
    this.close(fault.code)
  }

  countChunk(sizeBytes: number): void {
    this.#firstByteAtMs ??= this.#deps.now()
    this.#answerBytes += sizeBytes
  }

  close(error: ErrorCode | null): void {
    const { answer, received } = this.#delivered
    const { receivedAtMs } = received
    this.#deps.report({
      ...answer.trail,
      id: received.id,
      atMs: receivedAtMs,
      status: error === 'caller_gone' ? statusOf(error) : answer.status,
      error,
      finish: finishOf(answer, error),
      ...usageOf(answer),
      firstByteMs: this.#firstByteAtMs === null ? null : this.#firstByteAtMs - receivedAtMs,
      durationMs: this.#deps.now() - receivedAtMs,
      requestBytes: received.body.length,
      answerBytes: this.#answerBytes,
    })
  }
}

/** RFC 9112 section 7.1. */
function toChunk(bytes: Buffer): Buffer {
  const size = bytes.length.toString(16)
  const chunk = Buffer.allocUnsafe(size.length + bytes.length + 4)
  let at = chunk.write(size, 'latin1')
  chunk[at++] = CARRIAGE_RETURN
  chunk[at++] = LINE_FEED
  at += bytes.copy(chunk, at)
  chunk[at++] = CARRIAGE_RETURN
  chunk[at] = LINE_FEED
  return chunk
}

/** What broke off has ended with an error, whatever it said before. */
function finishOf({ finish }: Answer, error: ErrorCode | null): FinishReason | null {
  if (finish === undefined || error === 'caller_gone') return null
  return error === null || finish.reason === null ? finish.reason : 'error'
}

/** One that broke off was paid for as far as it came; who joined another's call did not pay for it once more. */
function usageOf({ finish, trail }: Answer): Pick<Exchange, 'usage' | 'cost' | 'cache'> {
  const usage = finish?.usage ?? null
  if (usage === null) return {}
  const price = finish?.price ?? null
  const cost = price === null ? null : formatCost(costOf(usage, price))
  const { cache, flight } = trail
  if (flight !== 'joined' || cache === undefined) return cost === null ? { usage } : { usage, cost }
  const { inputTokens, outputTokens } = usage
  return { cache: { ...cache, saved: { inputTokens, outputTokens, cost } } }
}
