// Finds postal addresses in text of the Latin script.
//
//   number -> street forward of it, or street before it -> flat, town, postcode behind -> points -> findings
//
// An address inside a sentence is one finding, with the lines it runs over. One that stands as a block of lines, as in
// a letterhead, is found line by line, so that the block keeps its form.

import { cuePoints, wordEndingAt } from './address-cues.ts'
import { layOut } from './address-layout.ts'
import { ADDRESS_WORD, addressBits, endsAsStreet, readBox, readNumber, readStreet } from './address-parts.ts'
import type { AddressText, Draft, Piece, Span, Street } from './address-parts.ts'
import { readTailOf } from './address-tail.ts'
import { LETTER, letterClass } from './letters.ts'
import { CUE, FLAG } from './lexicon.ts'
import { readWord, SHAPE } from './words.ts'
import type { Word } from './words.ts'
import type { Units } from '../../text/units.ts'

/** Points that make an address. */
const NEEDED = 2

const SPACE = 0x20
const NEWLINE = 0x0a

/** One text on its way: what was found so far. */
export interface Addresses extends AddressText {
  readonly found: Span[]
  /** Behind the last address. */
  reach: number
}

/** Reads an address that has its first number at a place; answers where the last character read stands. */
export function readAddressAt(source: Addresses, place: number): number {
  const draft = place >= source.reach && startsNumber(source, place) ? draftAt(source, place, source.reach) : null
  if (draft !== null && draft.points >= NEEDED) {
    source.found.push(...layOut(source, draft))
    source.reach = draft.pieces.at(-1)?.end ?? place
    return Math.max(place, source.reach - 1)
  }
  return endOfDigits(source.text, place)
}

/** Where the last of the digits stands that begin at a place. */
export function endOfDigits({ codes }: Units, place: number): number {
  let end = place
  while (isDigit(codes[end + 1] ?? 0)) end++
  return end
}

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39

/** A space and then a letter, perhaps with a comma before or another number between: a street may follow. */
function isWordBehind(source: AddressText, number: number): boolean {
  let place = (source.text.codes[number] ?? 0) === 0x2c ? number + 1 : number
  if ((source.text.codes[place] ?? 0) !== SPACE) return false
  place++
  for (let step = 0; step < LONGEST_SECOND && isDigit(source.text.codes[place] ?? 0); step++) place++
  if ((source.text.codes[place] ?? 0) === SPACE) place++
  const kind = letterClass(source.model.letters, source.text.codes[place] ?? 0)
  return kind === LETTER.upper || kind === LETTER.lower
}

const LONGEST_SECOND = 6

/** A letter and a space before, or a dot between: a street may stand there. */
function isWordBefore(source: AddressText, place: number): boolean {
  if ((source.text.codes[place - 1] ?? 0) !== SPACE) return false
  const code = source.text.codes[place - 2] ?? 0
  const kind = letterClass(source.model.letters, code)
  return code === 0x2e || kind === LETTER.lower || kind === LETTER.upper
}

/** Not inside a word, a number, a path or a sum. */
function startsNumber(source: AddressText, place: number): boolean {
  if (place === 0) return true
  const before = source.text.codes[place - 1] ?? 0
  if (before === SPACE) return !isOperator(source.text.codes[place - 2] ?? 0)
  return (
    before === NEWLINE || before === 0x3e || before === 0x09 || before === 0x28 || before === 0x22 || before === 0x3a
  )
}

/** `|= 2048, U`: an operand. */
const isOperator = (code: number): boolean => code === 0x3d || code === 0x7c || code === 0x26 || code === 0x5e

function draftAt(source: AddressText, place: number, reach: number): Draft | null {
  const number = readNumber(source, place)
  if (number < 0) return null
  if (!isWordBehind(source, number) && !isWordBefore(source, place)) return null
  const military = militaryBefore(source, place, reach)
  if (military >= 0) return finish(source, { pieces: [{ start: military, end: number, kind: 'unit' }], points: NEEDED })
  const behind = isWordBefore(source, place) ? streetBefore(source, place, reach) : null
  if (behind !== null) {
    const draft = finish(source, {
      pieces: [{ start: behind.start, end: number, kind: 'street' }],
      points: behind.points,
    })
    if (draft.points >= NEEDED) return draft
  }
  if ((source.text.codes[number] ?? 0) !== SPACE && !isComma(source.text, number)) return null
  const start = isComma(source.text, number) ? number + 2 : number + 1
  const street = readStreet(source, start)
  if (street === null) return null
  const pieces: Piece[] = [
    { start: place, end: number, kind: 'number' },
    { start, end: street.end, kind: 'street', isNumbered: street.isNumbered },
  ]
  const unit = unitBefore(source, place, reach)
  if (unit >= 0 && street.isNumbered)
    return finish(source, unitFirst(source, { unit, number, street: { ...street, start } }))
  return finish(source, { pieces, points: streetPoints(street) })
}

/** `Apt. 675 62314 Mellemvej 32`: the flat stands first. */
function unitFirst(source: AddressText, at: { unit: number; number: number; street: Street & Span }): Draft {
  const second = readNumber(source, at.street.start)
  const pieces: Piece[] = [{ start: at.unit, end: at.number, kind: 'unit' }]
  if (second > 0) pieces.push({ start: at.street.start, end: second, kind: 'number' })
  pieces.push({
    start: second > 0 ? second + 1 : at.street.start,
    end: at.street.end,
    kind: 'street',
    isNumbered: true,
  })
  return { pieces, points: NEEDED + 1 }
}

