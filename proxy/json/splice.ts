// Replaces spans of a text's bytes and leaves every other byte as it came: unknown fields, key order, spacing and the
// spelling of numbers survive. Re-serialising would break provider prompt caches and signed blocks.
import { Buffer } from 'node:buffer'
import type { Span } from '../exchange.ts'

export interface Edit {
  readonly span: Span
  readonly text: Buffer
}

/** The same buffer when the span holds these bytes already. */
export function splice(bytes: Buffer, span: Span, replacement: Buffer): Buffer {
  if (bytes.compare(replacement, 0, replacement.length, span.start, span.end) === 0) return bytes
  const edited = Buffer.allocUnsafe(bytes.length - (span.end - span.start) + replacement.length)
  bytes.copy(edited, 0, 0, span.start)
  replacement.copy(edited, span.start)
  bytes.copy(edited, span.start + replacement.length, span.end)
  return edited
}

/** Several spans at once; they are in order and do not overlap. */
export function spliceAll(bytes: Buffer, edits: readonly Edit[]): Buffer {
  const [first] = edits
  if (first === undefined) return bytes
  if (edits.length === 1) return splice(bytes, first.span, first.text)
  const parts: Buffer[] = []
  let at = 0
  for (const { span, text } of edits) {
    parts.push(bytes.subarray(at, span.start), text)
    at = span.end
  }
  parts.push(bytes.subarray(at))
  return Buffer.concat(parts)
}
