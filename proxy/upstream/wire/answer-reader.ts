// Reads one connection's answers from its bytes, at whatever boundaries they come (RFC 9112 sections 6 and 7). The
// bytes are in a buffer that is used again for the next read: what is handed on is a copy. Informational answers (1xx)
// are passed over. Knows nothing of sockets; http-connection.ts feeds it.
//
//   head -> (counted | until the connection closes | size -> chunk -> line end)* -> trailer -> head
import { Buffer } from 'node:buffer'
import { readAnswerHead, type AnswerHead, type HeaderNames } from './answer-head.ts'

/** As much as Node's own client takes. */
export const MAX_HEAD_BYTES = 16 * 1024
/** A chunk's extensions, and all trailers together; both are passed over. */
export const MAX_PASSED_OVER_BYTES = 16 * 1024
export const MAX_INFORMATIONAL = 32
const MAX_SIZE_DIGITS = 12

const HEAD_END = '\r\n\r\n'
const NO_BYTES = Buffer.alloc(0)
const CARRIAGE_RETURN = 13
const LINE_FEED = 10
const SEMICOLON = 59

export type ReadFault = 'not HTTP' | 'head too large' | 'closed' | 'unasked'

export interface AnswerParts {
  onHead(head: AnswerHead): void
  /** The receiver's to keep. */
  onBody(bytes: Buffer): void
  /** `isClean`: the connection can take the next request. */
  onEnd(isClean: boolean): void
  onFault(fault: ReadFault): void
}

type State =
  | 'idle'
  | 'head'
  | 'counted'
  | 'until close'
  | 'size'
  | 'size line'
  | 'chunk'
  | 'chunk end'
  | 'trailer'
  | 'over'

export class AnswerReader {
  readonly #names: HeaderNames
  readonly #parts: AnswerParts
  #state: State = 'idle'
  #head: Buffer = NO_BYTES
  #informational = 0
  #remaining = 0
  #digits = 0
  #passedOver = 0
  #lineLength = 0
  #lastByte = 0
  #isKeptAlive = false

  constructor(names: HeaderNames, parts: AnswerParts) {
    this.#names = names
    this.#parts = parts
  }

  /** A request has been sent. */
  expect(): void {
    this.#state = 'head'
    this.#informational = 0
  }

  /** Nothing more is handed on. */
  stop(): void {
    this.#state = 'over'
  }

  /** `bytes` may be written over as soon as this returns. */
  read(bytes: Buffer): void {
    let at = 0
    while (at < bytes.length && this.#state !== 'over') at = this.#step(bytes, at)
  }

  /** The provider has closed its side. */
  close(): void {
    const state = this.#state
    this.#state = 'over'
    if (state === 'until close') this.#parts.onEnd(false)
    else if (state !== 'over' && state !== 'idle') this.#parts.onFault('closed')
  }

  /** Reads on from `at`; returns where it stopped. */
  #step(bytes: Buffer, at: number): number {
    switch (this.#state) {
      case 'head':
        return this.#readHead(bytes, at)
      case 'counted':
      case 'chunk':
        return this.#readCounted(bytes, at)
      case 'until close':
        this.#parts.onBody(Buffer.from(bytes.subarray(at)))
        return bytes.length
      case 'size':
      case 'size line':
        return this.#readSize(bytes, at)
      case 'chunk end':
        return this.#readChunkEnd(bytes, at)
      case 'trailer':
        return this.#readTrailer(bytes, at)
      case 'idle':
        return this.#fail('unasked', bytes)
      case 'over':
        return bytes.length
    }
  }