/** Where a unit's word before this number begins, -1 where none does. */
function unitBefore(source: AddressText, number: number, reach: number): number {
  const word = wordEndingAt(source, number - 1, reach)
  return word !== null && (addressBits(source, word) & ADDRESS_WORD.unit) !== 0 ? word.start : -1
}

const MILITARY: ReadonlySet<string> = new Set(['APO', 'FPO', 'DPO', 'apo', 'fpo', 'dpo'])

/** `USS Lorenzen\nFPO AE 25990`: where the line before the military post office begins, -1 elsewhere. */
function militaryBefore(source: AddressText, number: number, reach: number): number {
  const { text } = source
  const office = number - 7
  if ((text.codes[office - 1] ?? 0) !== NEWLINE) return -1
  if (office < reach || !MILITARY.has(text.slice(office, office + 3)) || (text.codes[office - 1] ?? 0) !== NEWLINE)
    return -1
  let start = office - 1
  for (let count = 0; count < 4; count++) {
    const word = wordEndingAt(source, start, reach)
    if (
      word === null ||
      (!source.isSmall && letterClass(source.model.letters, text.codes[word.start] ?? 0) !== LETTER.upper)
    )
      break
    start = word.start
    if ((text.codes[start - 1] ?? 0) !== SPACE) break
    start--
  }
  if (start < office - 1 && (text.codes[start] ?? 0) === SPACE) start++
  return start
}

const isComma = (text: Units, place: number): boolean =>
  (text.codes[place] ?? 0) === 0x2c && (text.codes[place + 1] ?? 0) === SPACE

const streetPoints = (street: Street): number => (street.isNamed ? 1.5 : 0) + (street.isNumbered ? 1 : 0)

/** A street's name that ends before a number: `Hauptstraße 5`, `Box 149`, `PSC 1437`. */
function streetBefore(source: AddressText, number: number, reach: number): { start: number; points: number } | null {
  const { text } = source
  let start = -1
  let isNamed = false
  let isPlain = true
  let hasName = false
  let end = number - 1
  for (let count = 0; count < MOST_WORDS_BEFORE && end > reach; count++) {
    const span = wordEndingAt(source, end, reach)
    const word = span === null ? null : readWord(source.model, text, span.start)
    if (span === null || word === null || !isStreetPart(source, word, number)) break
    const bits = addressBits(source, span)
    isNamed ||= (bits & KINDS) !== 0 || endsAsStreet(source, span.end)
    isPlain &&= word.shape === SHAPE.capital && (word.flags & FLAG.common) === 0
    hasName ||= (bits & BOXES) !== 0 || (isCapitalWord(source, word) && (!source.isSmall || (bits & KINDS) === 0))
    if (isCapitalWord(source, word) || (bits & KINDS) !== 0) start = span.start
    if ((text.codes[span.start - 1] ?? 0) !== SPACE) break
    end = span.start - 1
  }
  if (start < 0 || !hasName) return null
  if (isNamed)
    return { start: text.endsWith(POST, start) ? start - POST.length : start, points: isYear(text, number) ? 1 : 2 }
  return !isPlain || isYear(text, number) || !isDigit(text.codes[number + 1] ?? 0) ? null : { start, points: 0.75 }
}

const MOST_WORDS_BEFORE = 6
const KINDS = ADDRESS_WORD.street | ADDRESS_WORD.box | ADDRESS_WORD.unit
const BOXES = ADDRESS_WORD.box | ADDRESS_WORD.unit
/** Stands before `Box`. */
const POST = 'P.O. '

const isCapitalWord = (source: AddressText, word: Word): boolean =>
  letterClass(source.model.letters, source.text.codes[word.start] ?? 0) === LETTER.upper ||
  (source.isSmall && word.flags === 0 && word.cues === 0)

/** Whether a word may be part of a street's name before its number. */
function isStreetPart(source: AddressText, word: Word, number: number): boolean {
  const bits = addressBits(source, { start: word.start, end: word.end })
  const isKind = (bits & (ADDRESS_WORD.street | ADDRESS_WORD.box)) !== 0
  if (word.shape === SHAPE.mixed || (word.shape === SHAPE.initial && !isKind)) return false
  if ((bits & ADDRESS_WORD.unit) !== 0 && !isBoxNext(source, number)) return false
  if (isKind) return true
  if ((word.cues & (CUE.calendar | CUE.stop)) !== 0) return false
  return isCapitalWord(source, word) || (word.cues & CUE.particle) !== 0
}

const isYear = (text: Units, place: number): boolean => /^(?:19|20)\d\d(?!\d)/.test(text.slice(place, place + 5))

/** `Unit 5022 Box 1225`. */
function isBoxNext(source: AddressText, number: number): boolean {
  const end = readNumber(source, number)
  return end > 0 && (source.text.codes[end] ?? 0) === SPACE && readBox(source, end + 1) > 0
}

/** Adds what stands behind, and the points of what stands before. */
function finish(source: AddressText, draft: Draft): Draft {
  readTailOf(source, draft)
  draft.points += cuePoints(source, draft.pieces[0]?.start ?? 0)
  return draft
}
