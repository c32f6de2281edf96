// The one door to detection: runs a policy's scanners over a text and makes one list of what they saw.
//
//   text -> scanners (any order, overlaps) -> sort -> clusters of touching findings -> winners + what losers left over
//
// Of findings that overlap the longest wins, then the earlier family, then the one that starts first. What a loser
// covered beyond the winner is kept as a finding of its own, so nothing that a scanner saw goes out in the clear.

import type { Detection, DetectorFamily } from './detection.ts'
import { DETECTOR_FAMILIES } from './detection.ts'
import type { DetectionPolicy } from './policy.ts'
import { DETECTORS_BY_NAME } from './table.ts'

/**
 * Sorted by start, without overlaps. Linear in the text, n log n in the findings.
 * `label` is the JSON key, header or field that the text is the value of, when there is one.
 */
export function detect(text: string, policy: DetectionPolicy, label: string | null = null): readonly Detection[] {
  const found: Detection[] = []
  const scope = { isEnabled: policy.isEnabled, label }
  for (const scan of policy.scanners) scan(text, found, scope)
  return found.length < 2 ? found : withoutOverlaps(text, found)
}

/** The findings of `found` that stay, as `detect` returns them. */
export function withoutOverlaps(text: string, found: Detection[]): readonly Detection[] {
  found.sort((a, b) => a.start - b.start || b.end - a.end)
  const kept: Detection[] = []
  let from = 0
  let reach = -1
  for (let index = 0; index <= found.length; index++) {
    const next = found[index]
    if (next !== undefined && next.start < reach) {
      reach = Math.max(reach, next.end)
      continue
    }
    if (index - from > 1) settle({ text, cluster: found.slice(from, index), kept })
    else keepOne(found[from], kept, index > from)
    from = index
    reach = next?.end ?? 0
  }
  return kept
}

function keepOne(only: Detection | undefined, kept: Detection[], isThere: boolean): void {
  if (isThere && only !== undefined) kept.push(only)
}

interface Cluster {
  readonly text: string
  readonly cluster: Detection[]
  readonly kept: Detection[]
}

/** Longest first into a list that stays sorted; a loser gives up what is taken and keeps its ends. */
function settle({ text, cluster, kept }: Cluster): void {
  cluster.sort(byRank)
  const winners: Detection[] = []
  for (const candidate of cluster) {
    const at = firstEndingAfter(winners, candidate.start)
    const hit = winners[at]
    if (hit === undefined || hit.start >= candidate.end) winners.splice(at, 0, candidate)
    else placeRest({ text, candidate, winners, at })
  }
  for (const winner of winners) kept.push(winner)
}

interface Rest {
  readonly text: string
  readonly candidate: Detection
  readonly winners: Detection[]
  readonly at: number
}

/** Puts in what of the candidate lies before, between and behind the winners it meets. */
function placeRest({ text, candidate, winners, at }: Rest): void {
  const pieces: Detection[] = []
  let from = candidate.start
  let next = at
  for (; next < winners.length; next++) {
    const winner = winners[next]
    if (winner === undefined || winner.start >= candidate.end) break
    const piece = trimmed(text, { ...candidate, start: from, end: winner.start })
    if (piece !== null) pieces.push(piece)
    pieces.push(winner)
    from = winner.end
  }
  const tail = trimmed(text, { ...candidate, start: from })
  if (tail !== null) pieces.push(tail)
  winners.splice(at, next - at, ...pieces)
}

const WORD_CHARACTER = /[\p{L}\p{N}]/u

/** Without the spaces and marks at its ends; null when fewer than two letters or digits are left. */
function trimmed(text: string, rest: Detection): Detection | null {
  let { start, end } = rest
  while (start < end && !WORD_CHARACTER.test(text.charAt(start))) start++
  while (end > start && !WORD_CHARACTER.test(text.charAt(end - 1))) end--
  return end - start < 2 ? null : { ...rest, start, end }
}

/** Index of the first winner whose end lies behind `offset`. */
function firstEndingAfter(winners: readonly Detection[], offset: number): number {
  let low = 0
  let high = winners.length
  while (low < high) {
    const middle = (low + high) >> 1
    const winner = winners[middle]
    if (winner !== undefined && winner.end <= offset) low = middle + 1
    else high = middle
  }
  return low
}

function byRank(a: Detection, b: Detection): number {
  return b.end - b.start - (a.end - a.start) || familyRank(a) - familyRank(b) || a.start - b.start
}

function familyRank(detection: Detection): number {
  const family: DetectorFamily = DETECTORS_BY_NAME.get(detection.type)?.family ?? 'patterns'
  return DETECTOR_FAMILIES.indexOf(family)
}
