// The body of a passed-through request: streamed on as it comes, at the provider's pace, and kept while it is short, so
// that it can be sent once more when the connection turns out to have been dead. An upload that stands still, although
// the provider would take more, is given up.
//
//   request -> PassedBody -> open(), start() -> http-proxy
import type { Buffer } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { PassThrough, type Readable } from 'node:stream'
import type { Upload, UploadWatch } from '../upload-watch.ts'

/** Bodies up to this can be sent again. */
export const MAX_REPLAY_BYTES = 64 * 1024

export class PassedBody {
  readonly #request: IncomingMessage
  readonly #uploads: UploadWatch
  #upload: Upload
  /** What came so far; null: too much to be kept. */
  #kept: Buffer[] | null = []
  #keptBytes = 0
  #isWhole = false
  #isListening = false
  #way: PassThrough | null = null

  constructor(request: IncomingMessage, uploads: UploadWatch, onStill: () => void) {
    this.#request = request
    this.#uploads = uploads
    this.#upload = this.#watch(onStill)
    request.once('close', () => uploads.remove(this.#upload))
  }

  /** Whether open() gives the body from its first byte on. */
  get canReplay(): boolean {
    return this.#kept !== null
  }

  /** The body for one attempt, empty until start(); the one before gets nothing more. Again only while canReplay. */
  open(): Readable {
    this.#request.pause()
    this.#way?.destroy()
    this.#way = new PassThrough()
    this.#way.on('drain', () => this.#request.resume())
    return this.#way
  }

  /** Not before the head of the request is complete: its first byte sends the head. */
  start(): void {
    for (const chunk of this.#kept ?? []) this.#way?.write(chunk)
    if (this.#isWhole) this.#way?.end()
    if (!this.#isListening) this.#listen()
    this.#request.resume()
  }

  /** Nobody wants the rest: it is taken from the caller, who would not read an answer before it is rid of it. */
  discard(): void {
    this.#way = null
    this.#kept = null
    this.#uploads.remove(this.#upload)
    this.#request.resume()
  }

  #listen(): void {
    this.#isListening = true
    this.#request.on('data', (chunk: Buffer) => this.#take(chunk))
    this.#request.once('end', () => {
      this.#isWhole = true
      this.#uploads.remove(this.#upload)
      this.#way?.end()
    })
  }

  #take(chunk: Buffer): void {
    this.#upload.isMoving = true
    this.#keptBytes += chunk.length
    if (this.#keptBytes <= MAX_REPLAY_BYTES) this.#kept?.push(chunk)
    else this.#kept = null
    if (this.#way?.write(chunk) === false) this.#request.pause()
  }

  /** A caller that is held back by the provider does not stand still. */
  #watch(onStill: () => void): Upload {
    return this.#uploads.add(() => {
      if (this.#request.isPaused()) this.#upload = this.#watch(onStill)
      else onStill()
    })
  }
}
