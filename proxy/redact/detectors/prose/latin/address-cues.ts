// What stands before an address and speaks for it: words that announce one, a preposition, the start of a line.
// Points only; addresses.ts adds them to those of the address itself.

import { ADDRESS_WORD, addressBits } from './address-parts.ts'
import type { AddressText, Span } from './address-parts.ts'
import { LETTER, letterClass } from './letters.ts'
import { CUE } from './lexicon.ts'
import { readWord } from './words.ts'
import type { Units } from '../../text/units.ts'

const MOST_CUE_POINTS = 1.5
const SPACE = 0x20
const NEWLINE = 0x0a

export function cuePoints(source: AddressText, start: number): number {
  const { text, model } = source
  let place = start
  for (let count = 0; count < 5 && place > 0; count++) {
    while (place > 0 && start - place < 60 && letterClass(model.letters, text.codes[place - 1] ?? 0) === LETTER.none)
      place--
    let from = place
    while (from > 0 && place - from < 20 && letterClass(model.letters, text.codes[from - 1] ?? 0) !== LETTER.none)
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
    (source.text.codes[start - 1] ?? 0) === SPACE &&
    (readWord(source.model, source.text, word.start).cues & CUE.placeBefore) !== 0
  )
}

export function startsLine(text: Units, start: number): boolean {
  let place = start - 1
  while (
    place >= 0 &&
    start - place < 8 &&
    ((text.codes[place] ?? 0) === SPACE || (text.codes[place] ?? 0) === 0x3e || (text.codes[place] ?? 0) === 0x3f)
  )
    place--
  return place < 0 || (text.codes[place] ?? 0) === NEWLINE
}

/** The word that ends at a place, or before the dot there. */
export function wordEndingAt(source: AddressText, place: number, reach: number): Span | null {
  const { text, model } = source
  const end = (text.codes[place - 1] ?? 0) === 0x2e ? place - 1 : place
  let start = end
  while (
    start > reach &&
    end - start < LONGEST_WORD &&
    letterClass(model.letters, text.codes[start - 1] ?? 0) !== LETTER.none
  )
    start--
  return start === end ? null : { start, end }
}

const LONGEST_WORD = 30
