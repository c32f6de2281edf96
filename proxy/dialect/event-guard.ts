// Between a provider's event stream and the caller: passes the bytes on as they come and sees to it that the stream
// never ends in silence. A stream that is cut, or that ends without the format's last event, gets one error event
// in the caller's dialect instead.
//
//   AnswerStream (provider) -> EventGuard -> BodySink (caller)
//
// Bytes of an event that is not complete are held back until it is, so that the error event never lands inside
// another. In the common case a chunk ends with an event and nothing is searched, copied or held.
import { Buffer } from 'node:buffer'
import { failure, type Failure } from '../errors.ts'
import type { AnswerStream, BodySink } from '../exchange.ts'
import type { Dialect } from './dialect.ts'

/** An incomplete event longer than this is passed on in parts. */
export const MAX_HELD_BYTES = 64 * 1024

const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d

export class EventGuard implements AnswerStream, BodySink {
  readonly #source: AnswerStream
  readonly #dialect: Dialect
  #sink: BodySink | null = null
  #held: Buffer | null = null
  #last: Buffer | null = null
  #isInsideEvent = false
  #sawEnd = false

  constructor(source: AnswerStream, dialect: Dialect) {
    this.#source = source
    this.#dialect = dialect
  }

  start(sink: BodySink): void {
    this.#sink = sink
    this.#source.start(this)
  }

  resume(): void {
    this.#source.resume()
  }

  abandon(): void {
    this.#source.abandon()
  }

  write(chunk: Buffer): boolean {
    const bytes = this.#held === null ? chunk : Buffer.concat([this.#held, chunk])
    const eventsEnd = endOfLastEvent(bytes)
    if (eventsEnd === bytes.length) {
      this.#held = null
      return this.#pass(bytes)
    }
    if (bytes.length - eventsEnd > MAX_HELD_BYTES) {
      this.#held = null
      const isReady = this.#pass(bytes)
      this.#isInsideEvent = true
      return isReady
    }
    this.#held = bytes.subarray(eventsEnd)
    return eventsEnd === 0 || this.#pass(bytes.subarray(0, eventsEnd))
  }

  end(fault: Failure | null): void {
    const rest = this.#held
    // An event without its blank line counts when it is the last one.
    const hasEnded = this.#sawEnd || (rest !== null && this.#dialect.endsStream(rest)) || this.#lastHoldsEnd()
    if (!hasEnded)
      return this.cut(fault ?? failure('stream_cut', 'The provider ended the stream before its last event.'))
    if (rest !== null) this.#pass(rest)
    this.#sink?.end(fault)
  }

  cut(fault: Failure): void {
    const isTold = this.#last !== null && this.#dialect.endsWithError(this.#last)
    if (!isTold && fault.code !== 'caller_gone') {
      if (this.#isInsideEvent) this.#sink?.write(Buffer.from('\n\n'))
      this.#sink?.write(this.#dialect.errorEvent(fault))
    }
    this.#sink?.end(fault)
  }

  #lastHoldsEnd(): boolean {
    return this.#last !== null && this.#dialect.holdsLastEvent(this.#last)
  }

  #pass(bytes: Buffer): boolean {
    this.#last = bytes
    this.#isInsideEvent = false
    if (this.#dialect.endsStream(bytes)) this.#sawEnd = true
    return this.#sink?.write(bytes) ?? true
  }
}

/** The offset after the last blank line (WHATWG HTML, server-sent events: lines end with LF, CR or CRLF); 0: none. */
export function endOfLastEvent(bytes: Buffer): number {
  const { length } = bytes
  if (bytes[length - 1] === LINE_FEED && bytes[length - 2] === LINE_FEED) return length
  for (let at = length - 1; at > 0; at -= 1) {
    const byte = bytes[at]
    if (byte !== LINE_FEED && byte !== CARRIAGE_RETURN) continue
    if (isBlankLineEnd(bytes, at)) return at + 1
  }
  return 0
}

/** Whether the line end at `at` closes an empty line. */
function isBlankLineEnd(bytes: Buffer, at: number): boolean {
  const previous = bytes[at - 1]
  if (bytes[at] === CARRIAGE_RETURN) {
    // The first half of a CRLF is not an end yet; a CR after a CR or LF at the end of a chunk may be just that.
    return (
      (previous === CARRIAGE_RETURN || previous === LINE_FEED) && at + 1 < bytes.length && bytes[at + 1] !== LINE_FEED
    )
  }
  if (previous === LINE_FEED) return true
  const beforePrevious = bytes[at - 2]
  return previous === CARRIAGE_RETURN && (beforePrevious === LINE_FEED || beforePrevious === CARRIAGE_RETURN)
}
