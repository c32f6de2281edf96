// Reads the parts of a postal address one by one, each from a place in the text to where it ends: house number, street,
// flat, postcode, town. Every reader looks at a bounded stretch and answers -1 where its part does not stand.

import {
  ADDRESS_CUES,
  BOX_WORDS,
  COUNTRIES,
  STREET_ENDINGS,
  STREET_JOINTS,
  STREET_WORDS,
  UNIT_WORDS,
} from './address-words.ts'
import { hashPlain, LETTER, letterClass } from './letters.ts'
import { CUE, FLAG } from './lexicon.ts'
import type { LatinModel } from './model.ts'
import { readWord, SHAPE } from './words.ts'
import { addFlags, createWordTable, flagsOf } from './word-table.ts'
import type { WordTable } from './word-table.ts'
import { unitsOf, type Units } from '../../text/units.ts'

/** Bits of a word of addresses. */
export const ADDRESS_WORD = { street: 1, unit: 2, country: 4, box: 8, cue: 16, joint: 32 } as const

const MOST_STREET_WORDS = 6
const MOST_TOWN_WORDS = 5
const LONGEST_NUMBER = 6
const SPACE = 0x20

/** A text with what its addresses are read by; words may be small where the text has no capital at all. */
export interface AddressText {
  readonly model: LatinModel
  readonly words: WordTable
  readonly endings: readonly string[]
  readonly text: Units
  readonly isSmall: boolean
}

export interface Span {
  readonly start: number
  readonly end: number
}

export interface Piece extends Span {
  readonly kind: 'number' | 'street' | 'unit' | 'town' | 'country' | 'postcode'
  /** The street has its own number, so the one before is a building's. */
  readonly isNumbered?: boolean
}

/** An address on its way: its parts so far and the points for it. */
export interface Draft {
  readonly pieces: Piece[]
  points: number
}

export interface Street {
  readonly end: number
  /** It holds a word or an ending of streets. */
  readonly isNamed: boolean
  /** A number stands behind its name. */
  readonly isNumbered: boolean
}

export function createAddressWords(model: LatinModel, lists: readonly (readonly [string, number])[]): WordTable {
  const table = createWordTable(2048)
  for (const [words, bit] of lists) {
    for (const word of words.split(' '))
      addFlags(table, hashPlain(model.letters, unitsOf(word), { start: 0, end: word.length }), bit)
  }
  return table
}

export const STREET_ENDING_LIST = (): string[] => STREET_ENDINGS.split(' ')
export const WORD_LISTS = [
  [STREET_WORDS, ADDRESS_WORD.street],
  [UNIT_WORDS, ADDRESS_WORD.unit],
  [COUNTRIES, ADDRESS_WORD.country],
  [BOX_WORDS, ADDRESS_WORD.box],
  [ADDRESS_CUES, ADDRESS_WORD.cue],
  [STREET_JOINTS, ADDRESS_WORD.joint],
] as const

const kindAt = (source: AddressText, place: number): number =>
  letterClass(source.model.letters, source.text.codes[place] ?? 0)
const isDigitAt = (text: Units, place: number): boolean =>
  (text.codes[place] ?? 0) >= 0x30 && (text.codes[place] ?? 0) <= 0x39

export const addressBits = (source: AddressText, word: { readonly start: number; readonly end: number }): number =>
  flagsOf(source.words, hashPlain(source.model.letters, source.text, word))

/** A number of up to six digits, a letter behind it (`12b`) or a range (`12-14`, `12/3`). */
export function readNumber(source: AddressText, start: number): number {
  const { text } = source
  let end = start
  while (isDigitAt(text, end) && end - start <= LONGEST_NUMBER) end++
  if (end === start || end - start > LONGEST_NUMBER) return -1
  const mark = text.codes[end] ?? 0
  if ((mark === 0x2d || mark === 0x2f) && isDigitAt(text, end + 1)) {
    end++
    for (let step = 0; step < 4 && isDigitAt(text, end); step++) end++
  }
  if (kindAt(source, end) !== LETTER.none && kindAt(source, end + 1) === LETTER.none) end++
  return kindAt(source, end) === LETTER.none ? end : -1
}

