// Where the values of a JSON text end, for bytes that have been found to be well formed (json/scan.ts judges that),
// and where the characters of a string stand in its bytes, so that an edit leaves all others as they were written.
import type { Buffer } from 'node:buffer'
import type { Span } from '../../exchange.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const LOWER_U = 0x75
const SHORT_STRING_BYTES = 64
/** Telephone numbers, ids and cards are longer; years, prices and counts are shorter. */
export const LEAST_LONG_DIGITS = 7

export function skipSpace(bytes: Buffer, from: number): number {
  let at = from
  let byte = bytes[at]
  while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) byte = bytes[++at]
  return at
}

/** Behind the closing quote of the string that begins at `start`. */
export function endOfString(bytes: Buffer, start: number): number {
  const shortEnd = Math.min(bytes.length, start + SHORT_STRING_BYTES)
  let at = start + 1
  while (at < shortEnd) {
    const byte = bytes[at]
    if (byte === QUOTE) return at + 1
    at += byte === BACKSLASH ? 2 : 1
  }
  return endOfLongString(bytes, at)
}

function endOfLongString(bytes: Buffer, from: number): number {
  let searchFrom = from
  for (;;) {
    const quote = bytes.indexOf(QUOTE, searchFrom)
    if (quote === -1) return bytes.length
    let backslashes = 0
    while (quote - backslashes > searchFrom && bytes[quote - backslashes - 1] === BACKSLASH) backslashes += 1
    if (backslashes % 2 === 0) return quote + 1
    searchFrom = quote + 1
  }
}

/** `start` when no number begins there. */
export function endOfNumber(bytes: Buffer, start: number): number {
  const first = bytes[start] ?? 0
  if (first !== 0x2d && (first < 0x30 || first > 0x39)) return start
  let at = start + 1
  for (;;) {
    const byte = bytes[at] ?? 0
    const isPart = (byte >= 0x30 && byte <= 0x39) || byte === 0x2e || byte === 0x2b || byte === 0x2d
    if (!isPart && byte !== 0x65 && byte !== 0x45) return at
    at += 1
  }
}

/** true, false, null. */
export function endOfWord(bytes: Buffer, start: number): number {
  let at = start
  for (let byte = bytes[at] ?? 0; byte >= 0x61 && byte <= 0x7a; byte = bytes[at] ?? 0) at += 1
  return Math.max(at, start + 1)
}

/** A whole number of seven digits at least; `13812345678.0` is one too. */
export function isLongNumber(bytes: Buffer, { start, end }: Span): boolean {
  if (end - start < LEAST_LONG_DIGITS) return false
  const digits = /^-?(\d+)(?:\.0*)?$/.exec(bytes.toString('latin1', start, end))?.[1] ?? ''
  return digits.length >= LEAST_LONG_DIGITS
}

/**
 * The bytes at which code units of a string's text begin. `offsets` are in order; one in the middle of a character of
 * two code units is the place before that character.
 */
export function bytesAt(bytes: Buffer, { start, end }: Span, offsets: readonly number[]): readonly number[] {
  const places: number[] = []
  let at = start + 1
  let unit = 0
  for (const offset of offsets) {
    while (unit < offset && at < end - 1) {
      const [length, units] = characterAt(bytes, at)
      if (unit + units > offset) break
      at += length
      unit += units
    }
    places.push(at)
  }
  return places
}

/** Bytes and code units of the character that is written at `at`. */
function characterAt(bytes: Buffer, at: number): readonly [length: number, units: number] {
  const byte = bytes[at] ?? 0
  if (byte === BACKSLASH) return bytes[at + 1] === LOWER_U ? ESCAPED_UNIT : ESCAPED_MARK
  if (byte < 0x80) return ONE
  if (byte < 0xe0) return TWO
  return byte < 0xf0 ? THREE : FOUR
}

const ONE = [1, 1] as const
const TWO = [2, 1] as const
const THREE = [3, 1] as const
const FOUR = [4, 2] as const
const ESCAPED_MARK = [2, 1] as const
const ESCAPED_UNIT = [6, 1] as const
