// The Latin scanners' tables in memory: letters, the lexicon with its cue words, endings of family names.
// Opened once per scanner from dictionaries/latin-words.bin; decides nothing.

import { createEndings } from './endings.ts'
import { createLetters, hashPlain } from './letters.ts'
import type { Letters } from './letters.ts'
import {
  AFTER,
  BEFORE,
  CALENDAR,
  COPULAS,
  CUE,
  GREETINGS,
  HUMAN,
  MAKERS,
  NAME_LABELS,
  ORGANISATIONS,
  PARTICLES,
  PLACE_BEFORE,
  PLACE_STARTS,
  SAYS,
  STOPS,
  TITLES,
  WORDLIKE_GIVEN,
} from './lexicon.ts'
import { addFlags, openWordTable } from './word-table.ts'
import type { WordTable } from './word-table.ts'
import { unitsOf } from '../../text/units.ts'

export interface LatinModel {
  readonly letters: Letters
  /** `FLAG` and `CUE` by plain word. */
  readonly words: WordTable
  /** Endings of family names. */
  readonly endings: WordTable
  /** 1 for the code units that stand before or behind a word of program text and not of a name. */
  readonly codeBefore: Uint8Array
  readonly codeAfter: Uint8Array
  /** 1 for the first two letters of particles, by `pairOf`. */
  readonly particleStarts: Uint8Array
}

export function openLatinModel(words: Uint8Array): LatinModel {
  const letters = createLetters()
  return {
    letters,
    words: withCues(openWordTable(words), letters),
    endings: createEndings(letters),
    codeBefore: marks('_$@#/\\.&+~%-'),
    codeAfter: marks('_$@(={[/\\+*#|~0123456789'),
    particleStarts: particleStarts(),
  }
}

/** Five bits of each of two letters. */
export const pairOf = (first: number, second: number): number => ((first & 31) << 5) | (second & 31)

function particleStarts(): Uint8Array {
  const table = new Uint8Array(1 << 10)
  for (const word of PARTICLES.split(' ')) {
    if (word.length === 1) table.fill(1, pairOf(word.charCodeAt(0), 0), pairOf(word.charCodeAt(0), 0) + 32)
    else table[pairOf(word.charCodeAt(0), word.charCodeAt(1))] = 1
  }
  return table
}

function marks(characters: string): Uint8Array {
  const table = new Uint8Array(0x10000)
  for (const character of characters) table[character.charCodeAt(0)] = 1
  return table
}

/** Adds the cue words to the lexicon. */
function withCues(table: WordTable, letters: Letters): WordTable {
  const add = (words: string, cue: number): void => {
    for (const word of words.split(' '))
      addFlags(table, hashPlain(letters, unitsOf(word), { start: 0, end: word.length }), cue)
  }
  add(TITLES, CUE.title)
  add(BEFORE, CUE.before)
  add(AFTER, CUE.after)
  add(PLACE_BEFORE, CUE.placeBefore)
  add(PARTICLES, CUE.particle)
  add(ORGANISATIONS, CUE.organisation)
  add(CALENDAR, CUE.calendar)
  add(STOPS, CUE.stop)
  add(MAKERS, CUE.stop | CUE.maker)
  add(WORDLIKE_GIVEN, CUE.wordlike)
  add(NAME_LABELS, CUE.label)
  add(COPULAS, CUE.copula)
  add(GREETINGS, CUE.greeting)
  add(SAYS, CUE.says)
  add(HUMAN, CUE.human)
  add(PLACE_STARTS, CUE.placeStart)
  return table
}
