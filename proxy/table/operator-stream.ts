// One stream to the operator, from dialling to its end: HTTP/2 over verified TLS, hello first, one JSON object a line.
//
//   connect -> POST + hello -> 200 -> messages until either side ends it | refusal with code and sentence
//
// Knows lines and deadlines, not what a message means: that is stream-source.ts. It never reconnects by itself.
import { connect, constants, sensitiveHeaders } from 'node:http2'
import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2'
import type { Secret } from '../secret.ts'
import type { Clock } from '../telemetry/clock.ts'
import { LineSplitter, MAX_LINE_BYTES, PUSH_PATH, parseFromOperator, toLine } from './messages.ts'
import type { FromOperator, FromProxy } from './messages.ts'

/** From dialling to the end of the TLS handshake. */
export const CONNECT_TIMEOUT_MS = 5_000
/** From there to the answer: the operator waits up to 10 s until it knows a new pod. */
export const ANSWER_TIMEOUT_MS = 15_000
/** Three heartbeats: an operator that is silent for longer is gone. */
export const SILENCE_LIMIT_MS = 45_000
/** Optional messages (`seen`) are left out while this much waits to be sent. */
const FULL_BUFFER_BYTES = 256 * 1024
const MAX_REFUSAL_BYTES = 4 * 1024

export type StreamEnd =
  | { readonly kind: 'closed'; readonly reason: string }
  | { readonly kind: 'refused'; readonly code: string; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string }

export interface StreamRequest {
  readonly operatorUrl: string
  /** PEM bundles; a certificate under any of them is accepted, for the name in the URL. */
  readonly authorities: readonly string[]
  readonly token: Secret
  readonly hello: FromProxy
}

export interface StreamHandlers {
  readonly onOpen: () => void
  readonly onMessage: (message: FromOperator) => void
  /** A line that could not be read; the stream goes on, for a newer operator may know more messages. */
  readonly onFault: (reason: string) => void
}

export class OperatorStream {
  readonly #request: StreamRequest
  readonly #handlers: StreamHandlers
  readonly #clock: Clock
  readonly #splitter = new LineSplitter(MAX_LINE_BYTES)
  readonly #ended = Promise.withResolvers<StreamEnd>()
  #session: ClientHttp2Session | null = null
  #stream: ClientHttp2Stream | null = null
  #cancelDeadline: () => void = () => {}
  #isOpen = false

  constructor(request: StreamRequest, handlers: StreamHandlers, clock: Clock) {
    this.#request = request
    this.#handlers = handlers
    this.#clock = clock
  }

  /** Dials and follows the stream; resolves when it has ended, for whatever reason. */
  run(): Promise<StreamEnd> {
    try {
      this.#dial()
    } catch (cause) {
      this.#end(sentence(cause))
    }
    return this.#ended.promise
  }

  send(message: FromProxy): void {
    if (this.#isOpen) this.#stream?.write(toLine(message))
  }

  /** For messages that the next one of their kind makes good: false when the operator is slow to read. */
  sendIfIdle(message: FromProxy): boolean {
    if (!this.#isOpen || (this.#stream?.writableLength ?? 0) > FULL_BUFFER_BYTES) return false
    this.send(message)
    return true
  }

  close(): void {
    this.#end('closed by the proxy')
  }

  #dial(): void {
    const { operatorUrl, authorities } = this.#request
    const minVersion = 'TLSv1.3' as const
    const options = { ca: [...authorities], minVersion, rejectUnauthorized: true, noDelay: true }
    const session = connect(operatorUrl, options)
    this.#session = session
    this.#setDeadline(CONNECT_TIMEOUT_MS, 'no connection')
    session.on('error', (cause) => this.#end(sentence(cause)))
    session.on('close', () => this.#end('the connection was closed'))
    session.on('connect', () => this.#setDeadline(ANSWER_TIMEOUT_MS, 'no answer'))
    this.#ask(session)
  }

  #ask(session: ClientHttp2Session): void {
    const stream = session.request(
      {
        ':method': 'POST',
        ':path': PUSH_PATH,
        'content-type': 'application/x-ndjson',
        authorization: `Bearer ${this.#request.token.reveal()}`,
        [sensitiveHeaders]: ['authorization'],
      },
      { endStream: false },
    )
    this.#stream = stream
    stream.on('error', (cause) => this.#end(sentence(cause)))
    stream.on('close', () => this.#end('the operator ended the stream'))
    stream.on('response', (headers) => {
      const status = Number(headers[constants.HTTP2_HEADER_STATUS])
      if (status === 200) this.#open(stream)
      else this.#readRefusal(stream, status)
    })
    stream.write(toLine(this.#request.hello))
  }

  #open(stream: ClientHttp2Stream): void {
    this.#isOpen = true
    this.#watch()
    stream.on('data', (chunk: Buffer) => this.#read(chunk))
    stream.on('end', () => this.#end('the operator ended the stream'))
    this.#handlers.onOpen()
  }

  #read(chunk: Buffer): void {
    this.#watch()
    const { lines, isTooLong } = this.#splitter.push(chunk)
    for (const line of lines) {
      const parsed = parseFromOperator(line)
      if (parsed.kind === 'message') this.#handlers.onMessage(parsed.message)
      else this.#handlers.onFault(parsed.reason)
    }
    if (isTooLong) this.#end(`a line was longer than ${MAX_LINE_BYTES} bytes`)
  }

  #readRefusal(stream: ClientHttp2Stream, status: number): void {
    const pieces: Buffer[] = []
    let heldBytes = 0
    stream.on('data', (piece: Buffer) => {
      heldBytes += piece.length
      if (heldBytes <= MAX_REFUSAL_BYTES) pieces.push(piece)
      else this.#end(`refused with status ${status}`)
    })
    stream.on('end', () => this.#finish({ kind: 'refused', ...toRefusal(Buffer.concat(pieces).toString(), status) }))
  }

  /** Any byte shows that the operator lives; heartbeats come often enough. */
  #watch(): void {
    this.#setDeadline(SILENCE_LIMIT_MS, 'silence')
  }

  #setDeadline(limitMs: number, what: string): void {
    this.#cancelDeadline()
    this.#cancelDeadline = this.#clock.after(limitMs, () => this.#end(`${what} for ${limitMs} ms`))
  }

  #end(reason: string): void {
    this.#finish({ kind: this.#isOpen ? 'closed' : 'failed', reason })
  }

  /** The first reason counts; what the torn-down sockets say afterwards does not. */
  #finish(end: StreamEnd): void {
    this.#cancelDeadline()
    this.#isOpen = false
    this.#ended.resolve(end)
    this.#session?.destroy()
  }
}

function toRefusal(text: string, status: number): { readonly code: string; readonly reason: string } {
  const fallback = { code: `status_${status}`, reason: `refused with status ${status}` }
  try {
    const body: unknown = JSON.parse(text)
    if (typeof body !== 'object' || body === null || !('code' in body) || !('message' in body)) return fallback
    if (typeof body.code !== 'string' || typeof body.message !== 'string') return fallback
    return { code: body.code, reason: body.message }
  } catch {
    return fallback
  }
}

function sentence(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
