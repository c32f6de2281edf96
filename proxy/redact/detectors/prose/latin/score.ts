// Points for and against a stretch of words being a person's name. The scale: a common given name alone is enough in
// prose (3), a family name alone is not; a title, a label or a verb of saying beside it makes up for what is missing.

import { hasNameEnding } from './endings.ts'
import { CUE, FLAG } from './lexicon.ts'
import type { Surroundings } from './surroundings.ts'
import type { LatinModel } from './model.ts'
import { SHAPE } from './words.ts'
import type { Word } from './words.ts'
import type { Units } from '../../text/units.ts'

export interface ScoredText {
  readonly model: LatinModel
  readonly text: Units
}

/** Points that make a name. */
export const NEEDED = { single: 3, full: 3.5 } as const

/** So little that nothing makes up for it. */
export const RULED_OUT = -20

const NEVER = CUE.calendar | CUE.stop | CUE.organisation

/** Part of a run of words, with what is known of each of its words where it has more than one. */
export interface Stretch {
  readonly source: ScoredText
  readonly run: readonly Word[]
  readonly scores: RunScores | null
  readonly from: number
  /** Behind its last word. */
  readonly to: number
}

export function scoreStretch(stretch: Stretch, around: Surroundings): number {
  if ((around.before & CUE.placeStart) !== 0 && (around.before & CUE.title) === 0 && around.isSameRun) return RULED_OUT
  const { source, run, from, to } = stretch
  const first = run[from]
  const isSingle = to - from === 1
  const own = isSingle ? singleScore(source, first, around) : fullScore(stretch, around)
  return own === RULED_OUT ? own : own + contextScore({ isSingle, flags: first?.flags ?? 0 }, around)
}

/** What each word of a run is worth in a stretch, so that all stretches of the run are sums. */
export interface RunScores {
  /** As its last word. */
  readonly last: readonly number[]
  /** Sums over the words before: what words within are worth, what capitals throughout cost, words never in a name. */
  readonly within: readonly number[]
  readonly uppers: readonly number[]
  readonly nevers: readonly number[]
}

export function scoreRun(source: ScoredText, run: readonly Word[]): RunScores {
  const [within, uppers, nevers] = [[0], [0], [0]]
  const last: number[] = []
  for (const [index, word] of run.entries()) {
    const isUpper = word.shape === SHAPE.upper
    last.push(lastScore(source, word))
    within.push((within[index] ?? 0) + middleScore(word))
    uppers.push((uppers[index] ?? 0) + (!isUpper ? 0 : (word.flags & FLAG.common) !== 0 ? 3 : 1))
    nevers.push((nevers[index] ?? 0) + ((word.cues & NEVER) !== 0 || word.shape === SHAPE.mixed ? 1 : 0))
  }
  return { last, within, uppers, nevers }
}

interface Head {
  readonly isSingle: boolean
  /** Of its first word. */
  readonly flags: number
}

function contextScore({ isSingle, flags }: Head, around: Surroundings): number {
  let score = beforeScore(around, isSingle)
  if ((around.after & CUE.human) !== 0) score += 3
  else if ((around.after & CUE.after) !== 0) score += 1
  if (around.isPossessive) score += 0.5
  if ((around.before & CUE.placeBefore) !== 0) score -= isSingle ? placeCost(flags) : 0.5
  if (around.isSameRun && (around.before & CUE.maker) !== 0) score -= isSingle ? 2 : 0
  if (around.isSpeaker) score += 3
  else if (around.isLineStart && around.next === COLON) score += 1
  if (around.isLineStart && around.isLineEnd) score += isSingle ? -0.5 : 1
  return score
}

const COLON = 0x3a
const COMMA = 0x2c

function beforeScore(around: Surroundings, isSingle: boolean): number {
  const { before } = around
  if (around.isIntroduced || (before & CUE.title) !== 0) return 3
  if ((before & CUE.greeting) !== 0)
    return isSingle && around.next !== COMMA && !around.isLineEnd ? 1.5 : isSingle ? 3 : 2
  if ((before & CUE.says) !== 0) return isSingle ? 2.5 : 1
  if ((before & CUE.before) !== 0) return isSingle ? 1.5 : 1
  return 0
}

/** Behind `in`, `at` or `from` a known given name is likely still one, and all else a place. */
function placeCost(flags: number): number {
  if ((flags & FLAG.place) !== 0) return 2
  return (flags & FLAG.topGiven) !== 0 ? 1 : (flags & FLAG.strongGiven) !== 0 ? 0.5 : 2
}

