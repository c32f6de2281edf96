// The one door to detection: runs a policy's scanners over a text and makes one list of what they saw.
//
//   text -> scanners (any order, overlaps) -> sort -> clusters of touching findings -> winners + what losers left over
//
// Of findings that overlap the longest wins, then the earlier family, then the one that starts first. What a loser
// covered beyond the winner is kept as a finding of its own, so nothing that a scanner saw goes out in the clear.

import type { Detection } from './detection.ts'
import { DETECTOR_FAMILIES } from './detection.ts'
import type { DetectionPolicy } from './policy.ts'
import { DETECTORS } from './table.ts'

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
    if (index - from > 1) settle({ text, cluster: found.slice(from, index), reach, kept })
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
  /** Sorted by start. */
  readonly cluster: Detection[]
  /** Behind the last of them. */
  readonly reach: number
  readonly kept: Detection[]
}

/** Longest first: each takes the places that are still free, and keeps of them what holds letters or digits. */
function settle({ text, cluster, reach, kept }: Cluster): void {
  const from = cluster[0]?.start ?? 0
  // Of each place the next free one, itself when it is free: whatever is taken is stepped over at once.
  const free = new Int32Array(reach - from + 1)
  for (let place = 0; place < free.length; place++) free[place] = place
  const winners: Detection[] = []
  for (const candidate of cluster.sort(byRank)) takePlaces({ text, candidate, from, free, winners })
  for (const winner of winners.sort((a, b) => a.start - b.start)) kept.push(winner)
}

interface Taking {
  readonly text: string
  readonly candidate: Detection
  /** Where the cluster begins. */
  readonly from: number
  readonly free: Int32Array
  readonly winners: Detection[]
}

function takePlaces({ text, candidate, from, free, winners }: Taking): void {
  const end = candidate.end - from
  for (let at = nextFree(free, candidate.start - from); at < end;) {
    let stop = at + 1
    while (stop < end && free[stop] === stop) stop++
    const isWhole = at + from === candidate.start && stop === end
    const piece = isWhole ? candidate : trimmed(text, { ...candidate, start: at + from, end: stop + from })
    if (piece !== null) {
      winners.push(piece)
      free.fill(piece.end - from, piece.start - from, piece.end - from)
    }
    at = nextFree(free, stop)
  }
}

/** Halves the way as it goes, so that it is short the next time. */
function nextFree(free: Int32Array, place: number): number {
  let at = place
  for (let next = free[at] ?? at; next !== at; next = free[at] ?? at) {
    free[at] = free[next] ?? next
    at = next
  }
  return at
}

const WORD_CHARACTER = /[\p{L}\p{N}]/u

/** Without the spaces and marks at its ends; null when fewer than two letters or digits are left. */
function trimmed(text: string, rest: Detection): Detection | null {
  let { start, end } = rest
  while (start < end && !WORD_CHARACTER.test(text.charAt(start))) start++
  while (end > start && !WORD_CHARACTER.test(text.charAt(end - 1))) end--
  return end - start < 2 ? null : { ...rest, start, end }
}

function byRank(a: Detection, b: Detection): number {
  return b.end - b.start - (a.end - a.start) || familyRank(a) - familyRank(b) || a.start - b.start
}

const FAMILY_RANKS: ReadonlyMap<string, number> = new Map(
  DETECTORS.map(({ name, family }) => [name, DETECTOR_FAMILIES.indexOf(family)]),
)
const RANK_OF_PATTERNS = DETECTOR_FAMILIES.indexOf('patterns')

function familyRank({ type }: Detection): number {
  return FAMILY_RANKS.get(type) ?? RANK_OF_PATTERNS
}
