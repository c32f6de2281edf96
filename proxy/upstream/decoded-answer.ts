// Between the connection and the call that waits for an answer (send.ts), where that answer must be read: it was asked
// for without content codings, and a provider that compresses all the same is decoded as it comes, at the reader's
// pace. Headers that describe the encoded bytes go with them. An answer without codings passes straight through.
//
//   HttpConnection -> ReadableAnswer -> (Decoder) -> UpstreamCall
import type { Buffer } from 'node:buffer'
import type { Dispatcher } from 'undici'
import { withoutByteHeaders } from '../encoding/byte-headers.ts'
import { readCodings } from '../encoding/codings.ts'
import { Decoder } from '../encoding/decoder.ts'

type Handler = Dispatcher.DispatchHandler
type Controller = Dispatcher.DispatchController
type Headers = Parameters<NonNullable<Handler['onResponseStart']>>[2]

/** The `code` of the error that a reader gets of an answer that cannot be decoded. */
export const DECODING_ERROR = 'MODELROUTE_ANSWER_NOT_DECODABLE'

export class ReadableAnswer implements Handler {
  readonly #reader: Handler
  #decoder: Decoder | null = null

  constructor(reader: Handler) {
    this.#reader = reader
  }

  onRequestStart(controller: Controller, context: unknown): void {
    this.#reader.onRequestStart?.(controller, context)
  }

  onResponseStart(controller: Controller, status: number, headers: Headers, text?: string): void {
    const codings = readCodings(headers['content-encoding'])
    // What cannot be decoded passes as it is: its header tells the reader that it cannot be read.
    if (status < 200 || codings === null || codings.length === 0) {
      return this.#reader.onResponseStart?.(controller, status, headers, text)
    }
    const decoder = new Decoder(codings, {
      write: (decoded) => this.#reader.onResponseData?.(pace, decoded),
      end: () => this.#reader.onResponseEnd?.(pace, {}),
      fail: () => this.#reader.onResponseError?.(pace, new NotDecodable()),
      drain: () => controller.resume(),
    })
    const pace = new Pace(controller, decoder)
    this.#decoder = decoder
    // From here on the reader paces the decoder, and the decoder the connection.
    this.#reader.onRequestStart?.(pace, null)
    this.#reader.onResponseStart?.(pace, status, withoutByteHeaders(headers), text)
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (this.#decoder === null) return this.#reader.onResponseData?.(controller, chunk)
    if (!this.#decoder.write(chunk)) controller.pause()
  }

  onResponseEnd(controller: Controller, trailers: Headers): void {
    if (this.#decoder === null) this.#reader.onResponseEnd?.(controller, trailers)
    else this.#decoder.end()
  }

  onResponseError(controller: Controller, error: Error): void {
    this.#decoder?.close()
    this.#reader.onResponseError?.(controller, error)
  }
}

class NotDecodable extends Error {
  readonly code = DECODING_ERROR
}

/** Pauses what is decoded; the connection is paused when the decoder is full. */
class Pace implements Controller {
  readonly #connection: Controller
  readonly #decoder: Decoder
  #isPaused = false

  constructor(connection: Controller, decoder: Decoder) {
    this.#connection = connection
    this.#decoder = decoder
  }

  get aborted(): boolean {
    return this.#connection.aborted
  }

  get paused(): boolean {
    return this.#isPaused
  }

  get reason(): Error | null {
    return this.#connection.reason
  }

  abort(reason: Error): void {
    this.#connection.abort(reason)
  }

  pause(): void {
    this.#isPaused = true
    this.#decoder.pause()
  }

  resume(): void {
    this.#isPaused = false
    this.#decoder.resume()
  }
}
