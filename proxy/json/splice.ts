// Replaces one span of a text's bytes and leaves every other byte as it came: unknown fields, key order, spacing and
// the spelling of numbers survive. Re-serialising would break provider prompt caches and signed blocks.
import { Buffer } from 'node:buffer'
import type { Span } from '../exchange.ts'

/** The same buffer when the span holds these bytes already. */
export function splice(bytes: Buffer, span: Span, replacement: Buffer): Buffer {
  if (bytes.compare(replacement, 0, replacement.length, span.start, span.end) === 0) return bytes
  const edited = Buffer.allocUnsafe(bytes.length - (span.end - span.start) + replacement.length)
  bytes.copy(edited, 0, 0, span.start)
  replacement.copy(edited, span.start)
  bytes.copy(edited, span.start + replacement.length, span.end)
  return edited
}
