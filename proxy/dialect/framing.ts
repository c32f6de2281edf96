// What the incremental stream readers (sse.ts, ndjson.ts, json-array.ts) have in common: bytes in as they come, whole
// events out, no string until somebody asks for text, and a bound on the size of one event.
import type { Buffer } from 'node:buffer'

/** An event larger than this ends the reading. Whole images as base64 fit. */
export const MAX_EVENT_BYTES = 8 * 1024 * 1024

export interface SourceEvent {
  /** The event's type where the framing has one (`event:` of SSE). */
  readonly name: string | null
  /** A slice of the stream's bytes; valid for as long as it is referenced. */
  readonly data: Buffer
}

export interface FramingFault {
  readonly code: 'event_too_large' | 'not_an_array'
  readonly message: string
}

export interface FramingReader {
  /** Set once the stream cannot be read any further; nothing comes out after that. */
  readonly fault: FramingFault | null
  push(chunk: Buffer): readonly SourceEvent[]
  /** The stream has ended: what an unterminated tail still amounts to. */
  end(): readonly SourceEvent[]
}

export function eventTooLarge(limitBytes: number): FramingFault {
  return { code: 'event_too_large', message: `One event of the stream is larger than ${limitBytes} bytes.` }
}