function singleScore(source: ScoredText, word: Word | undefined, around: Surroundings): number {
  if (word === undefined || word.shape !== SHAPE.capital || word.end - word.start < 3) return RULED_OUT
  if ((word.cues & (NEVER | CUE.title)) !== 0) return RULED_OUT
  const { flags } = word
  let score = givenPoints(flags)
  if (score === 0) score = familyPoints(source, word)
  if (score === 0 && flags === 0 && !around.isSentenceStart) score = 0.5
  if ((flags & FLAG.common) !== 0) score -= commonCost(flags, around.isSentenceStart)
  if ((word.cues & CUE.wordlike) !== 0 && around.isSentenceStart) score -= 3
  if ((flags & FLAG.place) !== 0) score -= (flags & FLAG.topGiven) !== 0 ? 1 : 2
  return score
}

function givenPoints(flags: number): number {
  if ((flags & FLAG.topGiven) !== 0) return 4
  if ((flags & FLAG.strongGiven) !== 0) return 3
  return (flags & FLAG.given) !== 0 ? 2 : 0
}

function familyPoints({ model, text }: ScoredText, word: Word): number {
  const ending = (word.flags & (FLAG.common | FLAG.place)) === 0 && hasNameEnding(model, text, word.end) ? 1.5 : 0
  const known = (word.flags & FLAG.strongSurname) !== 0 ? 1.5 : (word.flags & FLAG.surname) !== 0 ? 1 : 0
  return Math.max(ending, known)
}

/** A capital in the middle of a sentence is itself evidence against the ordinary word. */
function commonCost(flags: number, isSentenceStart: boolean): number {
  if ((flags & FLAG.topGiven) !== 0) return isSentenceStart ? 1 : 0
  return isSentenceStart ? 3 : 1
}

function fullScore({ run, scores, from, to }: Stretch, around: Surroundings): number {
  const first = run[from]
  const last = run[to - 1]
  if (scores === null || first === undefined || last === undefined) return RULED_OUT
  if (last.shape !== SHAPE.capital && last.shape !== SHAPE.upper) return RULED_OUT
  const { nevers, uppers, within } = scores
  if (isNeverFirst(first) || sumOf(nevers, from + 1, to) > 0) return RULED_OUT
  const own = firstScore(first, around) + (scores.last[to - 1] ?? 0)
  return own - sumOf(uppers, from, to) + sumOf(within, from + 1, to - 1)
}

const sumOf = (sums: readonly number[], from: number, to: number): number => (sums[to] ?? 0) - (sums[from] ?? 0)

/** `Jan`, `April` and `June` are months and given names. */
const isNeverFirst = (word: Word): boolean =>
  word.shape === SHAPE.mixed ||
  ((word.cues & NEVER) !== 0 && !((word.cues & NEVER) === CUE.calendar && (word.flags & FLAG.strongGiven) !== 0))

function firstScore(word: Word, around: Surroundings): number {
  if (word.shape === SHAPE.initial) return 1
  if ((word.cues & CUE.title) !== 0) return -5
  const { flags } = word
  const place = (flags & FLAG.place) !== 0 ? 1 : 0
  if ((flags & FLAG.strongGiven) !== 0)
    return 3 - place - ((flags & FLAG.common) !== 0 && around.isSentenceStart ? 0.5 : 0)
  if ((flags & FLAG.given) !== 0) return 2 - place - ((flags & FLAG.common) !== 0 ? 1 : 0)
  if ((flags & FLAG.common) !== 0) return -2.5
  return (flags === 0 ? 1 : 0.5) - 2 * place
}

function lastScore({ model, text }: ScoredText, word: Word): number {
  const { flags } = word
  const place = (flags & FLAG.place) !== 0 ? 1 : 0
  if ((flags & FLAG.strongSurname) !== 0) return 2.5 - place / 2
  if ((flags & FLAG.common) === 0 && hasNameEnding(model, text, word.end)) return 2.5 - place / 2
  if ((flags & FLAG.surname) !== 0) return ((flags & FLAG.common) !== 0 ? 1 : 2) - place / 2
  if ((flags & FLAG.common) !== 0) return -2.5
  return 1 - 3 * place
}

function middleScore(word: Word): number {
  if (word.shape === SHAPE.initial) return 1.5
  if (word.shape === SHAPE.small) return 0.5
  if ((word.flags & (FLAG.given | FLAG.surname)) !== 0) return 0.5
  return (word.flags & FLAG.common) !== 0 ? -2 : 0
}
