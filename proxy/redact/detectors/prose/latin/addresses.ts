// Finds postal addresses in text of the Latin script.
//
//   number -> street forward of it, or street before it -> flat, town, postcode behind -> points -> findings
//
// An address inside a sentence is one finding, with the lines it runs over. One that stands as a block of lines, as in
// a letterhead, is found line by line, so that the block keeps its form.

import {
  ADDRESS_WORD,
  addressBits,
  readBox,
  readNumber,
  readPostcode,
  readStreet,
  readTown,
  readUnit,
} from './address-parts.ts'
import type { AddressText, Street } from './address-parts.ts'
import { LETTER, letterClass } from './letters.ts'
import { CUE } from './lexicon.ts'
import { readWord, SHAPE } from './words.ts'

export interface Span {
  readonly start: number
  readonly end: number
}

interface Piece extends Span {
  readonly kind: 'number' | 'street' | 'unit' | 'town' | 'country' | 'postcode'
  /** The street has its own number, so the one before is a building's. */
  readonly isNumbered?: boolean
}

interface Draft {
  readonly pieces: Piece[]
  points: number
}

/** Points that make an address. */
const NEEDED = 2
const MOST_TAIL_PIECES = 7
const MOST_CUE_POINTS = 1.5
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
  let end = place
  while (isDigit(source.text.charCodeAt(end + 1))) end++
  return end
}

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39

/** A space and then a letter, a digit or a comma: a street may follow. */
function isWordBehind(source: AddressText, number: number): boolean {
  const place = source.text.charCodeAt(number) === 0x2c ? number + 1 : number
  return source.text.charCodeAt(place) === SPACE && letterClass(source.model.letters, source.text.charCodeAt(place + 1)) !== LETTER.none
}

/** A letter and a space before, or a dot between: a street may stand there. */
function isWordBefore(source: AddressText, place: number): boolean {
  if (source.text.charCodeAt(place - 1) !== SPACE) return false
  const code = source.text.charCodeAt(place - 2)
  const kind = letterClass(source.model.letters, code)
  return code === 0x2e || kind === LETTER.lower || kind === LETTER.upper
}

/** Not inside a word, a number, a path or a sum. */
function startsNumber(source: AddressText, place: number): boolean {
  if (place === 0) return true
  const before = source.text.charCodeAt(place - 1)
  return (
    before === SPACE ||
    before === NEWLINE ||
    before === 0x3e ||
    before === 0x09 ||
    before === 0x28 ||
    before === 0x22 ||
    before === 0x3a
  )
}

