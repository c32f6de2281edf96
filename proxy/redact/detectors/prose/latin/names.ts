// Finds names of people in text of the Latin script: weighs the lexicon, shape, position and the words around.
//
//   run of capitalised words -> every stretch of it -> points for and against -> the best stretch above the threshold
//
// A word at the start of a sentence is no evidence; neither is a lone family name. Program text needs more than prose.

import { LETTER, letterClass } from './letters.ts'
import { CUE, FLAG } from './lexicon.ts'
import type { LatinModel } from './model.ts'
import { isCodeAfter, readRun, readWord, SHAPE } from './words.ts'
import type { Word } from './words.ts'
import { hasNameEnding } from './endings.ts'

export interface LatinName {
  readonly start: number
  readonly end: number
  readonly evidence: string
}

export interface Surroundings {
  readonly isSentenceStart: boolean
  readonly isLineStart: boolean
  /** `CUE` of the word before and behind. */
  readonly before: number
  readonly after: number
  readonly isPossessive: boolean
  /** A colon behind, or the text's or line's end. */
  readonly next: number
}

/** Points that a lone word and several words need; program text needs more. */
const NEEDED = { single: 3, full: 3.5, codeExtra: 2.5 } as const
/** Share of program marks in a text above which it is read as program text. */
const CODE_SHARE = 0.02
const CODE_SAMPLE = 4096

export function findLatinNames(model: LatinModel, text: string): LatinName[] {
  const found: LatinName[] = []
  const { classes } = model.letters
  const extra = isProgramText(text) ? NEEDED.codeExtra : 0
  let previous = 0
  for (let place = 0; place < text.length; place++) {
    const code = text.charCodeAt(place)
    const kind = classes[code] ?? 0
    if (kind !== LETTER.upper) {
      previous = code
      continue
    }
    const isInside = model.codeBefore[previous] === 1 || letterClass(model.letters, previous) !== LETTER.none
    const run = readRun(model, text, place)
    const last = run.at(-1)
    if (!isInside) {
      const name = nameInRun(model, text, run, extra)
      if (name !== null) found.push(name)
    }
    place = isInside ? (run[0]?.end ?? place + 1) - 1 : (last?.end ?? place + 1) - 1
    previous = text.charCodeAt(place)
  }
  return found
}

function isProgramText(text: string): boolean {
  const size = Math.min(text.length, CODE_SAMPLE)
  let marks = 0
  for (let i = 0; i < size; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x7b || code === 0x7d || code === 0x3b || code === 0x3d || code === 0x28 || code === 0x60) marks++
  }
  return marks > 3 && marks > size * CODE_SHARE
}

function nameInRun(model: LatinModel, text: string, run: readonly Word[], extra: number): LatinName | null {
  let best: LatinName | null = null
  let bestScore = 0
  for (let from = 0; from < run.length; from++) {
    if (from > 0 && isKept(run[from - 1])) break
    for (let to = run.length; to > from; to--) {
      if (to < run.length && ((run[to]?.cues ?? 0) & CUE.organisation) !== 0) continue
      const words = run.slice(from, to)
      const around = surroundings(model, text, words, run.slice(0, from), run[to])
      const needed = (words.length === 1 ? NEEDED.single : NEEDED.full) + extra
      const score = scoreWords(text, words, around) - needed - droppedCost(run, from, to) + words.length * 0.01
      if (score >= 0 && (best === null || score > bestScore)) {
        best = { start: words[0]?.start ?? 0, end: words.at(-1)?.end ?? 0, evidence: evidenceOf(words, around) }
        bestScore = score
      }
    }
  }
  return best
}

/** Words that may be left off before a name: titles, ordinary words; not one that is likely a given name itself. */
const isKept = (word: Word | undefined): boolean =>
  word !== undefined &&
  (word.flags & FLAG.strongGiven) !== 0 &&
  (word.flags & FLAG.common) === 0 &&
  (word.cues & CUE.title) === 0

function droppedCost(run: readonly Word[], from: number, to: number): number {
  let cost = 0
  for (let i = 0; i < from; i++) cost += isOrdinary(run[i]) ? 0 : 1
  for (let i = to; i < run.length; i++) cost += isOrdinary(run[i]) ? 0.2 : 1.5
  return cost
}

const isOrdinary = (word: Word | undefined): boolean =>
  word === undefined ||
  (word.cues & (CUE.title | CUE.stop | CUE.calendar | CUE.before)) !== 0 ||
  ((word.flags & FLAG.common) !== 0 && (word.flags & FLAG.strongGiven) === 0)

function evidenceOf(words: readonly Word[], around: Surroundings): string {
  if ((around.before & CUE.title) !== 0) return 'title before'
  if ((around.before & CUE.before) !== 0) return 'word before a name'
  return words.length > 1 ? 'given and family name' : 'given name'
}

export function scoreWords(text: string, words: readonly Word[], around: Surroundings): number {
  let score = words.length === 1 ? singleScore(text, words[0], around) : fullScore(text, words)
  if ((around.before & CUE.title) !== 0) score += 3
  else if ((around.before & CUE.before) !== 0) score += words.length === 1 ? 1.5 : 1
  if ((around.after & CUE.after) !== 0) score += 1
  if (around.isPossessive) score += 0.5
  if ((around.before & CUE.placeBefore) !== 0) score -= words.length === 1 ? 2 : 0.5
  if (around.isLineStart && around.next === 0x3a) score += 1
  if (around.isLineStart && words.length > 1 && (around.next === 0x0a || Number.isNaN(around.next))) score += 0.5
  return score
}