  #readHead(bytes: Buffer, at: number): number {
    const heldBytes = this.#head.length
    // Most heads come whole, and are read where they lie.
    const front = heldBytes === 0 && at === 0 ? bytes : Buffer.concat([this.#head, bytes.subarray(at)])
    const text = front.toString('latin1', 0, MAX_HEAD_BYTES + HEAD_END.length)
    const end = text.indexOf(HEAD_END, Math.max(0, heldBytes - 3))
    if (end > MAX_HEAD_BYTES || (end === -1 && front.length > MAX_HEAD_BYTES))
      return this.#fail('head too large', bytes)
    if (end === -1) {
      this.#head = front === bytes ? Buffer.from(bytes) : front
      return bytes.length
    }
    this.#head = NO_BYTES
    const head = readAnswerHead(text.slice(0, end), this.#names)
    if (head === null || head.status === 101) return this.#fail('not HTTP', bytes)
    const next = at + end + HEAD_END.length - heldBytes
    if (head.status < 200) return this.#passInformational(bytes, next)
    this.#begin(head, next === bytes.length)
    return next
  }

  #passInformational(bytes: Buffer, next: number): number {
    this.#informational += 1
    return this.#informational > MAX_INFORMATIONAL ? this.#fail('not HTTP', bytes) : next
  }

  #begin(head: AnswerHead, isLast: boolean): void {
    const { framing } = head
    this.#isKeptAlive = head.isKeptAlive
    this.#digits = 0
    this.#remaining = 0
    if (framing === 'chunked') this.#state = 'size'
    else if (framing === 'close') this.#state = 'until close'
    else {
      this.#remaining = framing
      this.#state = 'counted'
    }
    this.#parts.onHead(head)
    if (this.#state === 'counted' && framing === 0) this.#end(isLast)
  }

  #readCounted(bytes: Buffer, at: number): number {
    const next = Math.min(bytes.length, at + this.#remaining)
    this.#remaining -= next - at
    const isChunk = this.#state === 'chunk'
    if (isChunk && this.#remaining === 0) this.#state = 'chunk end'
    this.#lastByte = 0
    this.#parts.onBody(Buffer.from(bytes.subarray(at, next)))
    if (!isChunk && this.#remaining === 0) this.#end(next === bytes.length)
    return next
  }

  /** The size in hexadecimal, then extensions that nobody reads, to the end of the line. */
  #readSize(bytes: Buffer, from: number): number {
    let at = from
    for (; at < bytes.length; at += 1) {
      const byte = bytes[at] ?? 0
      const isEnd = byte === LINE_FEED && this.#lastByte === CARRIAGE_RETURN
      const wasReturn = this.#lastByte === CARRIAGE_RETURN
      this.#lastByte = byte
      if (isEnd) return this.#endSize(bytes, at + 1)
      if (wasReturn || byte === LINE_FEED) return this.#fail('not HTTP', bytes)
      if (!this.#takeSizeByte(byte)) return this.#fail('not HTTP', bytes)
    }
    return at
  }

  #takeSizeByte(byte: number): boolean {
    const digit = this.#state === 'size' ? hexDigit(byte) : -1
    if (digit !== -1) {
      this.#remaining = this.#remaining * 16 + digit
      this.#digits += 1
      return this.#digits <= MAX_SIZE_DIGITS
    }
    if (this.#digits === 0) return false
    const isBlank = byte === 32 || byte === 9
    if (this.#state === 'size' && byte !== SEMICOLON && byte !== CARRIAGE_RETURN && !isBlank) return false
    this.#state = 'size line'
    this.#passedOver += 1
    return this.#passedOver <= MAX_PASSED_OVER_BYTES
  }

  #endSize(bytes: Buffer, next: number): number {
    if (this.#digits === 0) return this.#fail('not HTTP', bytes)
    this.#passedOver = 0
    this.#digits = 0
    this.#lastByte = 0
    this.#lineLength = 0
    this.#state = this.#remaining === 0 ? 'trailer' : 'chunk'
    return next
  }

  #readChunkEnd(bytes: Buffer, at: number): number {
    const byte = bytes[at] ?? 0
    if (byte === CARRIAGE_RETURN && this.#lastByte === 0) this.#lastByte = byte
    else if (byte === LINE_FEED && this.#lastByte === CARRIAGE_RETURN) {
      this.#lastByte = 0
      this.#state = 'size'
    } else return this.#fail('not HTTP', bytes)
    return at + 1
  }

  /** Lines up to an empty one. */
  #readTrailer(bytes: Buffer, from: number): number {
    for (let at = from; at < bytes.length; at += 1) {
      const byte = bytes[at] ?? 0
      const isReturned = this.#lastByte === CARRIAGE_RETURN
      this.#lastByte = byte
      this.#passedOver += 1
      if ((byte === LINE_FEED) !== isReturned || this.#passedOver > MAX_PASSED_OVER_BYTES)
        return this.#fail('not HTTP', bytes)
      if (byte === CARRIAGE_RETURN) continue
      if (byte !== LINE_FEED) {
        this.#lineLength += 1
        continue
      }
      if (this.#lineLength === 0) {
        this.#end(at + 1 === bytes.length)
        return at + 1
      }
      this.#lineLength = 0
    }
    return bytes.length
  }

  #end(isLast: boolean): void {
    if (this.#state === 'over') return
    const isClean = isLast && this.#isKeptAlive
    this.#state = isClean ? 'idle' : 'over'
    this.#passedOver = 0
    this.#lastByte = 0
    this.#parts.onEnd(isClean)
  }

  #fail(fault: ReadFault, bytes: Buffer): number {
    this.#state = 'over'
    this.#parts.onFault(fault)
    return bytes.length
  }
}

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48
  const lower = byte | 32
  return lower >= 97 && lower <= 102 ? lower - 87 : -1
}
