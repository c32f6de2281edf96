// Finds names of people in Han text: family name and given name, transliterated names, and the forms of address.
//
//   trigger character (table) -> candidates that begin there -> score (features.ts) -> best set without overlaps
//
// Linear: at most MOST_CANDIDATES of bounded length begin at a character. Knows nothing of Latin text.

import { createHanReader, fillSlots, KIND } from './features.ts'
import type { Candidate, HanReader } from './features.ts'
import { gateScore } from './gate.ts'
import { CLASS, hasBit, hashWord } from './model.ts'
import type { HanModel } from './model.ts'
import type { Units } from '../../text/units.ts'

export interface ScoredName extends Candidate {
  readonly score: number
}

/** Told of every candidate of a text, from left to right. */
export type VisitCandidate = (start: number, given: number, end: number, kind: number) => void

const LONGEST_FOREIGN_PART = 7
const LONGEST_FOREIGN = 16

/** Characters at which a name can begin. */
export const TRIGGER = CLASS.surname | CLASS.foreign | CLASS.compoundStart | CLASS.nickname
/** Below this score of the gate no name begins; in eighths of a logit. */
const GATE = -18

/** Whether a character can begin a name by itself. */
export const isTrigger = (model: HanModel, text: Units, place: number): boolean =>
  ((model.classes[text.codes[place] ?? 0] ?? 0) & TRIGGER) !== 0

export function visitPlace(model: HanModel, text: Units, place: number, visit: VisitCandidate): void {
  const bits = model.classes[text.codes[place] ?? 0] ?? 0
  if ((bits & CLASS.surname) !== 0) visitFamilyName(model, text, place, visit)
  if ((bits & CLASS.compoundStart) !== 0) visitCompound(model, text, place, visit)
  if ((bits & CLASS.nickname) !== 0) visitNickname(model, text, place, visit)
  if ((bits & CLASS.foreign) !== 0) visitForeign(model, text, place, visit)
}

const isHanAt = (model: HanModel, text: Units, place: number): boolean =>
  place < text.length && ((model.classes[text.codes[place] ?? 0] ?? 0) & CLASS.han) !== 0

function visitFamilyName(model: HanModel, text: Units, place: number, visit: VisitCandidate): void {
  if (!isHanAt(model, text, place + 1)) return
  visit(place, place + 1, place + 2, KIND.one)
  if (!isHanAt(model, text, place + 2)) return
  visit(place, place + 1, place + 3, KIND.two)
}

function visitCompound(model: HanModel, text: Units, place: number, visit: VisitCandidate): void {
  if (!model.compounds.has(((text.codes[place] ?? 0) << 16) | (text.codes[place + 1] ?? 0))) return
  for (let length = 1; length <= 3; length++) {
    if (!isHanAt(model, text, place + 1 + length)) return
    visit(place, place + 2, place + 2 + length, KIND.compoundOne + length - 1)
  }
}

function visitNickname(model: HanModel, text: Units, place: number, visit: VisitCandidate): void {
  if (((model.classes[text.codes[place + 1] ?? 0] ?? 0) & CLASS.surname) === 0) return
  visit(place, place + 1, place + 2, KIND.nickname)
}

/** No name begins behind a dot or ends before one; it ends where two characters meet that such names do not have. */
function visitForeign(model: HanModel, text: Units, place: number, visit: VisitCandidate): void {
  if (((model.classes[text.codes[place - 1] ?? 0] ?? 0) & CLASS.dot) !== 0) return
  let parts = 0
  for (let end = place + 1; end <= place + LONGEST_FOREIGN; end++) {
    const bits = model.classes[text.codes[end] ?? 0] ?? 0
    if (end - place >= 2 && (bits & CLASS.dot) === 0) visitForeignEnd(model, text, { place, end, parts }, visit)
    if ((bits & CLASS.dot) !== 0) parts++
    else if ((bits & CLASS.foreign) === 0 || !followsForeign(model, text, end)) return
    if (parts === 0 && end - place >= LONGEST_FOREIGN_PART) return
  }
}