function draftAt(source: AddressText, place: number, reach: number): Draft | null {
  const number = readNumber(source, place)
  if (number < 0) return null
  if (!isWordBehind(source, number) && !isWordBefore(source, place)) return null
  const military = militaryBefore(source, place, reach)
  if (military >= 0) return finish(source, { pieces: [{ start: military, end: number, kind: 'unit' }], points: NEEDED })
  const behind = streetBefore(source, place, reach)
  if (behind !== null) {
    const draft = finish(source, {
      pieces: [{ start: behind.start, end: number, kind: 'street' }],
      points: behind.points,
    })
    if (draft.points >= NEEDED) return draft
  }
  if (source.text.charCodeAt(number) !== SPACE && !isComma(source.text, number)) return null
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

/** The word that ends at a place, or before the dot there. */
function wordEndingAt(source: AddressText, place: number, reach: number): Span | null {
  const { text, model } = source
  const end = text.charCodeAt(place - 1) === 0x2e ? place - 1 : place
  let start = end
  while (
    start > reach &&
    end - start < LONGEST_WORD &&
    letterClass(model.letters, text.charCodeAt(start - 1)) !== LETTER.none
  )
    start--
  return start === end ? null : { start, end }
}

const LONGEST_WORD = 30
const MILITARY: ReadonlySet<string> = new Set(['APO', 'FPO', 'DPO', 'apo', 'fpo', 'dpo'])

/** `USS Lorenzen\nFPO AE 25990`: where the line before the military post office begins, -1 elsewhere. */
function militaryBefore(source: AddressText, number: number, reach: number): number {
  const { text } = source
  const office = number - 7
  if (text.charCodeAt(office - 1) !== NEWLINE) return -1
  if (office < reach || !MILITARY.has(text.slice(office, office + 3)) || text.charCodeAt(office - 1) !== NEWLINE)
    return -1
  let start = office - 1
  for (let count = 0; count < 4; count++) {
    const word = wordEndingAt(source, start, reach)
    if (
      word === null ||
      (!source.isSmall && letterClass(source.model.letters, text.charCodeAt(word.start)) !== LETTER.upper)
    )
      break
    start = word.start
    if (text.charCodeAt(start - 1) !== SPACE) break
    start--
  }
  if (start < office - 1 && text.charCodeAt(start) === SPACE) start++
  return start
}

const isComma = (text: string, place: number): boolean =>
  text.charCodeAt(place) === 0x2c && text.charCodeAt(place + 1) === SPACE

const streetPoints = (street: Street): number => (street.isNamed ? 1.5 : 0) + (street.isNumbered ? 1 : 0)

/** A street's name that ends before a number: `Hauptstraße 5`, `Box 149`, `PSC 1437`. */
function streetBefore(source: AddressText, number: number, reach: number): { start: number; points: number } | null {
  const { text } = source
  if (text.charCodeAt(number - 1) !== SPACE) return null
  let start = -1
  let isNamed = false
  let end = number - 1
  for (let count = 0; count < 6 && end > reach; count++) {
    if (text.charCodeAt(end - 1) === 0x2e) end--
    let from = end
    while (
      from > reach &&
      end - from < 30 &&
      letterClass(source.model.letters, text.charCodeAt(from - 1)) !== LETTER.none
    )
      from--
    if (from === end) break
    const word = readWord(source.model, text, from)
    const bits = addressBits(source, word)
    const isCapital =
      letterClass(source.model.letters, text.charCodeAt(from)) === LETTER.upper ||
      (source.isSmall && word.flags === 0 && word.cues === 0)
    if (!isCapital && (bits & (ADDRESS_WORD.street | ADDRESS_WORD.box)) === 0 && (word.cues & CUE.particle) === 0) break
    if ((bits & ADDRESS_WORD.unit) !== 0 && !isBoxNext(source, number)) break
    if (
      ((word.cues & (CUE.calendar | CUE.stop)) !== 0 && (bits & ADDRESS_WORD.street) === 0) ||
      word.shape === SHAPE.mixed
    )
      break
    isNamed ||=
      (bits & (ADDRESS_WORD.street | ADDRESS_WORD.box | ADDRESS_WORD.unit)) !== 0 || endsAsStreet(source, word.end)
    if (isCapital || (bits & (ADDRESS_WORD.street | ADDRESS_WORD.box)) !== 0) start = from
    if (text.charCodeAt(from - 1) !== SPACE) break
    end = from - 1
  }
  if (start < 0) return null
  if (isNamed) return { start, points: isYear(text, number) ? 1 : 2 }
  return isYear(text, number) || !isDigit(text.charCodeAt(number + 1)) ? null : { start, points: 0.75 }
}

const isYear = (text: string, place: number): boolean => /^(?:19|20)\d\d(?!\d)/.test(text.slice(place, place + 5))

/** `Unit 5022 Box 1225`. */
function isBoxNext(source: AddressText, number: number): boolean {
  const end = readNumber(source, number)
  return end > 0 && source.text.charCodeAt(end) === SPACE && readBox(source, end + 1) > 0
}

function endsAsStreet(source: AddressText, end: number): boolean {
  const tail = source.text.slice(Math.max(0, end - 10), end).toLowerCase()
  return source.endings.some((ending) => tail.length > ending.length && tail.endsWith(ending))
}

/** Adds flats, towns and postcodes behind, and the points of what stands before. */
function finish(source: AddressText, draft: Draft): Draft {
  let place = draft.pieces.at(-1)?.end ?? 0
  for (let count = 0; count < MOST_TAIL_PIECES; count++) {
    const skipped = skipSeparators(source.text, place)
    const next = Math.abs(skipped)
    if (skipped === -1 || (skipped < 0 && readUnit(source, next) < 0)) break
    const piece = readTail(source, draft, next)
    if (piece === null) break
    draft.pieces.push(piece)
    place = piece.end
  }
  draft.points += cuePoints(source, draft.pieces[0]?.start ?? 0)
  return draft
}

function readTail(source: AddressText, draft: Draft, start: number): Piece | null {
  const unit = readUnit(source, start)
  if (unit > 0) {
    draft.points += 1.5
    return { start, end: unit, kind: 'unit' }
  }
  const box = readBox(source, start)
  if (box > 0) {
    draft.points += 1
    return { start, end: box, kind: 'unit' }
  }
  const postcode = readPostcode(source, start)
  if (postcode > 0) {
    draft.points += 0.75
    return { start, end: postcode, kind: 'postcode' }
  }
  const region = readRegion(source, start)
  if (region > 0) {
    draft.points += 0.5
    return { start, end: region, kind: 'town' }
  }
  const town = readTown(source, start)
  if (town === null) return null
  if (town.hasCountry) draft.points += 1
  return { start, end: town.end, kind: town.hasCountry ? 'country' : 'town' }
}

/** A short code before a postcode: `, mp 35739`. */
function readRegion(source: AddressText, start: number): number {
  let end = start
  const kind = letterClass(source.model.letters, source.text.charCodeAt(start))
  if (kind !== LETTER.lower && kind !== LETTER.digit) return -1
  while (end - start < 4 && letterClass(source.model.letters, source.text.charCodeAt(end)) === kind) end++
  if (end - start < 1 || end - start > 3) return -1
  if (kind === LETTER.lower && (readWord(source.model, source.text, start).cues & CUE.stop) !== 0) return -1
  const next = skipSeparators(source.text, end)
  return next > 1 && readPostcode(source, next) > 0 ? end : -1
}

/**
 * Behind spaces, one comma, two line ends and the marks of a quoted letter; -1 where something else or too much stands,
 * and the place as a negative number behind a full stop, which only a flat may follow.
 */
function skipSeparators(text: string, start: number): number {
  let place = start
  let commas = 0
  let lines = 0
  for (; place - start < 12; place++) {
    const code = text.charCodeAt(place)
    if (code === 0x2c) commas++
    else if (code === NEWLINE) lines++
    else if (
      code !== SPACE &&
      code !== 0x3e &&
      code !== 0x3f &&
      code !== 0x0d &&
      code !== 0x09 &&
      !(code === 0x2e && place === start)
    )
      break
    if (commas > 1 || lines > 2) return -1
  }
  if (place === start) return -1
  if (text.charCodeAt(start) === 0x3f && lines === 0) return -1
  return text.charCodeAt(start) === 0x2e && lines === 0 && commas === 0 ? -place : place
}

function cuePoints(source: AddressText, start: number): number {
  const { text, model } = source
  let place = start
  for (let count = 0; count < 5 && place > 0; count++) {
    while (place > 0 && start - place < 60 && letterClass(model.letters, text.charCodeAt(place - 1)) === LETTER.none)
      place--
    let from = place
    while (from > 0 && place - from < 20 && letterClass(model.letters, text.charCodeAt(from - 1)) !== LETTER.none)
      from--
    if (from === place) break
    if ((addressBits(source, { start: from, end: place }) & ADDRESS_WORD.cue) !== 0) return MOST_CUE_POINTS
    place = from
  }
  return startsLine(text, start) || isPlacedBefore(source, start) ? 0.5 : 0
}

/** `at`, `to`, `in` right before. */
function isPlacedBefore(source: AddressText, start: number): boolean {
  const word = wordEndingAt(source, start - 1, 0)
  return (
    word !== null &&
    source.text.charCodeAt(start - 1) === SPACE &&
    (readWord(source.model, source.text, word.start).cues & CUE.placeBefore) !== 0
  )
}

function startsLine(text: string, start: number): boolean {
  let place = start - 1
  while (
    place >= 0 &&
    start - place < 8 &&
    (text.charCodeAt(place) === SPACE || text.charCodeAt(place) === 0x3e || text.charCodeAt(place) === 0x3f)
  )
    place--
  return place < 0 || text.charCodeAt(place) === NEWLINE
}

/** One finding, or one for each line and part where the address is a block of its own lines. */
function layOut(source: AddressText, draft: Draft): Span[] {
  const first = draft.pieces[0]
  const last = draft.pieces.at(-1)
  if (first === undefined || last === undefined) return []
  if (first.kind === 'unit' && draft.pieces.some(({ kind }) => kind === 'street')) return [...draft.pieces]
  if (isBlock(source.text, { start: first.start, end: last.end })) return [...draft.pieces]
  const isWhole = draft.pieces.some(({ kind }) => kind === 'unit' || kind === 'postcode' || kind === 'country')
  if (isWhole) return [{ start: cornerBefore(source.text, first.start), end: last.end }]
  return withoutTail(source, draft)
}

/** A street with its number. A building's number before a street that has its own is a finding of its own. */
function withoutTail(source: AddressText, draft: Draft): Span[] {
  const [first, second] = draft.pieces
  if (first === undefined) return []
  const corner = cornerBefore(source.text, first.start)
  const street = first.kind === 'street' ? first : second
  if (corner < first.start) return [{ start: corner, end: cornerBehind(source, street?.end ?? first.end) }]
  if (first.kind === 'street' || second === undefined) return [first]
  return second.isNumbered === true ? [first, second] : [{ start: first.start, end: second.end }]
}

const CORNER = 'the corner of '
const AND = ' and '

function cornerBefore(text: string, start: number): number {
  if (text.endsWith(CORNER, start)) return start - CORNER.length
  const crossing = text.endsWith(AND, start) ? CROSSING.exec(text.slice(Math.max(0, start - 30), start)) : null
  return crossing === null ? start : start - (crossing[1] ?? '').length
}

/** `Maarit and Hersnapvej 75`: one capitalised word and `and`, at the end of thirty characters. */
const CROSSING = /(?:^|[ :])(\p{Lu}\p{Ll}{2,24} and )$/u

/** `the corner of Bygget 64 and Komel Club`: where the second street ends. */
function cornerBehind(source: AddressText, end: number): number {
  if (!source.text.startsWith(AND, end)) return end
  return readStreet(source, end + AND.length)?.end ?? end
}

/** Lines of their own, without commas, and no label before them. */
function isBlock(text: string, { start, end }: Span): boolean {
  if (!startsLine(text, start) || isLabelled(text, start)) return false
  const body = text.slice(start, end)
  return !body.includes(',') && body.indexOf('\n') !== body.lastIndexOf('\n')
}

/** `Address:` on the line before. */
function isLabelled(text: string, start: number): boolean {
  let place = start - 1
  while (place >= 0 && start - place < 12 && (text.charCodeAt(place) === SPACE || text.charCodeAt(place) === NEWLINE))
    place--
  return text.charCodeAt(place) === 0x3a
}
