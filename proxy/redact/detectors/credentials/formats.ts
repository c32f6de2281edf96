// Finds the values that show what they are, at the start of a word of the text.
//
//   start of a token -> its first two characters, its first, or the character behind its first run
//                    -> the few templates that can begin so -> the longest that matches and is no placeholder
//
// It looks at one place at a time; scan.ts says which.

import type { DetectorName } from '../detection.ts'
import { ALNUM_MASK, bitsAt } from './alphabets.ts'
import type { CredentialKind } from './kind.ts'
import { isFiller } from './placeholders.ts'
import type { Segment } from './template.ts'
import { matchSegments, parseTemplate } from './template.ts'
import { unitsOf, type Units } from '../text/units.ts'

interface Format {
  readonly type: DetectorName
  readonly segments: readonly Segment[]
  readonly distinct: number
  readonly digits: number
}

/** Templates by what they begin with; a place is looked up in all four. */
export interface FormatIndex {
  readonly byTwo: ReadonlyMap<number, readonly Format[]>
  readonly byOne: ReadonlyMap<number, readonly Format[]>
  /** By the character that must stand behind a first run of letters and digits. */
  readonly byRunEnd: ReadonlyMap<number, readonly Format[]>
  readonly rest: readonly Format[]
  /** 1 for each pair of first characters that `byTwo` or `byOne` knows; most words of a text stop here. */
  readonly starts: Uint8Array
}

export interface FormatMatch {
  readonly type: DetectorName
  readonly end: number
}

/** Longest first run that decides by the character behind it. */
const MAX_FIRST_RUN = 40
const DEFAULT_DISTINCT = 7

export function indexFormats(kinds: readonly CredentialKind[]): FormatIndex {
  const byTwo = new Map<number, Format[]>()
  const byOne = new Map<number, Format[]>()
  const byRunEnd = new Map<number, Format[]>()
  const rest: Format[] = []
  const starts = new Uint8Array(128 * 128)
  for (const format of kinds.flatMap(formatsOf)) {
    const first = format.segments[0]
    if (first === undefined) continue
    if (first.literal.length > 1) addTo(byTwo, pairOf(unitsOf(first.literal), 0), format)
    else if (first.literal.length === 1) addTo(byOne, first.literal.charCodeAt(0), format)
    else if (runEndOf(format) >= 0) addTo(byRunEnd, runEndOf(format), format)
    else rest.push(format)
  }
  for (const pair of byTwo.keys()) starts[pair] = 1
  for (const code of byOne.keys()) starts.fill(1, code << 7, (code + 1) << 7)
  return { byTwo, byOne, byRunEnd, rest, starts }
}

/** The first two characters as one number; 0 when one of them is not ASCII. */
export function pairOf(text: Units, at: number): number {
  const one = text.codes[at] ?? 0
  const two = text.codes[at + 1] ?? 0
  return one < 128 && two < 128 ? (one << 7) | two : 0
}

/** The longest credential that starts at `at`, judged by its leading literal. */
export function matchPrefix(text: Units, at: number, index: FormatIndex): FormatMatch | null {
  const pair = pairOf(text, at)
  if (index.starts[pair] !== 1) return null
  const best = longest({ text, at, formats: index.byTwo.get(pair), best: null })
  return longest({ text, at, formats: index.byOne.get(pair >> 7), best })
}

/** The longest credential that starts at `at` with a run of letters and digits, not with a literal. */
export function matchRun(text: Units, at: number, index: FormatIndex): FormatMatch | null {
  let end = at
  while (end - at < MAX_FIRST_RUN && (bitsAt(text, end) & ALNUM_MASK) !== 0) end++
  const best = longest({ text, at, formats: index.byRunEnd.get(text.codes[end] ?? 0), best: null })
  return longest({ text, at, formats: index.rest, best })
}

interface Search {
  readonly text: Units
  readonly at: number
  readonly formats: readonly Format[] | undefined
  readonly best: FormatMatch | null
}

function longest({ text, at, formats, best }: Search): FormatMatch | null {
  if (formats === undefined) return best
  let found = best
  for (const format of formats) {
    const end = matchSegments(text, at, format.segments)
    if (end <= (found?.end ?? 0) || !isGenuine({ text, at, end, format })) continue
    found = { type: format.type, end }
  }
  return found
}

interface Candidate {
  readonly text: Units
  readonly at: number
  readonly end: number
  readonly format: Format
}

/** Templates alone are not proof: documentation shows `ghp_xxxxxxxx`, code has words of the same length. */
function isGenuine({ text, at, end, format }: Candidate): boolean {
  if (format.distinct === 0) return true
  const from = at + (format.segments[0]?.literal.length ?? 0)
  return !isFiller({ text, start: from, end, distinct: format.distinct, digits: format.digits })
}

function formatsOf(kind: CredentialKind): readonly Format[] {
  return kind.templates.map((template) => ({
    type: kind.name,
    segments: parseTemplate(template),
    distinct: kind.distinct ?? DEFAULT_DISTINCT,
    digits: kind.digits ?? 0,
  }))
}

function runEndOf(format: Format): number {
  const [first, second] = format.segments
  const literal = second?.literal ?? ''
  if (first === undefined || literal === '' || (first.mask & ~ALNUM_MASK) !== 0) return -1
  return (bitsAt(unitsOf(literal), 0) & ALNUM_MASK) === 0 ? literal.charCodeAt(0) : -1
}

function addTo(map: Map<number, Format[]>, key: number, format: Format): void {
  const formats = map.get(key)
  if (formats === undefined) map.set(key, [format])
  else formats.push(format)
}
