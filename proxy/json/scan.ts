// Reads a JSON object's bytes once and says where the wanted members' values stand, without building them: about a
// tenth of JSON.parse's cost at 64 KiB, and offsets are what an edit in place needs. Looks at nothing it was not
// asked for, and changes nothing (splice.ts does).
//
// How strict: the structure is checked whole (brackets, commas, colons, literals, numbers, the ends of strings, nothing
// after the object). The text inside strings is not (control characters, unknown escapes, UTF-8): the provider judges
// that. Readers differ in which of two members with the same name counts, so that a body with two of one that was
// asked for is told apart; inside of the body the last one counts, as with JSON.parse.
import type { Buffer } from 'node:buffer'
import type { Span } from '../exchange.ts'

/** Deeper nesting is refused; tool schemas in the wild stay below 40. */
export const MAX_DEPTH = 256

/** Strings are searched byte by byte for this long, then by the platform's own search, which costs more to start. */
const SHORT_STRING_BYTES = 48

export type Scan =
  /** In the order of the names asked for; undefined where the object has no such member. */
  | { readonly kind: 'members'; readonly spans: readonly (Span | undefined)[] }
  /** One of the names asked for stands in the object twice. */
  | { readonly kind: 'repeated'; readonly name: string }
  | { readonly kind: 'fault'; readonly atByte: number; readonly expected: string }

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const BACKSLASH = 0x5c
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const MINUS = 0x2d
const ZERO = 0x30
const NINE = 0x39

/** Scans bytes that must hold one JSON object and nothing else. */
export function scanObject(bytes: Buffer, names: readonly string[]): Scan {
  const scanner = new Scanner(bytes)
  const spans = scanner.members(names)
  if (spans === null || !scanner.isAtEnd()) return { kind: 'fault', atByte: scanner.at, expected: scanner.expected }
  return scanner.repeated === null ? { kind: 'members', spans } : { kind: 'repeated', name: scanner.repeated }
}

/** The same for an object that is part of a larger text which was scanned before. Null: not an object. */
export function scanMembers(bytes: Buffer, span: Span, names: readonly string[]): readonly (Span | undefined)[] | null {
  return new Scanner(bytes.subarray(0, span.end), span.start).members(names)
}

export interface Member {
  /** Quotes included. */
  readonly name: Span
  readonly value: Span
}

/** All members of an object that was scanned before, in order. Empty where it is not an object. */
export function listMembers(bytes: Buffer, span: Span): readonly Member[] {
  const scanner = new Scanner(bytes.length === span.end ? bytes : bytes.subarray(0, span.end), span.start)
  const members: Member[] = []
  if (!scanner.take(OPEN_BRACE) || scanner.take(CLOSE_BRACE)) return members
  do {
    const name = scanner.spanOfValue()
    if (name === null || !scanner.take(COLON)) return []
    const value = scanner.spanOfValue()
    if (value === null) return []
    members.push({ name, value })
  } while (scanner.take(COMMA))
  return members
}

/** The elements of an array that was scanned before, one after another. Ends early where it is not an array. */
export function* scanElements(bytes: Buffer, span: Span): Generator<Span> {
  const scanner = new Scanner(bytes.subarray(0, span.end), span.start)
  if (!scanner.take(OPEN_BRACKET)) return
  do {
    scanner.skipSpace()
    const start = scanner.at
    if (!scanner.skipValue(1)) return
    yield { start, end: scanner.at }
  } while (scanner.take(COMMA))
}

/** The text of a JSON string at a span (quotes included); null when it is another kind of value or badly escaped. */
export function readString(bytes: Buffer, span: Span): string | null {
  if (bytes[span.start] !== QUOTE) return null
  const text = bytes.toString('utf8', span.start + 1, span.end - 1)
  if (!text.includes('\\')) return text
  try {
    return JSON.parse(`"${text}"`) as string
  } catch {
    // A bad escape is the caller's mistake, and every caller of this function has a sentence for null.
    return null
  }
}

