// Reads a request's body by its shape (shape.ts) and lists what is to be inspected. One pass over the bytes, which the
// dialect has found to be one JSON object; nothing is built but offsets and the names of members.
//
// Refused here: members twice in one object (which one counts differs between parsers), kinds of parts that no table
// knows, state that the provider holds, texts as token numbers.
import { Buffer, isUtf8 } from 'node:buffer'
import { failure, type ErrorCode, type Failure } from '../../errors.ts'
import type { Span } from '../../exchange.ts'
import { readString, scanMembers, scanObject } from '../../json/scan.ts'
import { JsonDocument, type Segment, type Walked } from './document.ts'
import { endOfNumber, endOfString, endOfWord, isLongNumber, skipSpace } from './bytes.ts'
import { folded, Names } from './names.ts'
import { isBase64, isHeldFile, isProtocolWord, payloadOfLink } from './unread.ts'
import { FREE, type Shape } from './shape.ts'

/** Places that are inspected in one body; more is a failure of masking. */
export const MAX_SEGMENTS = 500_000
/** Values within values; the scanners of bodies allow fewer. */
export const MAX_WALKED_DEPTH = 1_000
const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const BACKSLASH = 0x5c
const JSON_WANTED = /json|"properties"|"schema"|"\$ref"/

export function walkBody(bytes: Buffer, shape: Shape): Walked | Failure {
  if (!isUtf8(bytes)) return failure('body_not_maskable', 'The request body is not valid UTF-8.')
  return walkInto(new JsonDocument(bytes), shape, null)
}

/** One document whose bytes are known to be well formed; `label` names what it stands for as a whole. */
export function walkInto(document: JsonDocument, shape: Shape, label: string | null): Walked | Failure {
  const found: Found = { segments: [], notInspected: 0, asksForJson: false, fault: null }
  new Walker(document, found).value(shape, label)
  return found.fault ?? { kind: 'walked', document, ...found }
}

interface Found {
  readonly segments: Segment[]
  notInspected: number
  asksForJson: boolean
  fault: Failure | null
}

class Walker {
  readonly #document: JsonDocument
  readonly #bytes: Buffer
  readonly #found: Found
  /** Names from the tables, for sentences. */
  readonly #path: string[] = []
  #at = 0
  #depth = 0

  constructor(document: JsonDocument, found: Found) {
    this.#document = document
    this.#bytes = document.bytes
    this.#found = found
  }