/** A street's name with its number if that stands behind: `Rue de la Paix 5`, `Hauptstr. 12b`, `32 Kent Street`. */
export function readStreet(source: AddressText, start: number): Street | null {
  const { text } = source
  let place = start
  let end = -1
  let isNamed = false
  let hasCapital = source.isSmall
  const second = readNumber(source, place)
  if (second > 0 && (text.codes[second] ?? 0) === SPACE) place = second + 1
  for (let count = 0; count < MOST_STREET_WORDS; count++) {
    const kind = kindAt(source, place)
    if (kind !== LETTER.upper && kind !== LETTER.lower) break
    const word = plainWord(source, readWord(source.model, text, place))
    const bits = addressBits(source, word)
    if (!isStreetWord(source, word, { bits, isFirst: end < 0 })) break
    isNamed ||= (bits & ADDRESS_WORD.street) !== 0 || endsAsStreet(source, word.end)
    hasCapital ||= kind === LETTER.upper
    const isShort = word.shape === SHAPE.initial || (bits & ADDRESS_WORD.street) !== 0
    end =
      isShort && (text.codes[word.end] ?? 0) === 0x2e && (text.codes[word.end + 1] ?? 0) === SPACE
        ? word.end + 1
        : word.end
    if ((text.codes[end] ?? 0) !== SPACE) break
    place = end + 1
  }
  if (end < 0 || !hasCapital) return null
  const number = (text.codes[end] ?? 0) === SPACE ? readNumber(source, end + 1) : -1
  if (number < 0) return { end, isNamed, isNumbered: second > 0 }
  const extra = (text.codes[number] ?? 0) === SPACE ? readNumber(source, number + 1) : -1
  return { end: extra > 0 ? extra : number, isNamed, isNumbered: true }
}

/** The word without an initial's dot, so that `ul.` and `u.` are found in the lists. */
const plainWord = <T extends { readonly start: number; readonly end: number }>(source: AddressText, word: T): T =>
  (source.text.codes[word.end - 1] ?? 0) === 0x2e ? { ...word, end: word.end - 1 } : word

function isStreetWord(
  source: AddressText,
  word: { start: number; end: number; cues: number; flags: number; shape: number },
  at: { bits: number; isFirst: boolean },
): boolean {
  if (
    (at.bits & (ADDRESS_WORD.unit | ADDRESS_WORD.box)) !== 0 ||
    (word.cues & CUE.calendar) !== 0 ||
    word.shape === SHAPE.mixed
  )
    return false
  if ((at.bits & ADDRESS_WORD.street) !== 0) return true
  if (kindAt(source, word.start) === LETTER.upper) return true
  if (!at.isFirst && (at.bits & ADDRESS_WORD.joint) !== 0) return true
  if (!at.isFirst && word.flags === 0 && word.cues === 0 && word.end - word.start > 3) return true
  return source.isSmall && (word.flags & FLAG.common) === 0
}

export function endsAsStreet(source: AddressText, end: number): boolean {
  const tail = source.text.slice(Math.max(0, end - 10), end).toLowerCase()
  return source.endings.some((ending) => tail.length > ending.length && tail.endsWith(ending))
}

/** `Apt. 12`, `Suite 400`, `# 7`. */
export function readUnit(source: AddressText, start: number): number {
  const { text } = source
  if ((text.codes[start] ?? 0) === 0x23) return readNumber(source, start + 1)
  const kind = kindAt(source, start)
  if (kind !== LETTER.upper && kind !== LETTER.lower) return -1
  const word = readWord(source.model, text, start)
  if ((addressBits(source, word) & ADDRESS_WORD.unit) === 0) return -1
  let place = word.end
  if ((text.codes[place] ?? 0) === 0x2e) place++
  if ((text.codes[place] ?? 0) !== SPACE) return -1
  const number = readNumber(source, place + 1)
  return number > 0 ? number : readLetterUnit(source, place + 1)
}

