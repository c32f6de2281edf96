// How one wire format tells an answer event by event: how its last event and its own error events are known, and how an
// error is told in it. Found by looking at bytes: nothing is parsed on the way of a stream that is passed through.
import type { Buffer } from 'node:buffer'
import type { Failure } from '../errors.ts'
import type { Framing } from './stream-framing.ts'

export interface StreamFormat {
  readonly name: 'openai-chat' | 'openai-responses' | 'anthropic' | 'gemini-sse' | 'gemini-array' | 'ollama' | 'prompt'
  readonly framing: Framing
  /** True where the end of the body is the end of the answer, and no event says so. */
  readonly endsWithBody: boolean
  /** Whether these whole events end with the format's last one. Asked for every chunk: must be cheap. */
  endsStream(events: Buffer): boolean
  /** Whether the event that starts with these bytes is the last one. Asked for events too long to be held. */
  beginsLastEvent(start: Buffer): boolean
  /** Like endsStream, with anything after the last event (a comment, say). Asked once, when a stream ends. */
  holdsLastEvent(events: Buffer): boolean
  /** Whether these bytes end with an error event of the provider's own. Asked once, when a stream breaks. */
  endsWithError(events: Buffer): boolean
  /** One whole event that tells the stream's reader of a failure. `last`: what came before it; null: nothing. */
  errorEvent(failure: Failure, last: Buffer | null): Buffer
}

/** The end of long bytes, as text for patterns. */
export function endOf(bytes: Buffer, sizeBytes: number): string {
  return bytes.toString('latin1', Math.max(0, bytes.length - sizeBytes))
}

/** The same bytes without the line ends and spaces after them: where they end. */
export function endOfText(bytes: Buffer): number {
  let end = bytes.length
  while (end > 0 && isSpace(bytes[end - 1])) end -= 1
  return end
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x0a || byte === 0x0d || byte === 0x20 || byte === 0x09
}
