// Reads a form (multipart/form-data) by the fields that its operation has: each text is inspected as if it stood in a
// JSON document of its own, names of files are texts too, and files are counted as not inspected. A file that is text
// is read like one. Offsets lead back into the form, so that everything else in it stays as it came.
import { Buffer, isUtf8 } from 'node:buffer'
import { readForm, type FormPart } from '../../dialect/multipart.ts'
import { failure, type Failure } from '../../errors.ts'
import type { Span } from '../../exchange.ts'
import { JsonDocument, type Segment, type Walked } from './document.ts'
import type { FormShape } from './openai-other.ts'
import { TEXT, type Shape } from './shape.ts'
import { walkInto } from './walker.ts'

const NUL = 0
/** Providers tell the format of a file by these; they stay. No address ends with one. */
const EXTENSION = /\.(?:flac|m4a|mp3|mp4|mpeg|mpga|oga|ogg|opus|wav|webm|png|jpe?g|webp|gif|txt)$/i
const LONGEST_EXTENSION = 5

interface Found {
  readonly document: JsonDocument
  readonly segments: Segment[]
  notInspected: number
}

export function walkForm(bytes: Buffer, contentType: string, fields: FormShape): Walked | Failure {
  const form = readForm(bytes, contentType)
  if (form.kind === 'fault')
    return failure('body_not_maskable', `The request body is a form, and ${form.sentence}; this rule masks.`)
  const found: Found = { document: new JsonDocument(bytes), segments: [], notInspected: 0 }
  for (const part of form.parts) {
    const fault = readPart(part, fields, found)
    if (fault !== null) return fault
  }
  return { kind: 'walked', ...found, asksForJson: false }
}

function readPart({ name, fileNames, content }: FormPart, fields: FormShape, found: Found): Failure | null {
  const shape = Object.hasOwn(fields, name) ? fields[name] : undefined
  if (shape === undefined) return failure('part_not_maskable', 'A field of the form is not known; this rule masks.')
  for (const span of fileNames) {
    const fault = readText(withoutExtension(found.document.bytes, span), { shape: TEXT, label: 'filename' }, found)
    if (fault !== null) return fault
  }
  if (shape.text === 'media' && !isText(found.document.bytes, content)) {
    if (content.end > content.start) found.notInspected += 1
    return null
  }
  return readText(content, { shape: shape.text === 'media' ? TEXT : shape, label: name }, found)
}

function withoutExtension(bytes: Buffer, { start, end }: Span): Span {
  const from = Math.max(start, end - LONGEST_EXTENSION)
  const at = bytes.toString('latin1', from, end).search(EXTENSION)
  return { start, end: at === -1 ? end : from + at }
}

/** Files that nobody would call text hold a NUL or bytes that are no UTF-8. */
function isText(bytes: Buffer, { start, end }: Span): boolean {
  const content = bytes.subarray(start, end)
  return !content.includes(NUL) && isUtf8(content)
}

interface Reading {
  readonly shape: Shape
  readonly label: string
}

function readText(span: Span, { shape, label }: Reading, found: Found): Failure | null {
  const bytes = found.document.bytes.subarray(span.start, span.end)
  if (!isUtf8(bytes)) return failure('body_not_maskable', 'A text of the form is not valid UTF-8; this rule masks.')
  const document = new JsonDocument(Buffer.from(JSON.stringify(bytes.toString('utf8'))))
  found.document.inner.push({ span, document, asWritten: textOfString })
  const walked = walkInto(document, shape, label)
  if (walked.kind === 'failure') return walked
  for (const segment of walked.segments) found.segments.push(segment)
  found.notInspected += walked.notInspected
  return null
}

/** A string of JSON as the text that it says. */
function textOfString(written: Buffer): Buffer {
  const text: unknown = JSON.parse(written.toString('utf8'))
  return Buffer.from(String(text))
}
