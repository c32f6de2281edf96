// Cuts Latin text into runs of capitalised words: `Dr. Anna K. van der Meer` is one run of six words. No decision here.
//
//   capital letter -> readWord -> words joined by one space -> Run (names.ts decides what in it is a name)

import { hashPlain, LETTER, letterClass } from './letters.ts'
import { CUE, FLAG } from './lexicon.ts'
import { pairOf, type LatinModel } from './model.ts'
import { flagsOf, HASH_START, HASH_STEP } from './word-table.ts'
import type { Units } from '../../text/units.ts'

/** Longer runs are cut: nobody has more names, and headings do. */
export const MOST_WORDS = 6
const LONGEST_WORD = 40

export const SHAPE = { capital: 0, initial: 1, upper: 2, mixed: 3, small: 4 } as const

export interface Word {
  readonly start: number
  readonly end: number
  readonly shape: number
  /** `FLAG` of the lexicon: of the first part of a hyphenated word for given names, of the last for family names. */
  readonly flags: number
  /** `CUE` of the closed lists. */
  readonly cues: number
}

const APOSTROPHE = 0x27
const QUOTE = 0x2019
const HYPHEN = 0x2d
const DOT = 0x2e
const SPACE = 0x20
const NO_BREAK_SPACE = 0xa0

/** Reads the word that begins at `start`, which holds a letter. */
export function readWord(model: LatinModel, text: Units, start: number): Word {
  const { classes, plain } = model.letters
  const { codes } = text
  let end = start
  let part = start
  let uppers = 0
  let isMixed = false
  let hash = HASH_START
  let previous = LETTER.none as number
  for (; end - start < LONGEST_WORD; end++) {
    const code = codes[end] ?? 0
    const kind = classes[code] ?? LETTER.none
    if (kind === LETTER.upper) {
      if (previous === LETTER.lower && end > part) isMixed ||= uppers > 1 || !isPrefix(text, part, end)
      uppers++
    } else if (kind !== LETTER.lower) {
      if (kind === LETTER.digit) isMixed = true
      else if (isJoiner(model, text, end)) part = end + 1
      else break
    }
    previous = kind
    hash = Math.imul(hash ^ (plain[code] ?? 0), HASH_STEP)
  }
  if (end - start === 1)
    return { start, end: (text.codes[end] ?? 0) === DOT ? end + 1 : end, shape: SHAPE.initial, flags: 0, cues: 0 }
  const known = flagsOf(model.words, hash)
  const flags = part === start ? known : hyphenFlags(model, text, { start, part, end })
  return { start, end, shape: shapeOf({ length: end - start, uppers, isMixed }), flags, cues: known }
}

/** The cues of the plain word that begins at a place, without reading more of it. */
export function readCues(model: LatinModel, text: Units, start: number): number {
  let end = start
  while (end - start < LONGEST_WORD && letterClass(model.letters, text.codes[end] ?? 0) !== LETTER.none) end++
  return flagsOf(model.words, hashPlain(model.letters, text, { start, end }))
}

/** `Mc`, `De` and their like may stand before another capital: `McDonald`, `DeVito`. */
function isPrefix(text: Units, start: number, end: number): boolean {
  const head = text.slice(start, Math.min(end, start + 5))
  return (
    head === 'Mc' ||
    head === 'Mac' ||
    head === 'De' ||
    head === 'Di' ||
    head === 'La' ||
    head === 'Le' ||
    head === 'Van' ||
    head === 'Fitz' ||
    head === 'O'
  )
}

/** An apostrophe or hyphen that goes on with a letter of the same word; not the `'s` behind it. */
function isJoiner(model: LatinModel, text: Units, place: number): boolean {
  const code = text.codes[place] ?? 0
  const next = letterClass(model.letters, text.codes[place + 1] ?? 0)
  if (code === HYPHEN) return next === LETTER.upper
  if (code !== APOSTROPHE && code !== QUOTE) return false
  if (next === LETTER.upper) return true
  return next === LETTER.lower && letterClass(model.letters, text.codes[place + 2] ?? 0) === LETTER.lower
}

