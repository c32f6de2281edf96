// The canonical form of a request's body: what two spellings of the same request have in common, as bytes for a hash.
//
//   members of the envelope    by name, whatever their order; inside of them order counts (a schema's steers the model)
//   white space, escapes       gone
//   numbers                    exact decimals: 1, 1.0 and 1e0 are one, 2^53 and 2^53 + 1 are two
//   placeholders of this call  slots: the word and a number, in order of appearance (slots.ts)
//
// Every value begins with its kind and every text with its length, so that different requests never have the same
// bytes. Reads a body that was scanned before (read-body.ts); builds nothing of it.
import { Buffer, isUtf8 } from 'node:buffer'
import type { Span } from '../exchange.ts'
import { readString } from '../json/scan.ts'
import type { ByteWriter } from './byte-writer.ts'
import type { NamedMember } from './envelope.ts'
import type { SlotReader } from './slots.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const COMMA = 0x2c
const COLON = 0x3a
const MINUS = 0x2d
const LOWER_T = 0x74
const LOWER_F = 0x66
const LOWER_N = 0x6e

/** Kinds of values; what is written first. */
const OBJECT = 1
const ARRAY = 2
const END = 3
const STRING = 4
const SLOTTED = 5
const LITERAL = 6
const SLOT = 7
const RAW = 8
const NUMBER = 9
const RAW_NUMBER = 10

export interface CanonicalOptions {
  readonly writer: ByteWriter
  /** Null: placeholders count as the text that they are. */
  readonly slots: SlotReader | null
}

/** `members`: those of the envelope that count, in any order. */
export function writeCanonical(body: Buffer, members: readonly NamedMember[], options: CanonicalOptions): void {
  new Canonical(body, options).envelope(members)
}

class Canonical {
  readonly #bytes: Buffer
  readonly #writer: ByteWriter
  readonly #slots: SlotReader | null
  readonly #isUtf8: boolean
  #at = 0

  constructor(bytes: Buffer, { writer, slots }: CanonicalOptions) {
    this.#bytes = bytes
    this.#writer = writer
    this.#slots = slots
    this.#isUtf8 = isUtf8(bytes)
  }

  envelope(members: readonly NamedMember[]): void {
    this.#writer.byte(OBJECT)
    // Of two with the same name the order stays, so that they are not taken for each other.
    for (const { name, value } of members.toSorted(byName)) {
      this.#string(name)
      this.#at = value.start
      this.#value()
    }
    this.#writer.byte(END)
  }

  #value(): void {
    const byte = this.#skipSpace()
    if (byte === QUOTE) this.#string(this.#stringSpan())
    else if (byte === OPEN_BRACE) this.#list(OBJECT, CLOSE_BRACE)
    else if (byte === OPEN_BRACKET) this.#list(ARRAY, CLOSE_BRACKET)
    else if (byte === LOWER_T || byte === LOWER_N) this.#word(byte, 4)
    else if (byte === LOWER_F) this.#word(byte, 5)
    else this.#number()
  }

  /** Names are strings like others, and a colon separates like a comma. */
  #list(kind: number, close: number): void {
    this.#writer.byte(kind)
    this.#at += 1
    for (;;) {
      const byte = this.#skipSpace()
      if (byte === close || Number.isNaN(byte)) break
      if (byte === COMMA || byte === COLON) this.#at += 1
      else this.#value()
    }
    this.#at += 1
    this.#writer.byte(END)
  }

  #word(byte: number, length: number): void {
    this.#writer.byte(byte)
    this.#at += length
  }

  #string(span: Span): void {
    const { start, end } = span
    const isEscaped = holdsByte(this.#bytes, span, BACKSLASH)
    if (!isEscaped && this.#slots === null) return this.#text(STRING, this.#bytes, { start: start + 1, end: end - 1 })
    const text = isEscaped ? this.#unescaped(span) : this.#bytes.subarray(start + 1, end - 1)
    if (text === null) return this.#text(RAW, this.#bytes, span)
    if (this.#slots === null || !this.#slotted(text, this.#slots)) {
      this.#text(STRING, text, { start: 0, end: text.length })
    }
  }

  #slotted(text: Buffer, slots: SlotReader): boolean {
    const found = slots.read(text)
    if (found.length === 0) return false
    this.#writer.byte(SLOTTED)
    let from = 0
    for (const { start, end, number, kind } of found) {
      this.#text(LITERAL, text, { start: from, end: start })
      this.#writer.byte(SLOT)
      this.#writer.count(number)
      this.#writer.text(kind)
      from = end
    }
    this.#text(LITERAL, text, { start: from, end: text.length })
    this.#writer.byte(END)
    return true
  }

  #text(kind: number, source: Buffer, { start, end }: Span): void {
    this.#writer.byte(kind)
    this.#writer.count(end - start)
    this.#writer.copy(source, start, end)
  }

  /** Null: it cannot be said without its escapes, as halves of surrogates; those would all become the same sign. */
  #unescaped(span: Span): Buffer | null {
    if (!this.#isUtf8) return null
    const text = readString(this.#bytes, span)
    return text === null || !text.isWellFormed() ? null : Buffer.from(text)
  }

  #number(): void {
    const start = this.#at
    let byte = this.#bytes[this.#at]
    while (byte !== undefined && isOfNumber(byte)) byte = this.#bytes[++this.#at]
    // What is no number would be taken for one without end.
    if (this.#at === start) this.#at += 1
    const text = this.#bytes.toString('latin1', start, this.#at)
    const decimal = decimalOf(text)
    this.#writer.byte(decimal === null ? RAW_NUMBER : NUMBER)
    this.#writer.text(decimal ?? text)
  }

  #stringSpan(): Span {
    const start = this.#at
    let at = start + 1
    for (;;) {
      const byte = this.#bytes[at]
      if (byte === QUOTE || byte === undefined) break
      at += byte === BACKSLASH ? 2 : 1
    }
    this.#at = at + 1
    return { start, end: this.#at }
  }

  /** The byte behind it; NaN at the end. */
  #skipSpace(): number {
    let byte = this.#bytes[this.#at]
    while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) byte = this.#bytes[++this.#at]
    return byte ?? Number.NaN
  }
}

function byName({ text: one }: NamedMember, { text: other }: NamedMember): number {
  return one < other ? -1 : Number(one > other)
}

const PLAIN_NUMBER = /^[1-9]{1,9}$/
const ZERO = '0'
const NUMBER_PARTS = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,12}))?$/

/** Digits without zeros at their ends, and the power of ten: `1.50` is `15e-1`. Null: none that can be told so. */
export function decimalOf(text: string): string | null {
  if (text === ZERO) return ZERO
  if (PLAIN_NUMBER.test(text)) return `${text}e0`
  const parts = NUMBER_PARTS.exec(text)
  if (parts === null) return null
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = parts
  const digits = (whole + fraction).replace(/^0+/, '')
  const kept = digits.replace(/0+$/, '')
  if (kept === '') return ZERO
  return `${sign}${kept}e${Number(exponent) - fraction.length + (digits.length - kept.length)}`
}

function isOfNumber(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || byte === MINUS || byte === 0x2b || byte === 0x2e || (byte | 0x20) === 0x65
}

function holdsByte(bytes: Buffer, { start, end }: Span, wanted: number): boolean {
  if (end - start > 64) return bytes.subarray(start, end).includes(wanted)
  for (let at = start; at < end; at += 1) if (bytes[at] === wanted) return true
  return false
}
