// What follows a street: flats, boxes, towns, regions, postcodes and countries, in any order and over line ends.
// Ends at the first thing that is none of them; towns alone do not make an address.

import { readBox, readPostcode, readTown, readUnit } from './address-parts.ts'
import type { AddressText, Draft, Piece } from './address-parts.ts'
import { LETTER, letterClass } from './letters.ts'
import { CUE } from './lexicon.ts'
import { readWord } from './words.ts'
import type { Units } from '../../text/units.ts'

const MOST_TAIL_PIECES = 7
const SPACE = 0x20
const NEWLINE = 0x0a

/** Adds the parts behind a draft to it, and their points. */
export function readTailOf(source: AddressText, draft: Draft): void {
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
  const kind = letterClass(source.model.letters, source.text.codes[start] ?? 0)
  if (kind !== LETTER.lower && kind !== LETTER.digit) return -1
  while (end - start < 4 && letterClass(source.model.letters, source.text.codes[end] ?? 0) === kind) end++
  if (end - start < 1 || end - start > 3) return -1
  if (kind === LETTER.lower && (readWord(source.model, source.text, start).cues & CUE.stop) !== 0) return -1
  const next = skipSeparators(source.text, end)
  return next > 1 && readPostcode(source, next) > 0 ? end : -1
}

/**
 * Behind spaces, one comma, two line ends and the marks of a quoted letter; -1 where something else or too much stands,
 * and the place as a negative number behind a full stop, which only a flat may follow.
 */
function skipSeparators(text: Units, start: number): number {
  let place = start
  let commas = 0
  let lines = 0
  for (; place - start < 12; place++) {
    const code = text.codes[place] ?? 0
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
  if ((text.codes[start] ?? 0) === 0x3f && lines === 0) return -1
  return (text.codes[start] ?? 0) === 0x2e && lines === 0 && commas === 0 ? -place : place
}