interface Shape {
  readonly length: number
  readonly uppers: number
  readonly isMixed: boolean
}

function shapeOf(word: Shape): number {
  if (word.isMixed) return SHAPE.mixed
  if (word.uppers >= 2 && word.uppers >= word.length - 1) return SHAPE.upper
  return word.uppers === 0 ? SHAPE.small : SHAPE.capital
}

function hyphenFlags(model: LatinModel, text: Units, word: { start: number; part: number; end: number }): number {
  const whole = flagsOf(model.words, hashPlain(model.letters, text, { start: word.start, end: word.end }))
  let firstEnd = word.start
  while (letterClass(model.letters, text.codes[firstEnd] ?? 0) !== LETTER.none) firstEnd++
  const first = flagsOf(model.words, hashPlain(model.letters, text, { start: word.start, end: firstEnd }))
  const last = flagsOf(model.words, hashPlain(model.letters, text, { start: word.part, end: word.end }))
  const given = first & last & (FLAG.given | FLAG.strongGiven)
  return whole | given | (last & (FLAG.surname | FLAG.strongSurname)) | (first & last & FLAG.common)
}

/** Whether no run goes on behind a capitalised word: most stand alone. */
export function standsAlone(model: LatinModel, text: Units, word: Word): boolean {
  if (word.shape === SHAPE.mixed || isCodeAfter(model, text, word.end)) return true
  const next = nextWordAt(text, word)
  if (next === 0) return true
  const code = text.codes[next] ?? 0
  const kind = model.letters.classes[code]
  if (kind !== LETTER.lower) return kind !== LETTER.upper
  return model.particleStarts[pairOf(plainAt(model, text, next), plainAt(model, text, next + 1))] === 0
}

const plainAt = (model: LatinModel, text: Units, place: number): number =>
  model.letters.plain[text.codes[place] ?? 0] ?? 0

/** The words from the first one on, at most MOST_WORDS; particles only between capitalised words. */
export function readRun(model: LatinModel, text: Units, first: Word): Word[] {
  const run: Word[] = [first]
  const pending: Word[] = []
  let place = nextWordAt(text, first)
  while (run.length + pending.length < MOST_WORDS) {
    const kind = letterClass(model.letters, text.codes[place] ?? 0)
    if (kind !== LETTER.upper && kind !== LETTER.lower) break
    const word = readWord(model, text, place)
    if (kind === LETTER.lower) {
      if ((word.cues & CUE.particle) === 0) break
      pending.push(word)
    } else {
      run.push(...pending.splice(0), word)
      if (word.shape === SHAPE.mixed || isCodeAfter(model, text, word.end)) break
    }
    const next = nextWordAt(text, word)
    if (next === 0) break
    place = next
  }
  return run
}

/** Where the next word of a run begins: behind one space, or at once behind an initial's dot; 0 where there is none. */
function nextWordAt(text: Units, word: Word): number {
  let place = word.end
  if ((text.codes[place] ?? 0) === DOT && (word.cues & CUE.title) !== 0) place++
  const code = text.codes[place] ?? 0
  if (code === SPACE || code === NO_BREAK_SPACE) return place + 1
  return word.shape === SHAPE.initial && place > word.start + 1 ? place : 0
}

/** What stands behind a word of program text and never behind a name. */
export function isCodeAfter(model: LatinModel, text: Units, end: number): boolean {
  const code = text.codes[end] ?? 0
  if (code === DOT)
    return (
      letterClass(model.letters, text.codes[end + 1] ?? 0) !== LETTER.none &&
      (text.codes[end - 1] ?? 0) !== DOT &&
      end > 1
    )
  return model.codeAfter[code] === 1
}
