// Puts values back into a whole JSON text: an answer that is not streamed, an error, the last events of a stream. Every
// string is looked at; those of a member that holds JSON as text (arguments of a tool) get JSON's escapes, and in the
// input of a tool a placeholder that stood for a number comes back as one. Blocks that a provider has signed stay as
// they are; calls that it has signed get back only what will mask to the very same bytes again.
import { Buffer } from 'node:buffer'
import type { Span } from '../../exchange.ts'
import { readString, scanMembers } from '../../json/scan.ts'
import { spliceAll, type Edit } from '../../json/splice.ts'
import { CODE_LENGTH } from '../placeholder/placeholder.ts'
import { endOfNumber, endOfString, endOfWord, skipSpace } from '../walk/bytes.ts'
import { LOGPROBS, restoredLogprobs } from './logprobs.ts'
import { restoreExact, restoreNumber, restoreText, type Restoring, type Source } from './text-restorer.ts'

/** What is nested deeper keeps its placeholders. */
const MAX_DEPTH = 200
const FRAME_START = /xref/i
const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_BRACKET = 0x5b
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const CLOSE_BRACKET = 0x5d

const JSON_TEXTS: ReadonlySet<string> = new Set(['arguments', 'partial_json'])
/** Documents of the caller's own, inside of which names are words too. */
const FREE_FORM: ReadonlySet<string> = new Set(['input', 'args', 'arguments', 'action'])
const SIGNED: ReadonlySet<string> = new Set(['reasoning_details', 'extra_content', 'signature', 'encrypted_content'])
/** Objects in lists of these names tell whether they are signed. */
const PARTS: ReadonlySet<string> = new Set(['content', 'parts', 'content_block'])
const PART_MARKS = ['type', 'thought', 'thoughtSignature', 'thought_signature']

export interface DocumentOptions {
  readonly restoring: Restoring
  /** Texts of the answer are JSON themselves. */
  readonly isJsonOutput: boolean
  /** Members that were restored already, by where their values begin. */
  readonly done?: ReadonlySet<number>
}

/** The same buffer when nothing is to be restored. */
export function restoreDocument(bytes: Buffer, options: DocumentOptions): Buffer {
  const edits = documentEdits(bytes, options)
  return edits === null
    ? Buffer.from(restoreText(bytes.toString('utf8'), 'plain', options.restoring))
    : spliceAll(bytes, edits)
}

/** In order; null: the text is no JSON. */
export function documentEdits(bytes: Buffer, options: DocumentOptions): readonly Edit[] | null {
  const first = bytes[skipSpace(bytes, 0)]
  if (first !== OPEN_BRACE && first !== OPEN_BRACKET) return null
  const restorer = new DocumentRestorer(bytes, options)
  restorer.value({ label: '', isFree: false, isExact: false, depth: 0 })
  return restorer.edits
}

interface Context {
  readonly label: string
  readonly isFree: boolean
  readonly isExact: boolean
  readonly depth: number
}

class DocumentRestorer {
  readonly edits: Edit[] = []
  readonly #bytes: Buffer
  readonly #options: DocumentOptions
  #at = 0

  constructor(bytes: Buffer, options: DocumentOptions) {
    this.#bytes = bytes
    this.#options = options
  }