/**
 * Whether a character goes on with a transliterated name: a known pair, or one of them writes
 * nothing else. */
function followsForeign(model: HanModel, text: Units, place: number): boolean {
  const before = model.classes[text.codes[place - 1] ?? 0] ?? 0
  const bits = model.classes[text.codes[place] ?? 0] ?? 0
  if ((before & CLASS.dot) !== 0 || (before & bits & CLASS.surname) === 0) return true
  return hasBit(model.pairs, hashWord(text, place - 1, place + 1))
}

function visitForeignEnd(
  model: HanModel,
  text: Units,
  run: { place: number; end: number; parts: number },
  visit: VisitCandidate,
): void {
  if (((model.classes[text.codes[run.end - 1] ?? 0] ?? 0) & CLASS.dot) !== 0) return
  const length = Math.min(run.end - run.place, 8)
  visit(run.place, run.place, run.end, KIND.foreign + (run.parts > 0 ? 8 : length - 2))
}

export function scoreOf(reader: HanReader, filled: number): number {
  let sum = 0
  for (let i = 0; i < filled; i++) sum += reader.model.weights[reader.slots[i] ?? 0] ?? 0
  return sum
}

/** One text on its way: its reader and the candidates above the threshold so far. */
export interface HanNames {
  readonly reader: HanReader
  readonly threshold: number
  readonly found: ScoredName[]
}

export const startHanNames = (model: HanModel, text: Units, threshold: number): HanNames => ({
  reader: createHanReader(model, text),
  threshold,
  found: [],
})

/** Judges the candidates that begin at a trigger character. */
export function readHanNameAt(names: HanNames, place: number): void {
  const { reader, threshold, found } = names
  if (gateScore(reader.model, reader.text, place) < GATE) return
  visitPlace(reader.model, reader.text, place, (start, given, end, kind) => {
    const score = scoreOf(reader, fillSlots(reader, { start, given, end, kind })) - threshold
    if (score > 0) found.push({ start, given, end, kind, score })
  })
}

/** Chooses names that do not overlap with the highest sum of scores. They come sorted by start. */
export function bestApart(found: readonly ScoredName[]): ScoredName[] {
  const kept: ScoredName[] = []
  let cluster: ScoredName[] = []
  let reach = -1
  for (const name of found) {
    if (name.start >= reach && cluster.length > 0) {
      for (const best of bestOfCluster(cluster)) kept.push(best)
      cluster = []
    }
    cluster.push(name)
    reach = Math.max(reach, name.end)
  }
  for (const best of bestOfCluster(cluster)) kept.push(best)
  return kept
}

/** Two of a cluster overlap; of equal ones the one that ends first stays. */
function bestOfTwo(cluster: readonly ScoredName[]): readonly ScoredName[] {
  const [one, other] = cluster
  if (one === undefined || other === undefined) return []
  const [first, second] = one.end <= other.end ? [one, other] : [other, one]
  return [second.score > first.score ? second : first]
}

/** Weighted intervals: best[i] is the highest sum of the first i names by end. */
function bestOfCluster(cluster: readonly ScoredName[]): readonly ScoredName[] {
  if (cluster.length < 2) return cluster
  if (cluster.length === 2) return bestOfTwo(cluster)
  const byEnd = cluster.toSorted((a, b) => a.end - b.end || a.start - b.start)
  const best = new Float64Array(byEnd.length + 1)
  const previous = new Int32Array(byEnd.length)
  for (const [i, name] of byEnd.entries()) {
    let before = i
    while (before > 0 && (byEnd[before - 1]?.end ?? 0) > name.start) before--
    previous[i] = before
    best[i + 1] = Math.max(best[i] ?? 0, (best[before] ?? 0) + name.score)
  }
  const kept: ScoredName[] = []
  for (let i = byEnd.length; i > 0;) {
    const name = byEnd[i - 1]
    if (name === undefined || best[i] === best[i - 1]) i--
    else {
      kept.push(name)
      i = previous[i - 1] ?? 0
    }
  }
  return kept.reverse()
}
