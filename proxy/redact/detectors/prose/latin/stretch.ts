// Chooses what of a run of capitalised words is a name: the stretch with the most points, or none.
//
//   Run -> what stands round it -> points of each stretch (score.ts), less the words left off -> Candidate

import { CUE, FLAG } from './lexicon.ts'
import { NEEDED, scoreRun, scoreStretch } from './score.ts'
import type { ScoredText } from './score.ts'
import { narrow, surroundingsOf, type Surroundings } from './surroundings.ts'
import { SHAPE } from './words.ts'
import type { Word } from './words.ts'

/** A stretch with its points above what is needed: a name from 0 on, below it one that lacks evidence. */
export interface Candidate {
  readonly start: number
  readonly end: number
  readonly evidence: string
  readonly surplus: number
  readonly words: readonly Word[]
  readonly hasVerbBehind: boolean
}

/** So many points over, and the whole run is taken without a look at its parts. */
const CERTAIN = 1

export function bestStretch(source: ScoredText, run: readonly Word[]): Candidate | null {
  const [first] = run
  if (first === undefined || (run.length === 1 && isHopeless(first))) return null
  const whole = surroundingsOf(source.model, source.text, run)
  const scores = run.length === 1 ? null : scoreRun(source, run)
  const isUnknown = run.length > 2 && run.every((word) => (word.flags & NAMES) === 0)
  let best: Best | null = null
  for (let from = 0; from < run.length; from++) {
    if (from > 0 && (isUnknown || isKept(run[from - 1]))) break
    for (let to = run.length; to > from; to--) {
      if (to < run.length && ((run[to]?.cues ?? 0) & CUE.organisation) !== 0) continue
      const around = narrow(whole, run[from - 1], run[to])
      const points = scoreStretch({ source, run, scores, from, to }, around)
      const needed = to - from === 1 ? NEEDED.single : NEEDED.full
      const surplus = points - needed - droppedCost(run, from, to) + (to - from) * 0.01
      if (best !== null && surplus <= best.surplus) continue
      best = { from, to, surplus, around }
      if (to - from === run.length && surplus >= CERTAIN) return candidateOf(run, best)
    }
  }
  return best === null ? null : candidateOf(run, best)
}

interface Best {
  readonly from: number
  readonly to: number
  readonly surplus: number
  readonly around: Surroundings
}

function candidateOf(run: readonly Word[], { from, to, surplus, around }: Best): Candidate {
  const words = to - from === run.length ? run : run.slice(from, to)
  return {
    start: words[0]?.start ?? 0,
    end: words.at(-1)?.end ?? 0,
    evidence: evidenceOf(words, around),
    surplus,
    words,
    hasVerbBehind: (around.after & CUE.after) !== 0,
  }
}

const NAMES = FLAG.given | FLAG.surname
const NEVER = CUE.calendar | CUE.stop | CUE.organisation | CUE.title

/** A lone word that nothing around it makes a name: an ordinary word, an abbreviation, a word of the calendar. */
export function isHopeless(word: Word): boolean {
  if (word.shape !== SHAPE.capital || (word.cues & NEVER) !== 0) return true
  return (word.flags & FLAG.common) !== 0 && (word.flags & NAMES) === 0
}

/** A word before a name that may not be left off, since it is likely its given name. */
const isKept = (word: Word | undefined): boolean =>
  word !== undefined &&
  (word.flags & FLAG.strongGiven) !== 0 &&
  (word.flags & FLAG.common) === 0 &&
  (word.cues & (CUE.title | CUE.stop)) === 0

function droppedCost(run: readonly Word[], from: number, to: number): number {
  let cost = 0
  for (let i = 0; i < from; i++)
    cost += !isOrdinary(run[i]) ? 1 : i > 0 && ((run[i]?.cues ?? 0) & CUE.title) === 0 ? 0.5 : 0
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