/** `Apt. B`, `Unit C4`. */
function readLetterUnit(source: AddressText, start: number): number {
  if (kindAt(source, start) !== LETTER.upper) return -1
  let end = start + 1
  while (isDigitAt(source.text, end) && end - start < 5) end++
  return kindAt(source, end) === LETTER.none ? end : -1
}

/** `Box 9168`. */
export function readBox(source: AddressText, start: number): number {
  const kind = kindAt(source, start)
  if (kind !== LETTER.upper && kind !== LETTER.lower) return -1
  const word = readWord(source.model, source.text, start)
  if ((addressBits(source, word) & ADDRESS_WORD.box) === 0 || (source.text.codes[word.end] ?? 0) !== SPACE) return -1
  return readNumber(source, word.end + 1)
}

/** Four to six digits, `12-345`, `1234 AB`, `NW1 6XE`, `B0J 2H0`, `90210-1234`. */
export function readPostcode(source: AddressText, start: number): number {
  const { text } = source
  const head = text.slice(start, start + 10)
  const found = POSTCODE.exec(head)
  if (found === null) return -1
  const end = start + found[0].length
  return kindAt(source, end) === LETTER.none ? end : -1
}

/** Anchored, and over ten characters at most. */
const POSTCODE =
  /^(?:\d{5}-\d{4}|\d{2}-\d{3}|\d{4} ?[A-Za-z]{2}(?![A-Za-z])|\d{4,6}(?!\d)|[A-Za-z]{1,2}\d[A-Za-z\d]? \d[A-Za-z]{2}|[A-Za-z]\d[A-Za-z] \d[A-Za-z]\d)/

export interface Town {
  readonly end: number
  readonly hasCountry: boolean
}

/** A town, region or country: up to five capitalised words; never a label, a title or a word of calendars. */
export function readTown(source: AddressText, start: number): Town | null {
  const { text } = source
  let place = start
  let end = -1
  let hasCountry = false
  for (let count = 0; count < MOST_TOWN_WORDS; count++) {
    const kind = kindAt(source, place)
    if (kind !== LETTER.upper && kind !== LETTER.lower) break
    const word = readWord(source.model, text, place)
    const bits = addressBits(source, word)
    const isJoint = end > 0 && (bits & ADDRESS_WORD.joint) !== 0
    if (end > 0 && readPostcode(source, place) > 0) break
    if (kind === LETTER.lower && !isJoint && !(source.isSmall && (word.flags & FLAG.common) === 0)) break
    if ((word.cues & (CUE.calendar | CUE.label)) !== 0 || (text.codes[word.end] ?? 0) === 0x3a) return null
    if (end < 0 && (word.cues & CUE.stop) !== 0 && word.shape !== SHAPE.upper && (text.codes[word.end] ?? 0) !== 0x2c)
      return null
    if (
      (bits & (ADDRESS_WORD.unit | ADDRESS_WORD.box)) !== 0 ||
      (end < 0 && word.end - start <= 2 && (bits & ADDRESS_WORD.street) !== 0)
    )
      break
    hasCountry ||= (bits & ADDRESS_WORD.country) !== 0
    if (kind === LETTER.upper || source.isSmall) end = word.end
    if ((text.codes[word.end] ?? 0) !== SPACE) break
    place = word.end + 1
  }
  if (end < 0) return null
  const bracket = (text.codes[end] ?? 0) === SPACE && (text.codes[end + 1] ?? 0) === 0x28 ? text.indexOf(')', end) : -1
  return { end: bracket > 0 && bracket - end < 30 ? bracket + 1 : end, hasCountry }
}
