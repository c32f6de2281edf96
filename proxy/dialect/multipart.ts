// The parts of a multipart/form-data body (RFC 7578, RFC 2046 section 5.1) as offsets into it. Strict: what two parsers
// could read in two ways is a fault, since whoever looks for text in the parts must see what the provider will see.
// Nothing is copied and no part is decoded.
import type { Buffer } from 'node:buffer'
import type { Span } from '../exchange.ts'

export const MAX_FORM_PARTS = 1000
/** Of one part. */
export const MAX_PART_HEADER_BYTES = 8 * 1024

export interface FormPart {
  readonly name: string
  /** What the caller called its files, without quotes; more than one spelling may be there. */
  readonly fileNames: readonly Span[]
  /** In lower case, without parameters; empty where the part does not say. */
  readonly mediaType: string
  readonly content: Span
}

export interface Form {
  readonly kind: 'form'
  readonly parts: readonly FormPart[]
}

/** `sentence` names no text of the body. */
export interface FormFault {
  readonly kind: 'fault'
  readonly sentence: string
}

const FORM_TYPE = /^multipart\/form-data\s*;/i
const BOUNDARY =
  /^multipart\/form-data\s*;\s*boundary=(?:"([0-9A-Za-z'()+_,./:=?-]{1,70})"|([0-9A-Za-z'()+_,./:=?-]{1,70}))\s*$/i
const DISPOSITION = /^form-data((?:\s*;\s*[a-z*]{1,16}=(?:"(?:[^"\\]|\\.)*"|[^\s;"]+))+)\s*$/i
const PARAMETER = /;\s*([a-z*]{1,16})=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))/dgi
const PART_TYPE = /^([\w.+-]{1,80}\/[\w.+-]{1,80})(?:\s*;\s*charset="?(?:utf-8|us-ascii)"?)?\s*$/i
const TRANSFER = /^(?:7bit|8bit|binary)$/i
const LENGTH = /^\d{1,12}$/

export function isForm(contentType: string): boolean {
  return FORM_TYPE.test(contentType)
}

/** Null: it is no form, or one whose boundary cannot be told for sure. */
export function boundaryOf(contentType: string): string | null {
  const [, quoted, bare] = BOUNDARY.exec(contentType) ?? []
  return quoted ?? bare ?? null
}

export function readForm(body: Buffer, contentType: string): Form | FormFault {
  const boundary = boundaryOf(contentType)
  if (boundary === null) return fault('its content-type has no boundary that can be told for sure')
  const parts: FormPart[] = []
  let at = `--${boundary}`.length
  if (body.toString('latin1', 0, at) !== `--${boundary}`) return fault('it does not begin with its boundary')
  for (;;) {
    const mark = body.toString('latin1', at, at + 2)
    if (mark === '--') return isEnd(body, at + 2) ? { kind: 'form', parts } : fault('something stands behind its end')
    if (mark !== '\r\n') return fault('a boundary of it is not a line of its own')
    if (parts.length === MAX_FORM_PARTS) return fault(`it has more than ${MAX_FORM_PARTS} parts`)
    const part = readPart(body, at + 2, `\r\n--${boundary}`)
    if ('kind' in part) return part
    parts.push(part)
    at = part.content.end + boundary.length + 4
  }
}

function isEnd(body: Buffer, at: number): boolean {
  return at === body.length || (at + 2 === body.length && body.toString('latin1', at) === '\r\n')
}

function readPart(body: Buffer, start: number, delimiter: string): FormPart | FormFault {
  const headerEnd = body.subarray(start, start + MAX_PART_HEADER_BYTES).indexOf('\r\n\r\n')
  if (headerEnd === -1) return fault('the headers of a part have no end')
  const content = { start: start + headerEnd + 4, end: body.indexOf(delimiter, start + headerEnd + 2) }
  if (content.end === -1) return fault('its last part has no end')
  // A part without content: the empty line is the delimiter's own line end.
  if (content.end < content.start) return fault('a part has no content')
  return readHeaders(body, { start, end: start + headerEnd }, content)
}

interface Head {
  name: string | null
  fileNames: readonly Span[]
  mediaType: string
}

function readHeaders(body: Buffer, span: Span, content: Span): FormPart | FormFault {
  const head: Head = { name: null, fileNames: [], mediaType: '' }
  const seen = new Set<string>()
  let at = span.start
  for (const line of body.toString('latin1', span.start, span.end).split('\r\n')) {
    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(0, colon)).toLowerCase()
    const value = line.slice(colon + 1).trimStart()
    const isRead = !seen.has(name) && readHeader(head, { name, value, valueAt: at + line.length - value.length })
    if (!isRead) return fault('a part has a header that is not known, twice, or badly written')
    seen.add(name)
    at += line.length + 2
  }
  if (head.name === null) return fault('a part has no name')
  return { ...head, name: head.name, content }
}

interface HeaderLine {
  readonly name: string
  readonly value: string
  readonly valueAt: number
}

function readHeader(head: Head, { name, value, valueAt }: HeaderLine): boolean {
  switch (name) {
    case 'content-disposition':
      return readDisposition(head, value, valueAt)
    case 'content-type':
      head.mediaType = PART_TYPE.exec(value)?.[1]?.toLowerCase() ?? ''
      return head.mediaType !== ''
    case 'content-transfer-encoding':
      return TRANSFER.test(value)
    case 'content-length':
      return LENGTH.test(value)
    default:
      return false
  }
}

function readDisposition(head: Head, value: string, valueAt: number): boolean {
  const parameters = DISPOSITION.exec(value)?.[1]
  if (parameters === undefined) return false
  const from = valueAt + value.indexOf(parameters)
  const fileNames: Span[] = []
  const seen = new Set<string>()
  for (const match of parameters.matchAll(PARAMETER)) {
    const key = (match[1] ?? '').toLowerCase()
    const [start, end] = match.indices?.[2] ?? match.indices?.[3] ?? [0, 0]
    if (seen.has(key)) return false
    seen.add(key)
    if (key === 'name') head.name = match[2] ?? match[3] ?? null
    else if (key === 'filename' || key === 'filename*') fileNames.push({ start: from + start, end: from + end })
    else return false
  }
  head.fileNames = fileNames
  return true
}

function fault(sentence: string): FormFault {
  return { kind: 'fault', sentence }
}
