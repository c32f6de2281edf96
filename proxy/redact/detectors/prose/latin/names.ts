// Finds names of people in text of the Latin script: weighs the lexicon, shape, position and the words around.
//
//   run of capitalised words -> every stretch of it -> points (score.ts) -> names, and lone words that lack a little
//   -> those are names too where the text names them elsewhere or lists them with names
//
// A word at the start of a sentence is no evidence; neither is a lone family name. Program text needs more than prose.

import { hashPlain, LETTER, letterClass } from './letters.ts'
import { CUE, FLAG } from './lexicon.ts'
import type { LatinModel } from './model.ts'
import { NEEDED, scoreWords } from './score.ts'
import { surroundings } from './surroundings.ts'
import { visitSmallRuns } from './small.ts'
import { readRun, SHAPE } from './words.ts'
import type { Word } from './words.ts'

export interface LatinName {
  readonly start: number
  readonly end: number
  readonly evidence: string
}

/** A stretch with its points above what is needed: a name from 0 on, below it one that lacks evidence. */
interface Candidate extends LatinName {
  readonly surplus: number
  readonly words: readonly Word[]
  readonly hasVerbBehind: boolean
}

export interface LatinText {
  readonly text: string
  /** Stretches that are something else already, sorted: addresses. */
  readonly taken: readonly { readonly start: number; readonly end: number }[]
}

/** What a lone word may lack when the rest of the text speaks for it. */
const MOST_LACKING = -3.2
/** What program text needs beyond prose. */
const CODE_EXTRA = 2.5
/** Share of program marks in a text above which it is read as program text. */
const CODE_SHARE = 0.02
const CODE_SAMPLE = 4096

export function findLatinNames(model: LatinModel, source: LatinText): LatinName[] {
  const candidates: Candidate[] = []
  const extra = isProgramText(source.text) ? CODE_EXTRA : 0
  const judge = (run: readonly Word[]): void => {
    const best = bestStretch(model, source.text, run)
    if (best !== null && best.surplus >= (best.words.length === 1 ? MOST_LACKING : 0) + extra) candidates.push(best)
  }
  const hasCapitals = visitRuns(model, source, judge)
  if (!hasCapitals) visitSmallRuns(model, source.text, judge)
  return settle(model, source.text, candidates)
}

