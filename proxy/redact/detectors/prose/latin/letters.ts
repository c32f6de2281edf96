// Classes and plain forms of Latin letters, as tables over code units: how words are read and hashed without case and
// accents (`Éric`, `ERIC` and `eric` are one word). Greek and Cyrillic letters have a class, so that runs end right.

import { HASH_START, HASH_STEP } from './word-table.ts'
import type { Units } from '../../text/units.ts'

export const LETTER = { none: 0, lower: 1, upper: 2, digit: 3 } as const

/** Tables cover every code unit, so that reading one asks nothing; letters are below LETTERS_END. */
const TABLE_END = 0x10000
const LETTERS_END = 0x2000
const LATIN_END = 0x250
const EXTRA_START = 0x1e00

export interface Letters {
  /** `LETTER` by code unit. */
  readonly classes: Uint8Array
  /** The plain small letter of a code unit. */
  readonly plain: Uint16Array
}

/** Letters that do not come apart into a plain one and an accent. */
const WHOLE_LETTERS: Readonly<Record<string, string>> = {
  ø: 'o',
  ł: 'l',
  æ: 'a',
  œ: 'o',
  đ: 'd',
  þ: 't',
  ð: 'd',
  ı: 'i',
  ß: 's',
  ħ: 'h',
}

export function createLetters(): Letters {
  const classes = new Uint8Array(TABLE_END)
  const plain = new Uint16Array(TABLE_END)
  for (let code = 0; code < TABLE_END; code++) plain[code] = code
  for (let code = 0; code < LETTERS_END; code++) {
    const character = String.fromCharCode(code)
    const small = character.toLowerCase()
    if (code >= 0x30 && code <= 0x39) classes[code] = LETTER.digit
    if (!/\p{L}/u.test(character)) continue
    classes[code] = small === character ? LETTER.lower : LETTER.upper
    if (code < LATIN_END || code >= EXTRA_START) plain[code] = plainOf(small)
    else plain[code] = small.charCodeAt(0)
  }
  return { classes, plain }
}

function plainOf(small: string): number {
  const whole = WHOLE_LETTERS[small]
  return (whole ?? small.normalize('NFD')).charCodeAt(0)
}

export const letterClass = (letters: Letters, code: number): number => letters.classes[code] ?? LETTER.none

/** Hash of a word without case and accents. */
export function hashPlain(
  letters: Letters,
  text: Units,
  range: { readonly start: number; readonly end: number },
): number {
  const { plain } = letters
  const { codes } = text
  let hash = HASH_START
  for (let i = range.start; i < range.end; i++) hash = Math.imul(hash ^ (plain[codes[i] ?? 0] ?? 0), HASH_STEP)
  return hash
}
