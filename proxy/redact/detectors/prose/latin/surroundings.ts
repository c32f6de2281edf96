// What stands round a stretch of words: cue words before and behind, and whether a sentence or a line begins there.
// Read once for a run and narrowed to its stretches; score.ts says what it is worth.

import { hashPlain, LETTER, letterClass } from './letters.ts'
import { CUE } from './lexicon.ts'
import type { LatinModel } from './model.ts'
import { readCues, SHAPE } from './words.ts'
import type { Word } from './words.ts'
import { flagsOf } from './word-table.ts'
import type { Units } from '../../text/units.ts'

export interface Surroundings {
  readonly isSentenceStart: boolean
  readonly isLineStart: boolean
  readonly isLineEnd: boolean
  /** `CUE` of the word before and behind. */
  readonly before: number
  readonly after: number
  /** A label says that a name follows: `name:`, `my name is`, `last name?`. */
  readonly isIntroduced: boolean
  readonly isPossessive: boolean
  /** The word before is capitalised and one space away. */
  readonly isSameRun: boolean
  /** A line's start and a colon with a quotation behind: the speaker of a dialogue. */
  readonly isSpeaker: boolean
  /** The code unit behind; not a number at the end of the text. */
  readonly next: number
}

const LONGEST_CUE = 20
const SPACE = 0x20
const NEWLINE = 0x0a
const COLON = 0x3a

/** What stands round a whole run of words; read once, for all stretches of the run. */
export function surroundingsOf(model: LatinModel, text: Units, run: readonly Word[]): Surroundings {
  const start = run[0]?.start ?? 0
  const end = run.at(-1)?.end ?? 0
  const next = text.codes[end] ?? 0
  const isLineStart = startsLine(text, start)
  const previous = wordBefore(model, text, start)
  return {
    isLineStart,
    isSentenceStart: isLineStart || startsSentence(text, start),
    isLineEnd: end >= text.length || next === NEWLINE || next === 0x0d,
    before: previous === null || isLineStart ? 0 : previous.cues,
    after: cuesAfter(model, text, end),
    isIntroduced: previous !== null && isIntroduction(model, text, previous, start),
    isSameRun: false,
    isPossessive: isApostrophe(next) && (text.codes[end + 1] ?? 0) === 0x73,
    isSpeaker: isLineStart && next === COLON && startsQuotation(text, end + 1),
    next,
  }
}

/** The same for a stretch of the run: the words left off stand before and behind it. */
export function narrow(around: Surroundings, dropped: Word | undefined, following: Word | undefined): Surroundings {
  if (dropped === undefined && following === undefined) return around
  const isFirst = dropped === undefined
  const isLast = following === undefined
  return {
    isLineStart: isFirst && around.isLineStart,
    isSentenceStart: isFirst && around.isSentenceStart,
    isLineEnd: isLast && around.isLineEnd,
    before: dropped?.cues ?? around.before,
    after: following?.cues ?? around.after,
    isIntroduced: isFirst ? around.isIntroduced : (dropped.cues & CUE.label) !== 0,
    isSameRun: !isFirst,
    isPossessive: isLast && around.isPossessive,
    isSpeaker: isFirst && isLast && around.isSpeaker,
    next: isLast ? around.next : SPACE,
  }
}

function startsQuotation(text: Units, place: number): boolean {
  const code = text.codes[text.charCodeAt(place) === SPACE ? place + 1 : place] ?? 0
  return code === 0x22 || code === 0x201c
}

const isApostrophe = (code: number): boolean => code === 0x27 || code === 0x2019

/** Whether a label before a place says that a name begins there. */
export function standsIntroduced(model: LatinModel, text: Units, start: number): boolean {
  const previous = wordBefore(model, text, start)
  return previous !== null && isIntroduction(model, text, previous, start)
}

/** `name:` and `name?` right before, or `name is` with a copula between. */
function isIntroduction(model: LatinModel, text: Units, previous: Word, start: number): boolean {
  const mark = text.codes[previous.end] ?? 0
  if ((previous.cues & CUE.label) !== 0)
    return mark === 0x3a || mark === 0x3f || (mark === SPACE && start - previous.end === 1)
  if ((previous.cues & CUE.copula) === 0) return false
  const label = wordBefore(model, text, previous.start)
  return label !== null && (label.cues & CUE.label) !== 0
}

/** The word before a place: behind spaces and a few marks. */
function wordBefore(model: LatinModel, text: Units, start: number): Word | null {
  let end = start
  for (let step = 0; step < 8 && isSkipped(text.codes[end - 1] ?? 0); step++) end--
  let from = end
  while (from > 0 && end - from < LONGEST_CUE && isWordPart(model, text.codes[from - 1] ?? 0)) from--
  if (from === end) return null
  const cues = flagsOf(model.words, hashPlain(model.letters, text, { start: from, end }))
  return { start: from, end, shape: SHAPE.small, flags: 0, cues }
}

/** Space, colon, dot, quotation mark, comma, bracket, question mark. */
const isSkipped = (code: number): boolean =>
  code === SPACE || code === 0x3a || code === 0x2e || code === 0x22 || code === 0x2c || code === 0x28 || code === 0x3f

const isWordPart = (model: LatinModel, code: number): boolean =>
  letterClass(model.letters, code) !== LETTER.none || isApostrophe(code)

function cuesAfter(model: LatinModel, text: Units, end: number): number {
  let place = end
  for (let step = 0; step < 2 && ((text.codes[place] ?? 0) === SPACE || (text.codes[place] ?? 0) === 0x2c); step++)
    place++
  if (place === end || letterClass(model.letters, text.codes[place] ?? 0) === LETTER.none) return 0
  return readCues(model, text, place)
}

function startsLine(text: Units, start: number): boolean {
  for (let place = start - 1; place >= Math.max(0, start - 8); place--) {
    const code = text.codes[place] ?? 0
    if (code === 0x0a) return true
    if (code !== SPACE && code !== 0x3e && code !== 0x22 && code !== 0x2d && code !== 0x2a && code !== 0x3f)
      return false
  }
  return start < 8
}

function startsSentence(text: Units, start: number): boolean {
  let place = start - 1
  while (place >= 0 && start - place < 4 && ((text.codes[place] ?? 0) === SPACE || (text.codes[place] ?? 0) === 0x22))
    place--
  const code = text.codes[place] ?? 0
  return place < 0 || code === 0x2e || code === 0x21 || code === 0x3f || code === 0x3a
}
