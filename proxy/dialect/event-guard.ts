// Between a provider's stream of events and the caller: passes the bytes on as they come and sees to it that the stream
// never ends in silence. A stream that is cut, or that ends without the format's last event, gets one error event
// in the caller's dialect instead.
//
//   AnswerStream (provider) -> EventGuard -> BodySink (caller)
//
// Bytes of an event that is not complete are held back until it is, so that the error event never lands inside
// another. In the common case a chunk ends with an event and nothing is searched, copied or held.
import { Buffer } from 'node:buffer'
import { failure, type Failure } from '../errors.ts'
import type { AnswerStream } from '../exchange.ts'
import { Relay } from '../relay.ts'
import type { StreamFormat } from './stream-format.ts'

/** An incomplete event longer than this is passed on in parts. */
export const MAX_HELD_BYTES = 64 * 1024
/** The end of such a part stays here, so that the line ends that close an event are seen together. */
const LINE_ENDS_BYTES = 3

export class EventGuard extends Relay {
  readonly #format: StreamFormat
  #held: Buffer | null = null
  #last: Buffer | null = null
  #isInsideEvent = false
  #isInsideLastEvent = false
  #sawEnd = false

  constructor(source: AnswerStream, format: StreamFormat) {
    super(source)
    this.#format = format
  }

  write(chunk: Buffer): boolean {
    if (chunk.length === 0) return true
    const bytes = this.#held === null ? chunk : Buffer.concat([this.#held, chunk])
    const { framing } = this.#format
    // Inside of an element, depth is unknown: what cannot be ended by a break cannot be found again either.
    const isLost = this.#isInsideEvent && framing.eventBreak === null
    const eventsEnd = isLost ? 0 : framing.endOfLastEvent(bytes)
    if (eventsEnd === bytes.length) {
      this.#held = null
      return this.#pass(bytes)
    }
    if (bytes.length - eventsEnd > MAX_HELD_BYTES || (this.#isInsideEvent && eventsEnd === 0)) {
      return this.#passPart(bytes, eventsEnd)
    }
    this.#held = bytes.subarray(eventsEnd)
    return eventsEnd === 0 || this.#pass(bytes.subarray(0, eventsEnd))
  }

  end(fault: Failure | null): void {
    const rest = this.#held
    // An event without its blank line counts when it is the last one.
    const hasEnded =
      this.#sawEnd ||
      this.#isInsideLastEvent ||
      this.#format.endsWithBody ||
      (rest !== null && this.#format.endsStream(rest)) ||
      this.#lastHoldsEnd()
    if (!hasEnded)
      return this.cut(fault ?? failure('stream_cut', 'The provider ended the stream before its last event.'))
    if (rest !== null) this.#pass(rest)
    this.sink?.end(fault)
  }

  override cut(fault: Failure): void {
    const { framing } = this.#format
    const isTold = this.#last !== null && this.#format.endsWithError(this.#last)
    if (isTold || fault.code === 'caller_gone') return this.sink?.end(fault)
    if (this.#isInsideEvent) {
      if (framing.eventBreak === null) return this.sink?.cut(fault)
      this.sink?.write(Buffer.from(framing.eventBreak))
    }
    this.sink?.write(this.#format.errorEvent(fault, this.#last))
    this.sink?.end(fault)
  }

  #lastHoldsEnd(): boolean {
    return this.#last !== null && this.#format.holdsLastEvent(this.#last)
  }

  /** Whole events. */
  #pass(bytes: Buffer): boolean {
    this.#last = bytes
    if (this.#isInsideLastEvent || this.#format.endsStream(bytes)) this.#sawEnd = true
    this.#isInsideEvent = false
    this.#isInsideLastEvent = false
    return this.sink?.write(bytes) ?? true
  }

  /** Whole events, and the beginning of one, or more of one, that is too long to be held. */
  #passPart(bytes: Buffer, eventsEnd: number): boolean {
    let isReady = eventsEnd === 0 || this.#pass(bytes.subarray(0, eventsEnd))
    const rest = bytes.subarray(eventsEnd)
    const part = rest.subarray(0, Math.max(0, rest.length - LINE_ENDS_BYTES))
    this.#held = rest.subarray(part.length)
    if (!this.#isInsideEvent) this.#isInsideLastEvent = this.#format.beginsLastEvent(part)
    this.#isInsideEvent = true
    if (part.length === 0) return isReady
    this.#last = part
    isReady = this.sink?.write(part) ?? true
    return isReady
  }
}