class Scanner {
  readonly #bytes: Buffer
  at: number
  expected = 'an object'
  /** The last of the names asked for that came twice. */
  repeated: string | null = null

  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes
    this.at = at
  }

  members(names: readonly string[]): readonly (Span | undefined)[] | null {
    // By a loop: Array.from() with a function costs as much as the scan of a short body.
    const spans: (Span | undefined)[] = []
    while (spans.length < names.length) spans.push(undefined)
    if (!this.take(OPEN_BRACE)) return null
    if (this.take(CLOSE_BRACE)) return spans
    do {
      this.skipSpace()
      const keyStart = this.at
      if (!this.#skipName()) return null
      const index = this.#indexOfName(names, { start: keyStart, end: this.at })
      if (!this.#expect(COLON, 'a colon')) return null
      this.skipSpace()
      const start = this.at
      if (!this.skipValue(1)) return null
      if (index === -1) continue
      if (spans[index] !== undefined) this.repeated = names[index] ?? null
      spans[index] = { start, end: this.at }
    } while (this.take(COMMA))
    return this.#expect(CLOSE_BRACE, 'a comma or the end of an object') ? spans : null
  }

  /** Null: no value stands here. */
  spanOfValue(): Span | null {
    this.skipSpace()
    const start = this.at
    return this.skipValue(1) ? { start, end: this.at } : null
  }

  isAtEnd(): boolean {
    this.skipSpace()
    this.expected = 'nothing after the object'
    return this.at === this.#bytes.length
  }

  skipSpace(): void {
    let byte = this.#bytes[this.at]
    while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) byte = this.#bytes[++this.at]
  }

  take(byte: number): boolean {
    this.skipSpace()
    if (this.#bytes[this.at] !== byte) return false
    this.at += 1
    return true
  }

  skipValue(depth: number): boolean {
    this.skipSpace()
    const byte = this.#bytes[this.at]
    if (byte === QUOTE) return this.#skipString()
    if (byte === OPEN_BRACE) return this.#skipObject(depth)
    if (byte === OPEN_BRACKET) return this.#skipArray(depth)
    if (byte === MINUS || isDigit(byte)) return this.#skipNumber()
    return this.#skipWord('true') || this.#skipWord('false') || this.#skipWord('null') || this.#fault('a value')
  }

  #skipObject(depth: number): boolean {
    if (depth >= MAX_DEPTH) return this.#fault(`nesting of at most ${MAX_DEPTH} levels`)
    this.at += 1
    if (this.take(CLOSE_BRACE)) return true
    do {
      this.skipSpace()
      if (!this.#skipName() || !this.#expect(COLON, 'a colon') || !this.skipValue(depth + 1)) return false
    } while (this.take(COMMA))
    return this.#expect(CLOSE_BRACE, 'a comma or the end of an object')
  }

  #skipArray(depth: number): boolean {
    if (depth >= MAX_DEPTH) return this.#fault(`nesting of at most ${MAX_DEPTH} levels`)
    this.at += 1
    if (this.take(CLOSE_BRACKET)) return true
    do {
      if (!this.skipValue(depth + 1)) return false
    } while (this.take(COMMA))
    return this.#expect(CLOSE_BRACKET, 'a comma or the end of an array')
  }

  #skipName(): boolean {
    if (this.#bytes[this.at] !== QUOTE) return this.#fault('a member name in quotes')
    return this.#skipString()
  }

  #skipString(): boolean {
    const bytes = this.#bytes
    let at = this.at + 1
    const shortEnd = Math.min(bytes.length, at + SHORT_STRING_BYTES)
    while (at < shortEnd) {
      const byte = bytes[at]
      if (byte === QUOTE) {
        this.at = at + 1
        return true
      }
      at += byte === BACKSLASH ? 2 : 1
    }
    return this.#skipLongString(at)
  }

  #skipLongString(from: number): boolean {
    let searchFrom = from
    for (;;) {
      const quote = this.#bytes.indexOf(QUOTE, searchFrom)
      if (quote === -1) return this.#fault('the end of a string')
      let backslashes = 0
      while (quote - backslashes > searchFrom && this.#bytes[quote - backslashes - 1] === BACKSLASH) backslashes += 1
      if (backslashes % 2 === 0) {
        this.at = quote + 1
        return true
      }
      searchFrom = quote + 1
    }
  }

  /** RFC 8259 section 6: no leading zeros, digits on both sides of the point. */
  #skipNumber(): boolean {
    const bytes = this.#bytes
    if (bytes[this.at] === MINUS) this.at += 1
    if (bytes[this.at] === ZERO) this.at += 1
    else if (!this.#skipDigits()) return false
    if (bytes[this.at] === 0x2e) {
      this.at += 1
      if (!this.#skipDigits()) return false
    }
    if (bytes[this.at] !== 0x65 && bytes[this.at] !== 0x45) return true
    this.at += 1
    if (bytes[this.at] === 0x2b || bytes[this.at] === MINUS) this.at += 1
    return this.#skipDigits()
  }

  #skipDigits(): boolean {
    const start = this.at
    while (isDigit(this.#bytes[this.at])) this.at += 1
    return this.at > start || this.#fault('a digit')
  }

  #skipWord(word: 'true' | 'false' | 'null'): boolean {
    for (let offset = 0; offset < word.length; offset += 1) {
      if (this.#bytes[this.at + offset] !== word.charCodeAt(offset)) return false
    }
    this.at += word.length
    return true
  }

  #indexOfName(names: readonly string[], span: Span): number {
    const length = span.end - span.start - 2
    for (let index = 0; index < names.length; index += 1) {
      const name = names[index]
      if (name !== undefined && name.length === length && this.#equals(name, span.start + 1)) return index
    }
    // A name may be written with escapes ("mod\u0065l"); those are rare and read in full.
    const isEscaped = length > 0 && this.#bytes.subarray(span.start, span.end).includes(BACKSLASH)
    return isEscaped ? names.indexOf(readString(this.#bytes, span) ?? '') : -1
  }

  #equals(name: string, start: number): boolean {
    for (let offset = 0; offset < name.length; offset += 1) {
      if (this.#bytes[start + offset] !== name.charCodeAt(offset)) return false
    }
    return true
  }

  #expect(byte: number, expected: string): boolean {
    return this.take(byte) || this.#fault(expected)
  }

  #fault(expected: string): false {
    this.expected = expected
    return false
  }
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE
}
