// The alphabets that credentials are written in, as sets of ASCII characters in one table of bits.
//
//   template `{hex:40}` -> alphabet `hex` -> mask -> BITS[code] & mask
//
// Nothing outside ASCII is in any of them.

import type { Units } from '../text/units.ts'

const DIGIT = 1
const HEX_LOWER = 1 << 1
const HEX_UPPER = 1 << 2
const LOWER = 1 << 3
const UPPER = 1 << 4
const UNDERSCORE = 1 << 5
const DASH = 1 << 6
const DOT = 1 << 7
const PLUS_SLASH = 1 << 8
const EQUALS = 1 << 9
const TILDE = 1 << 10

const ALNUM = DIGIT | HEX_LOWER | HEX_UPPER | LOWER | UPPER

export const ALPHABETS = {
  digit: DIGIT,
  hex: DIGIT | HEX_LOWER | HEX_UPPER,
  hexlow: DIGIT | HEX_LOWER,
  letter: ALNUM ^ DIGIT,
  upper: HEX_UPPER | UPPER,
  lownum: DIGIT | HEX_LOWER | LOWER,
  upnum: DIGIT | HEX_UPPER | UPPER,
  alnum: ALNUM,
  word: ALNUM | UNDERSCORE,
  url: ALNUM | UNDERSCORE | DASH,
  b64: ALNUM | PLUS_SLASH | EQUALS,
  /** URL-safe base64 and what sloppy writers mix into it. */
  mixed: ALNUM | UNDERSCORE | DASH | EQUALS,
  any64: ALNUM | UNDERSCORE | DASH | PLUS_SLASH | EQUALS,
  tilde: ALNUM | UNDERSCORE | DASH | DOT | TILDE,
  dotted: ALNUM | UNDERSCORE | DASH | DOT,
} as const

export type Alphabet = keyof typeof ALPHABETS

export const ALNUM_MASK: number = ALNUM
export const DIGIT_MASK: number = DIGIT
export const LOWER_MASK: number = HEX_LOWER | LOWER
export const UPPER_MASK: number = HEX_UPPER | UPPER
export const HEX_MASK: number = ALPHABETS.hex

/** The sets of every code unit, so that reading one asks nothing. */
export const BITS: Uint16Array = makeBits()

/** The sets that a UTF-16 code unit is in; 0 for everything outside ASCII. */
export function bitsAt(text: Units, at: number): number {
  return BITS[text.codes[at] ?? 0] ?? 0
}

/** The characters of an alphabet, in the order of their codes. */
export function charactersOf(mask: number): string {
  let characters = ''
  for (let code = 0; code < 128; code++) if (((BITS[code] ?? 0) & mask) !== 0) characters += String.fromCharCode(code)
  return characters
}

function makeBits(): Uint16Array {
  const bits = new Uint16Array(0x10000)
  for (let code = 0; code < 128; code++) bits[code] = bitsOf(String.fromCharCode(code))
  return bits
}

function bitsOf(character: string): number {
  if (/[0-9]/.test(character)) return DIGIT
  if (/[a-f]/.test(character)) return HEX_LOWER
  if (/[A-F]/.test(character)) return HEX_UPPER
  if (/[g-z]/.test(character)) return LOWER
  if (/[G-Z]/.test(character)) return UPPER
  if (/[+/]/.test(character)) return PLUS_SLASH
  return { _: UNDERSCORE, '-': DASH, '.': DOT, '=': EQUALS, '~': TILDE }[character] ?? 0
}
