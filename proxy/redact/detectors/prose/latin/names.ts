// Finds names of people in text of the Latin script: weighs the lexicon, shape, position and the words around.
//
//   capital letter -> run of words (words.ts) -> best stretch of it (stretch.ts) -> all of a text together (settle.ts)
//
// A word at the start of a sentence is no evidence; neither is a lone family name. Program text needs more than prose.

import { LETTER } from './letters.ts'
import type { ScoredText } from './score.ts'
import { visitSmallRuns } from './small.ts'
import { settle } from './settle.ts'
import { bestStretch, isHopeless } from './stretch.ts'
import type { Candidate } from './stretch.ts'
import { readRun, readWord, standsAlone } from './words.ts'
import type { Word } from './words.ts'
import type { Units } from '../../text/units.ts'

/** What a lone word may lack when the rest of the text speaks for it. */
const MOST_LACKING = -3.2
/** What program text needs beyond prose. */
const CODE_EXTRA = 2.5
/** Share of program marks in a text above which it is read as program text. */
const CODE_SHARE = 0.02
const CODE_SAMPLE = 4096

/** One text on its way: the candidates so far. */
export interface LatinNames extends ScoredText {
  readonly extra: number
  readonly candidates: Candidate[]
}

export const startLatinNames = (source: ScoredText): LatinNames => ({
  ...source,
  extra: isProgramText(source.text) ? CODE_EXTRA : 0,
  candidates: [],
})

/** Reads the run that begins with a capital at a place; answers where the run's last character stands. */
export function readNameAt(names: LatinNames, place: number): number {
  const { model, text } = names
  const { classes } = model.letters
  const previous = text.codes[place - 1] ?? 0
  if (model.codeBefore[previous] === 1 || classes[previous] !== LETTER.none) {
    const { codes } = text
    let end = place + 1
    while (classes[codes[end] ?? 0] !== LETTER.none) end++
    return end - 1
  }
  const word = readWord(model, text, place)
  if (standsAlone(model, text, word)) {
    if (!isHopeless(word)) judge(names, [word])
    return word.end - 1
  }
  const run = readRun(model, text, word)
  judge(names, run)
  return (run.at(-1)?.end ?? place + 1) - 1
}

function judge(names: LatinNames, run: readonly Word[]): void {
  const best = bestStretch(names, run)
  if (best === null) return
  const least = best.words.length === 1 ? MOST_LACKING : 0
  if (best.surplus - names.extra >= least) names.candidates.push({ ...best, surplus: best.surplus - names.extra })
}

/** For text without a capital: reads all of it. */
export function readSmallNames(names: LatinNames): void {
  visitSmallRuns(names.model, names.text, (run) => judge(names, run))
}

export interface Span {
  readonly start: number
  readonly end: number
}

/** The names of the text, but for those in stretches that are something else: `taken`, sorted and apart. */
export function finishLatinNames(names: LatinNames, taken: readonly Span[]): readonly Candidate[] {
  return settle(names, taken.length === 0 ? names.candidates : names.candidates.filter(outside(taken)))
}

/** Whether a stretch touches none of some sorted ones. Asked in order of start: looks at each of them once. */
export function outside(taken: readonly Span[]): (one: Span) => boolean {
  let next = 0
  return (one) => {
    while ((taken[next]?.end ?? Infinity) <= one.start) next++
    return (taken[next]?.start ?? Infinity) >= one.end
  }
}

function isProgramText(text: Units): boolean {
  const { codes } = text
  const size = Math.min(text.length, CODE_SAMPLE)
  let marks = 0
  for (let i = 0; i < size; i++) {
    const code = codes[i] ?? 0
    if (code === 0x7b || code === 0x7d || code === 0x3b || code === 0x3d || code === 0x28 || code === 0x60) marks++
  }
  return marks > 3 && marks > size * CODE_SHARE
}