function singleScore(text: string, word: Word | undefined, around: Surroundings): number {
  if (word === undefined || word.shape !== SHAPE.capital || word.end - word.start < 3) return -9
  if ((word.cues & (CUE.calendar | CUE.stop | CUE.organisation | CUE.title)) !== 0) return -9
  const { flags } = word
  let score =
    (flags & FLAG.strongGiven) !== 0
      ? 3
      : (flags & FLAG.given) !== 0
        ? 2
        : (flags & FLAG.strongSurname) !== 0
          ? 1.5
          : (flags & FLAG.surname) !== 0
            ? 1
            : 0
  if (flags === 0 || (flags & (FLAG.given | FLAG.common | FLAG.place)) === 0)
    score += hasNameEnding(text, word.end) ? 1.5 : 0
  if ((flags & FLAG.common) !== 0) score -= around.isSentenceStart ? 3 : 1
  if ((flags & FLAG.place) !== 0) score -= 2
  return score
}

function fullScore(text: string, words: readonly Word[]): number {
  const first = words[0]
  const last = words.at(-1)
  if (first === undefined || last === undefined || last.shape === SHAPE.initial || last.shape === SHAPE.mixed) return -9
  let score = firstScore(first) + lastScore(text, last)
  for (const [index, word] of words.entries()) {
    if ((word.cues & (CUE.organisation | CUE.calendar | CUE.stop)) !== 0) return -9
    if (word.shape === SHAPE.upper) score -= 1
    if (word.shape === SHAPE.mixed) return -9
    if (index > 0 && index < words.length - 1) score += middleScore(word)
  }
  return score
}

function firstScore(word: Word): number {
  if (word.shape === SHAPE.initial) return 1
  if ((word.cues & CUE.title) !== 0) return -5
  const place = (word.flags & FLAG.place) !== 0 ? 1 : 0
  if ((word.flags & FLAG.strongGiven) !== 0) return 3 - place
  if ((word.flags & FLAG.given) !== 0) return 2 - place
  if ((word.flags & FLAG.common) !== 0) return -2.5
  return (word.flags & FLAG.surname) !== 0 ? 0.5 - place : 0.5 - 2 * place
}

function lastScore(text: string, word: Word): number {
  const place = (word.flags & FLAG.place) !== 0 ? 0.5 : 0
  if ((word.flags & FLAG.strongSurname) !== 0) return 2.5 - place
  if ((word.flags & FLAG.surname) !== 0) return ((word.flags & FLAG.common) !== 0 ? 1 : 2) - place
  if ((word.flags & FLAG.common) !== 0) return -2.5
  if (hasNameEnding(text, word.end)) return 2.5 - place
  if ((word.flags & FLAG.given) !== 0) return 1
  return 1 - 4 * place
}

function middleScore(word: Word): number {
  if (word.shape === SHAPE.initial) return 1.5
  if (word.shape === SHAPE.small) return 0.5
  if ((word.flags & (FLAG.given | FLAG.surname)) !== 0) return 0.5
  return (word.flags & FLAG.common) !== 0 ? -2 : 0
}

function surroundings(
  model: LatinModel,
  text: string,
  words: readonly Word[],
  dropped: readonly Word[],
  following: Word | undefined,
): Surroundings {
  const start = words[0]?.start ?? 0
  const end = words.at(-1)?.end ?? 0
  const isPossessive =
    (text.charCodeAt(end) === 0x27 || text.charCodeAt(end) === 0x2019) && text.charCodeAt(end + 1) === 0x73
  const previous = dropped.at(-1)
  const before = previous === undefined ? cuesBefore(model, text, start) : previous.cues
  const isLineStart = previous === undefined && startsLine(text, start)
  const isSentenceStart = isLineStart || (previous === undefined && startsSentence(text, start))
  const after = following?.cues ?? cuesAfter(model, text, end)
  return { isSentenceStart, isLineStart, before, after, isPossessive, next: text.charCodeAt(end) }
}

/** The cues of the word before a place: behind spaces, a colon or a title's dot, on the same line. */
function cuesBefore(model: LatinModel, text: string, start: number): number {
  let end = start
  for (let step = 0; step < 3 && isSkippedBefore(text.charCodeAt(end - 1)); step++) end--
  let from = end
  while (from > 0 && end - from < 20 && isWordPart(model, text.charCodeAt(from - 1))) from--
  return from === end ? 0 : readWord(model, text, from).cues
}

const isSkippedBefore = (code: number): boolean =>
  code === 0x20 || code === 0x3a || code === 0x2e || code === 0x22 || code === 0x2c || code === 0x28

const isWordPart = (model: LatinModel, code: number): boolean =>
  letterClass(model.letters, code) !== LETTER.none || code === 0x27

function cuesAfter(model: LatinModel, text: string, end: number): number {
  let place = end
  for (let step = 0; step < 2 && (text.charCodeAt(place) === 0x20 || text.charCodeAt(place) === 0x2c); step++) place++
  if (place === end || letterClass(model.letters, text.charCodeAt(place)) === LETTER.none) return 0
  return readWord(model, text, place).cues
}

function startsLine(text: string, start: number): boolean {
  let place = start - 1
  while (place >= 0 && start - place < 8) {
    const code = text.charCodeAt(place)
    if (code === 0x0a) return true
    if (code !== 0x20 && code !== 0x3e && code !== 0x22 && code !== 0x2d && code !== 0x2a) return false
    place--
  }
  return place < 0
}

function startsSentence(text: string, start: number): boolean {
  let place = start - 1
  while (place >= 0 && start - place < 4 && (text.charCodeAt(place) === 0x20 || text.charCodeAt(place) === 0x22))
    place--
  const code = text.charCodeAt(place)
  return place < 0 || code === 0x2e || code === 0x21 || code === 0x3f || code === 0x3a
}

export { isCodeAfter }