  value(shape: Shape, label: string | null): void {
    this.#at = skipSpace(this.#bytes, this.#at)
    const start = this.#at
    if (shape.refusal !== null && !this.#isNothing()) return this.#refuse(shape.refusal)
    const byte = this.#bytes[start]
    if (this.#depth >= MAX_WALKED_DEPTH) return this.#fail('body_not_maskable', 'The body is nested too deep')
    this.#depth += 1
    if (byte === QUOTE) this.#string(shape, label)
    else if (byte === OPEN_BRACE) this.#object(shapeOfKind(shape, this))
    else if (byte === OPEN_BRACKET) this.#array(shape, label)
    else this.#scalar(shape, label)
    this.#depth -= 1
    if (shape.asksForJson && JSON_WANTED.test(this.#bytes.toString('latin1', start, this.#at))) {
      this.#found.asksForJson = true
    }
  }

  /** The shape of the object that begins here by what it says it is; null: it was refused. */
  kindOf(shape: Shape): Shape | null {
    const { kinds } = shape
    if (kinds === null) return shape
    const [span] = scanMembers(this.#bytes, { start: this.#at, end: this.#bytes.length }, [kinds.tag]) ?? []
    if (span === undefined) {
      if (kinds.untagged !== null) return kinds.untagged
      this.#fail('part_not_maskable', `A part at ${this.#place()} does not tell its "${kinds.tag}"`)
      return null
    }
    const told = readString(this.#bytes, span) ?? this.#bytes.toString('latin1', span.start, span.end)
    const known = kinds.shapes.get(told)
    if (known === undefined)
      this.#fail('part_not_maskable', `A part at ${this.#place()} is of a kind that is not known`)
    return known ?? null
  }

  #object(shape: Shape | null): void {
    if (shape === null) return
    const names = new Names()
    this.#at += 1
    for (;;) {
      this.#at = skipSpace(this.#bytes, this.#at)
      const byte = this.#bytes[this.#at]
      if (byte === CLOSE_BRACE) break
      if (byte === COMMA) this.#at += 1
      else if (byte !== QUOTE) return this.#notWellFormed()
      else if (!this.#member(shape, names)) return
    }
    this.#at += 1
  }

  #member(shape: Shape, names: Names): boolean {
    const start = this.#at
    this.#at = endOfString(this.#bytes, start)
    const span = { start, end: this.#at }
    const name = this.#nameAt(span)
    if (!names.add(name)) {
      this.#fail('body_not_maskable', `An object at ${this.#place()} has a member twice`)
      return false
    }
    const known = shape.members.get(name) ?? (shape.ignoresCase ? shape.members.get(folded(name)) : undefined)
    if (known === undefined && shape.others === null) {
      this.#fail('part_not_maskable', `A part at ${this.#place()} has a member that is not known`)
      return false
    }
    if (known === undefined && shape.hasFreeNames && !(shape.text === 'keep' && isProtocolWord(this.#bytes, span)))
      this.#add(span, 'name', null)
    this.#at = skipSpace(this.#bytes, this.#at)
    if (this.#bytes[this.#at] === COLON) this.#at += 1
    if (known !== undefined) this.#path.push(name)
    this.value(known ?? shape.others ?? FREE, name)
    if (known !== undefined) this.#path.pop()
    return this.#found.fault === null
  }

  #array(shape: Shape, label: string | null): void {
    const { segments } = this.#found
    let before: Segment | null = null
    this.#path.push('[]')
    this.#at += 1
    for (;;) {
      this.#at = skipSpace(this.#bytes, this.#at)
      if (this.#bytes[this.#at] === CLOSE_BRACKET || this.#found.fault !== null) break
      if (this.#at >= this.#bytes.length) return this.#notWellFormed()
      if (this.#bytes[this.#at] === COMMA) {
        this.#at += 1
        continue
      }
      const first = segments.length
      this.value(shape.items, label)
      if (!shape.joins) continue
      const only: Segment | undefined = segments.length === first + 1 ? segments[first] : undefined
      const isText: boolean = only?.kind === 'text'
      if (only !== undefined && isText && before !== null) only.joinsTo = before
      before = isText ? (only ?? null) : null
    }
    this.#path.pop()
    this.#at += 1
  }

  #string(shape: Shape, label: string | null): void {
    const start = this.#at
    this.#at = endOfString(this.#bytes, start)
    const span = { start, end: this.#at }
    switch (shape.text) {
      case 'keep':
        if (!isProtocolWord(this.#bytes, span)) this.#add(span, 'text', label)
        return
      case 'opaque':
        if (!isBase64(this.#bytes, { start: start + 1, end: span.end - 1 })) this.#add(span, 'signed', label)
        return
      case 'fileLink':
        if (isHeldFile(this.#bytes, span)) return this.#refuse('state_not_maskable')
        this.#unread(span, 'link', label)
        return
      case 'media':
      case 'link':
        this.#unread(span, shape.text, label)
        return
      case 'signed':
        this.#add(span, 'signed', label)
        return
      case 'json':
        if (!this.#inner(span)) this.#add(span, 'text', label)
        return
      case 'text':
        this.#add(span, 'text', label)
    }
  }

  /** Base64, bare or in a link, is counted; whatever else stands in its place is read. */
  #unread(span: Span, use: 'media' | 'link', label: string | null): void {
    const payload = payloadOfLink(this.#bytes, span) ?? { start: span.start + 1, end: span.end - 1 }
    const isLink = payload.start > span.start + 1
    const isUnread = (isLink || use === 'media') && isBase64(this.#bytes, payload)
    if (!isUnread) this.#add(span, 'link', label)
    else if (span.end - span.start > 2) this.#found.notInspected += 1
  }

  /** A JSON document in a string: of the arguments of a tool, most often. False: it is none. */
  #inner(span: Span): boolean {
    const text = readString(this.#bytes, span)
    if (text === null || !/^\s*[[{]/.test(text) || !text.isWellFormed() || !isJson(text)) return false
    const document = new JsonDocument(Buffer.from(text))
    this.#document.inner.push({ span, document, asWritten: asString })
    new Walker(document, this.#found).value(FREE, null)
    return true
  }

  #scalar(shape: Shape, label: string | null): void {
    const start = this.#at
    const end = endOfNumber(this.#bytes, start)
    this.#at = end > start ? end : endOfWord(this.#bytes, start)
    if (end === start || shape.numbers === 'keep') return
    if (shape.numbers === 'refused')
      return this.#fail('part_not_maskable', `A text at ${this.#place()} is made of token numbers`)
    if (isLongNumber(this.#bytes, { start, end })) this.#add({ start, end }, 'number', label)
  }

  #add(span: Span, kind: Segment['kind'], label: string | null): void {
    if (span.end - span.start <= 2) return
    this.#found.segments.push({ document: this.#document, span, kind, label, joinsTo: null })
    if (this.#found.segments.length > MAX_SEGMENTS)
      this.#fail('masking_failed', `The body has more than ${MAX_SEGMENTS} texts`)
  }

  /** null, false, 0, "", [] and {}. */
  #isNothing(): boolean {
    return /^(?:null|false|0(?![.\d])|""|\[\s*\]|\{\s*\})/.test(this.#bytes.toString('latin1', this.#at, this.#at + 64))
  }

  #refuse(refusal: ErrorCode): void {
    const what = refusal === 'state_not_maskable' ? 'refers to what the provider holds' : 'cannot be masked'
    this.#fail(refusal, `The member at ${this.#place()} ${what}`)
  }

  /** The dialect has judged the body before; whatever comes here all the same has an end. */
  #notWellFormed(): void {
    this.#fail('body_not_maskable', 'The body is no well-formed JSON')
  }

  #fail(code: ErrorCode, sentence: string): void {
    this.#found.fault ??= failure(code, `${sentence}; this rule masks.`)
  }

  #place(): string {
    return this.#path.length === 0 ? 'the top' : this.#path.join('.').replaceAll('.[]', '[]')
  }

  #nameAt(span: Span): string {
    for (let at = span.start + 1; at < span.end - 1; at += 1) {
      const byte = this.#bytes[at] ?? 0
      if (byte === BACKSLASH || byte > 0x7f) return readString(this.#bytes, span) ?? this.#bytes.toString('latin1', at)
    }
    return this.#bytes.toString('latin1', span.start + 1, span.end - 1)
  }
}

function asString(written: Buffer): Buffer {
  return Buffer.from(JSON.stringify(written.toString('utf8')))
}

function shapeOfKind(shape: Shape, walker: Walker): Shape | null {
  return shape.kinds === null ? shape : walker.kindOf(shape)
}

function isJson(text: string): boolean {
  // Nesting is bounded there, and what is in the strings is not looked at.
  if (scanObject(Buffer.from(`{"":${text}}`), []).kind === 'fault') return false
  try {
    JSON.parse(text)
    return true
  } catch {
    // Arguments that a model did not finish: plain text.
    return false
  }
}