/** Calls `visit` with each run of capitalised words; answers whether the text has a capital at all. */
function visitRuns(model: LatinModel, { text, taken }: LatinText, visit: (run: readonly Word[]) => void): boolean {
  const { classes } = model.letters
  let hasCapitals = false
  let previous = 0
  let next = 0
  for (let place = 0; place < text.length; place++) {
    const code = text.charCodeAt(place)
    if (classes[code] !== LETTER.upper) {
      previous = code
      continue
    }
    hasCapitals = true
    while ((taken[next]?.end ?? Infinity) <= place) next++
    const block = taken[next]
    if (block !== undefined && block.start <= place) {
      place = block.end - 1
      previous = 0x20
      continue
    }
    const isInside = model.codeBefore[previous] === 1 || letterClass(model.letters, previous) !== LETTER.none
    const run = readRun(model, text, place)
    if (!isInside) visit(run)
    place = ((isInside ? run[0] : run.at(-1))?.end ?? place + 1) - 1
    previous = text.charCodeAt(place)
  }
  return hasCapitals
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

function bestStretch(model: LatinModel, text: string, run: readonly Word[]): Candidate | null {
  let best: Candidate | null = null
  for (let from = 0; from < run.length; from++) {
    if (from > 0 && isKept(run[from - 1])) break
    for (let to = run.length; to > from; to--) {
      if (to < run.length && ((run[to]?.cues ?? 0) & CUE.organisation) !== 0) continue
      const words = run.slice(from, to)
      const around = surroundings(model, text, { words, dropped: run[from - 1], following: run[to] })
      const needed = words.length === 1 ? NEEDED.single : NEEDED.full
      const surplus = scoreWords(text, words, around) - needed - droppedCost(run, from, to) + words.length * 0.01
      if (best !== null && surplus <= best.surplus) continue
      best = {
        start: words[0]?.start ?? 0,
        end: words.at(-1)?.end ?? 0,
        evidence: evidenceOf(words, around),
        surplus,
        words,
        hasVerbBehind: (around.after & CUE.after) !== 0,
      }
    }
  }
  return best
}

/** A word before a name that may not be left off, since it is likely its given name. */
const isKept = (word: Word | undefined): boolean =>
  word !== undefined &&
  (word.flags & FLAG.strongGiven) !== 0 &&
  (word.flags & FLAG.common) === 0 &&
  (word.cues & (CUE.title | CUE.stop)) === 0

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

function evidenceOf(
  words: readonly Word[],
  around: { readonly before: number; readonly isIntroduced: boolean },
): string {
  if (around.isIntroduced) return 'label before'
  if ((around.before & CUE.title) !== 0) return 'title before'
  if ((around.before & CUE.before) !== 0) return 'word before a name'
  return words.length > 1 ? 'given and family name' : 'given name'
}

/** Names, and the lone words that a name elsewhere in the text or beside them in a list makes one. */
function settle(model: LatinModel, text: string, candidates: readonly Candidate[]): LatinName[] {
  const known = new Set<number>()
  for (const candidate of candidates) {
    if (candidate.surplus < 0) continue
    for (const word of candidate.words)
      if (word.shape === SHAPE.capital) known.add(hashPlain(model.letters, text, word))
  }
  const isName = candidates.map((one) => one.surplus >= 0 || known.has(hashPlain(model.letters, text, one)))
  const hasSpeaker = candidates.some((one, i) => isName[i] && isLabel(text, one))
  if (hasSpeaker) for (const [i, one] of candidates.entries()) isName[i] ||= isLabel(text, one) && isLikely(one)
  settleLists(text, candidates, isName)
  return candidates.filter((_, i) => isName[i])
}

/** A lone word at a line's start with a colon behind it, as the speakers of a dialogue stand. */
const isLabel = (text: string, one: Candidate): boolean =>
  one.words.length === 1 &&
  text.charCodeAt(one.end) === 0x3a &&
  (one.start === 0 || text.charCodeAt(one.start - 1) === 0x0a)

/** Lists: one name makes its neighbours names, but three family names and nothing else are a firm. */
function settleLists(text: string, candidates: readonly Candidate[], isName: boolean[]): void {
  for (let from = 0; from < candidates.length;) {
    let to = from + 1
    while (to < candidates.length && isJoined(text.slice(candidates[to - 1]?.end, candidates[to]?.start))) to++
    const list = candidates.slice(from, to)
    if (list.length > 1) {
      const isAll = isFirm(list) ? false : list.some((_, i) => isName[from + i]) || isPair(list)
      for (const [i, one] of list.entries()) {
        if (!isAll && isFirm(list)) isName[from + i] = false
        else if (isAll && isLikely(one)) isName[from + i] = true
      }
    }
    from = to
  }
}

const isFamilyOnly = (one: Candidate): boolean =>
  one.words.length === 1 && one.evidence === 'given name' && ((one.words[0]?.flags ?? 0) & FLAG.surname) !== 0

/** `Owens, Duran and Oneal`. */
const isFirm = (list: readonly Candidate[]): boolean => list.length > 2 && list.every(isFamilyOnly)

/** `Marrero and Murphy were`. */
const isPair = (list: readonly Candidate[]): boolean =>
  list.length === 2 && list.every((one) => isFamilyOnly(one) && one.surplus > -3) && (list[1]?.hasVerbBehind ?? false)

const isLikely = (candidate: Candidate | undefined): boolean => candidate !== undefined && candidate.surplus >= -3

const JOINTS: ReadonlySet<string> = new Set([
  ', ',
  ' and ',
  ', and ',
  ' & ',
  ' or ',
  ' und ',
  ' et ',
  ' y ',
  ' e ',
  ' en ',
  ' i ',
])
const isJoined = (between: string): boolean => between.length <= 6 && JOINTS.has(between)
