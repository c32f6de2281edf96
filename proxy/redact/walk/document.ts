// What walker.ts finds in one JSON document: the places that are inspected, in order, and the documents that are
// written inside its strings. Offsets into the bytes; texts are read when they are inspected. Types, and one class.
import type { Buffer } from 'node:buffer'
import type { Span } from '../../exchange.ts'

export interface Segment {
  readonly document: JsonDocument
  /** A string with its quotes, or a number. */
  readonly span: Span
  /** Name: that of a member. Signed: inspected, but never changed. */
  readonly kind: 'text' | 'number' | 'name' | 'signed' | 'link'
  /** The name of the member whose value it is. */
  readonly label: string | null
  /** The text right before it that is read together with it; null: none. */
  joinsTo: Segment | null
}

export interface InnerDocument {
  readonly span: Span
  readonly document: JsonDocument
  /** What stands in the span for these bytes of the document. */
  readonly asWritten: (written: Buffer) => Buffer
}

export class JsonDocument {
  readonly bytes: Buffer
  /** Documents inside of strings of this one, by the string's place. */
  readonly inner: InnerDocument[] = []

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }
}

/** All segments of a document and of those inside of it, in the order of reading. */
export interface Walked {
  readonly kind: 'walked'
  readonly document: JsonDocument
  readonly segments: readonly Segment[]
  /** Parts that cannot be read: images, audio, base64. */
  readonly notInspected: number
  /** JSON is asked for as the answer's text. */
  readonly asksForJson: boolean
}
