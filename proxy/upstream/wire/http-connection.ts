// One connection to a provider, with one call at a time on it: HTTP/1.1 over the socket that undici's connector makes
// (TLS, sessions, address families, time to connect). In place of undici's Client, whose queue, parser and streams were
// a fifth of what a short call cost: docs/decisions has the figures. Handlers are undici's.
//
//   new -> connecting -> busy <-> idle -> closed
import type { Socket } from 'node:net'
import type { Dispatcher } from 'undici'
import errors from 'undici/lib/core/errors.js'
import type { AnswerHead } from './answer-head.ts'
import { AnswerReader, type AnswerParts, type ReadFault } from './answer-reader.ts'
import { requestBytes, type WireRequest } from './request-bytes.ts'
import type { Wire } from './wire.ts'

export interface HttpConnectionParts {
  readonly origin: string
  readonly wire: Wire
  /** Runs once. */
  readonly onClosed: () => void
}

export class HttpConnection implements AnswerParts {
  readonly #parts: HttpConnectionParts
  readonly #reader: AnswerReader
  #socket: Socket | null = null
  #isConnected = false
  #call: WireCall | null = null
  #closedBy: Error | null = null
  #keepAliveMs: number | null = null

  constructor(parts: HttpConnectionParts) {
    this.#parts = parts
    this.#reader = new AnswerReader(parts.wire.names, this)
  }

  /** The connection must be idle. Every end of the call comes to the handler, once. */
  dispatch(request: WireRequest, handler: Dispatcher.DispatchHandler): void {
    const call = new WireCall(this, handler)
    this.#call = call
    handler.onRequestStart?.(call, null)
    if (this.#closedBy !== null) return this.#settle(this.#closedBy)
    const bytes = requestBytes(request, hostOf(this.#parts.origin))
    if (bytes === null) return this.destroy(new errors.InvalidArgumentError('the request cannot be said in HTTP'))
    if (this.#isConnected) this.#write(bytes)
    else this.#connect(bytes)
  }

  /** Closes at once; the call under way ends with this error. */
  destroy(error: Error): void {
    this.#close(error)
    this.#settle(error)
  }

  /** What the socket has read; the bytes are valid until this returns. A fault of the handler's ends its call. */
  receive(bytes: Buffer): void {
    try {
      this.#reader.read(bytes)
    } catch (error) {
      this.destroy(error instanceof Error ? error : new Error(String(error)))
    }
  }

  /** Of this call's pace only: a call that has ended must not hold or release the next one's bytes. */
  setPace(call: WireCall, isPaused: boolean): void {
    if (call !== this.#call) return
    if (isPaused) this.#socket?.pause()
    else this.#socket?.resume()
  }

  onHead({ status, headers }: AnswerHead): void {
    const call = this.#call
    if (headers['keep-alive'] !== undefined) this.#keepAliveMs = keepAliveOf(headers['keep-alive'])
    if (call !== null) call.handler.onResponseStart?.(call, status, headers)
  }

  onBody(bytes: Buffer): void {
    const call = this.#call
    if (call !== null) call.handler.onResponseData?.(call, bytes)
  }

  onEnd(isClean: boolean): void {
    const call = this.#call
    this.#call = null
    // A provider that answers before it has read the whole request would take its rest for the next one.
    if (!isClean || this.#socket?.writableLength !== 0) this.#close(new errors.SocketError('no call can follow'))
    else if (call?.paused === true) this.#socket.resume()
    call?.handler.onResponseEnd?.(call, {})
  }

  onFault(fault: ReadFault): void {
    this.destroy(toError(fault))
  }

  #connect(bytes: readonly Buffer[]): void {
    const { origin, wire } = this.#parts
    const socket = wire.connect(origin, this, (error) => {
      if (error !== null) return this.destroy(error)
      if (this.#closedBy !== null) return
      this.#isConnected = true
      this.#write(bytes)
    })
    this.#socket = socket
    socket.on('error', (error) => this.destroy(error))
    socket.on('end', () => this.#ended())
    socket.on('close', () => this.#ended())
  }

  #ended(): void {
    this.#reader.close()
    this.destroy(new errors.SocketError('other side closed'))
  }

  #write([head, body]: readonly Buffer[]): void {
    const socket = this.#socket
    if (socket === null || head === undefined) return
    this.#reader.expect()
    if (body === undefined) return void socket.write(head)
    socket.cork()
    socket.write(head)
    socket.write(body)
    socket.uncork()
  }

  #close(error: Error): void {
    if (this.#closedBy !== null) return
    this.#closedBy = error
    this.#reader.stop()
    this.#socket?.destroy()
    this.#parts.onClosed()
  }

  #settle(error: Error): void {
    const call = this.#call
    this.#call = null
    call?.handler.onResponseError?.(call, error)
  }

  get closedBy(): Error | null {
    return this.#closedBy
  }

  /** How long the provider says that it keeps the connection while nothing is sent; null: it does not say. */
  get keepAliveMs(): number | null {
    return this.#keepAliveMs
  }
}

/** What a handler holds of its call. */
class WireCall implements Dispatcher.DispatchController {
  readonly handler: Dispatcher.DispatchHandler
  readonly #connection: HttpConnection
  #isPaused = false

  constructor(connection: HttpConnection, handler: Dispatcher.DispatchHandler) {
    this.#connection = connection
    this.handler = handler
  }

  get aborted(): boolean {
    return this.#connection.closedBy !== null
  }

  get paused(): boolean {
    return this.#isPaused
  }

  get reason(): Error | null {
    return this.#connection.closedBy
  }

  abort(reason: Error): void {
    this.#connection.destroy(reason)
  }

  pause(): void {
    this.#isPaused = true
    this.#connection.setPace(this, true)
  }

  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    this.#connection.setPace(this, false)
  }
}

/** RFC 9112 section 3.2: host and port as in the URL, without the default port, which an origin leaves out. */
function hostOf(origin: string): string {
  return origin.slice(origin.indexOf('//') + 2)
}

/** `timeout=5, max=100`: seconds. */
function keepAliveOf(value: string | string[]): number | null {
  const seconds = /(?:^|,)\s*timeout=(\d{1,9})\s*(?:,|$)/i.exec(String(value))?.[1]
  return seconds === undefined ? null : Number(seconds) * 1000
}

function toError(fault: ReadFault): Error {
  switch (fault) {
    case 'not HTTP':
    case 'unasked':
      return new errors.HTTPParserError('the answer is not valid HTTP', 'INVALID_ANSWER')
    case 'head too large':
      return new errors.HeadersOverflowError()
    case 'closed':
      return new errors.SocketError('other side closed')
  }
}
