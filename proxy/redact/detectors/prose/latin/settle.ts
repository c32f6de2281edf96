// Looks at all candidates of a text together: a lone word is a name where the text names it in full elsewhere, where it
// stands in a list with names, or where it speaks in a dialogue; three family names and nothing else are a firm.

import { hashPlain } from './letters.ts'
import { FLAG } from './lexicon.ts'
import type { ScoredText } from './score.ts'
import type { Candidate } from './stretch.ts'
import { SHAPE } from './words.ts'
import type { Units } from '../../text/units.ts'

/** The candidates that are names, in their order. */
export function settle({ model, text }: ScoredText, candidates: readonly Candidate[]): Candidate[] {
  if (candidates.length === 0) return []
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
const isLabel = (text: Units, one: Candidate): boolean =>
  one.words.length === 1 &&
  (text.codes[one.end] ?? 0) === 0x3a &&
  (one.start === 0 || (text.codes[one.start - 1] ?? 0) === 0x0a)

/** Lists: one name makes its neighbours names, but three family names and nothing else are a firm. */
function settleLists(text: Units, candidates: readonly Candidate[], isName: boolean[]): void {
  for (let from = 0; from < candidates.length;) {
    let to = from + 1
    while (to < candidates.length && isJoined(text, candidates[to - 1]?.end ?? 0, candidates[to]?.start ?? 0)) to++
    if (to - from > 1) settleList(candidates.slice(from, to), isName, from)
    from = to
  }
}

function settleList(list: readonly Candidate[], isName: boolean[], from: number): void {
  const isFirmName = isFirm(list)
  const isAll = !isFirmName && (isPair(list) || list.some((_, i) => isName[from + i] === true))
  for (const [i, one] of list.entries()) {
    if (isFirmName) isName[from + i] = false
    else if (isAll && isLikely(one)) isName[from + i] = true
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

const LONGEST_JOINT = 6
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
const isJoined = (text: Units, end: number, start: number): boolean =>
  start - end <= LONGEST_JOINT && JOINTS.has(text.slice(end, start))