  value(context: Context): void {
    if (context.depth > MAX_DEPTH) this.#at = this.#bytes.length
    this.#at = skipSpace(this.#bytes, this.#at)
    const start = this.#at
    const byte = this.#bytes[start]
    if (byte === QUOTE) {
      this.#at = endOfString(this.#bytes, start)
      if (this.#options.done?.has(start) !== true) this.#string({ start, end: this.#at }, context)
    } else if (byte === OPEN_BRACE) this.#object(context)
    else if (byte === OPEN_BRACKET) this.#array(context)
    else {
      const end = endOfNumber(this.#bytes, start)
      this.#at = end > start ? end : endOfWord(this.#bytes, start)
    }
  }

  #object(context: Context): void {
    const signed = this.#signOf(context)
    const before = this.edits.length
    this.#at += 1
    for (;;) {
      this.#at = skipSpace(this.#bytes, this.#at)
      const byte = this.#bytes[this.#at]
      if (byte === CLOSE_BRACE || byte === undefined) break
      if (byte === QUOTE) this.#member({ ...context, isExact: context.isExact || signed === 'call' })
      else this.#at += 1
    }
    this.#at += 1
    if (signed === 'block') this.edits.length = before
  }

  #member(context: Context): void {
    const start = this.#at
    this.#at = endOfString(this.#bytes, start)
    const span = { start, end: this.#at }
    const label = this.#bytes.toString('latin1', start + 1, this.#at - 1)
    if (context.isFree || FRAME_START.test(label)) this.#string(span, { ...context, label: 'name' }, true)
    this.#at = skipSpace(this.#bytes, this.#at)
    if (this.#bytes[this.#at] === COLON) this.#at += 1
    const before = this.edits.length
    const valueStart = skipSpace(this.#bytes, this.#at)
    this.value({ ...context, label, isFree: context.isFree || FREE_FORM.has(label), depth: context.depth + 1 })
    if (context.isFree) return
    if (SIGNED.has(label)) this.edits.length = before
    else if (LOGPROBS.has(label)) this.#logprobs({ start: valueStart, end: this.#at }, before)
  }

  /** Tokens of placeholders, which are shorter than one; whatever else was found in their entries is left out. */
  #logprobs(span: Span, before: number): void {
    const { restoring, done } = this.#options
    if (span.end - span.start < CODE_LENGTH || done?.has(span.start) === true) return
    const restored = restoredLogprobs(parsed(this.#bytes.toString('utf8', span.start, span.end)), restoring)
    if (restored === null) return
    this.edits.length = before
    this.edits.push({ span, text: Buffer.from(JSON.stringify(restored)) })
  }

  #array(context: Context): void {
    this.#at += 1
    for (;;) {
      this.#at = skipSpace(this.#bytes, this.#at)
      const byte = this.#bytes[this.#at]
      if (byte === CLOSE_BRACKET || byte === undefined) break
      if (byte === COMMA || byte === COLON || byte === CLOSE_BRACE) this.#at += 1
      else this.value({ ...context, depth: context.depth + 1 })
    }
    this.#at += 1
  }

  #string(span: Span, context: Context, isName = false): void {
    if (span.end - span.start < CODE_LENGTH + 2) return
    const text = readString(this.#bytes, span)
    if (text === null) return
    const { restoring } = this.#options
    const number = context.isFree && !isName ? restoreNumber(text, restoring) : null
    if (number !== null) {
      this.edits.push({ span, text: Buffer.from(number) })
      return
    }
    const restored = context.isExact
      ? restoreExact(text, restoring)
      : restoreText(text, this.#sourceOf(context), restoring)
    if (restored !== text) this.edits.push({ span, text: Buffer.from(JSON.stringify(restored)) })
  }

  #sourceOf({ label, isFree }: Context): Source {
    if (JSON_TEXTS.has(label) && (!isFree || label === 'arguments')) return 'arguments'
    return this.#options.isJsonOutput && !isFree ? 'json' : 'plain'
  }

  /** Block: nothing in it is changed. Call: it is restored where it masks back to the same. */
  #signOf({ label, isFree }: Context): 'block' | 'call' | null {
    if (isFree || !PARTS.has(label)) return null
    const whole = { start: this.#at, end: this.#bytes.length }
    const [type, thought, signature, snake] = scanMembers(this.#bytes, whole, PART_MARKS) ?? []
    const isThinking =
      type !== undefined && /^"(?:redacted_)?thinking"$/.test(this.#bytes.toString('latin1', type.start, type.end))
    if (isThinking || (thought !== undefined && this.#bytes[thought.start] === 't'.charCodeAt(0))) return 'block'
    return signature === undefined && snake === undefined ? null : 'call'
  }
}

/** Null: no JSON, as in a body that was cut. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
