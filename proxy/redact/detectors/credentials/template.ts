// The written form of a credential, as literals and runs: `ghp_{alnum:36}`, `SG.{mixed:22}.{mixed:43}`.
//
//   template -> segments -> matchSegments(text, at) -> end | -1
//
// A run takes every character of its alphabet that follows, so it must be whole: one character more than its most, or
// a letter or digit behind the last segment, and it is no match. There is no backtracking, hence no slow text.

import type { Alphabet } from './alphabets.ts'
import { ALNUM_MASK, ALPHABETS, BITS, bitsAt, charactersOf } from './alphabets.ts'
import type { Units } from '../text/units.ts'

/** A literal has an empty mask; a run has an empty literal. */
export interface Segment {
  readonly literal: string
  readonly mask: number
  readonly least: number
  readonly most: number
}

const PART = /\{(\w+):(\d+)(?:-(\d+))?\}|[^{]+/g

/** The segments of a template of ours. Throws on an alphabet that does not exist: a mistake in a table. */
export function parseTemplate(template: string): readonly Segment[] {
  return [...template.matchAll(PART)].map(([part, alphabet, least, most]) => {
    if (alphabet === undefined) return { literal: part, mask: 0, least: part.length, most: part.length }
    if (!isAlphabet(alphabet)) throw new TypeError(`template ${template}: no alphabet ${alphabet}`)
    return { literal: '', mask: ALPHABETS[alphabet], least: Number(least), most: Number(most ?? least) }
  })
}

/** The end of what `segments` describe at `at`, or -1. */
export function matchSegments(text: Units, at: number, segments: readonly Segment[]): number {
  let end = at
  let lastMask = 0
  for (const segment of segments) {
    if (segment.mask === 0) {
      if (!startsLiteral(text, end, segment.literal)) return -1
      end += segment.literal.length
    } else {
      const run = runLength({ text, at: end, mask: segment.mask, most: segment.most })
      if (run < segment.least) return -1
      end += run
    }
    lastMask = segment.mask
  }
  return (bitsAt(text, end) & (lastMask | ALNUM_MASK)) === 0 ? end : -1
}

function startsLiteral({ codes }: Units, at: number, literal: string): boolean {
  for (let index = 0; index < literal.length; index++) {
    if (codes[at + index] !== literal.charCodeAt(index)) return false
  }
  return true
}

interface Run {
  readonly text: Units
  readonly at: number
  readonly mask: number
  readonly most: number
}

function runLength({ text, at, mask, most }: Run): number {
  const { codes } = text
  let length = 0
  while (length < most && ((BITS[codes[at + length] ?? 0] ?? 0) & mask) !== 0) length++
  return length
}

/** A made-up value of the template, the same for the same seed; lengths lie between the least and the most. */
export function exampleOf(template: string, seed: number): string {
  let state = seed >>> 0
  const next = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return (state >>> 8) % below
  }
  return parseTemplate(template)
    .map((segment) => {
      if (segment.mask === 0) return segment.literal
      const characters = charactersOf(segment.mask)
      const length = segment.least + next(Math.min(segment.most - segment.least, 40) + 1)
      return Array.from({ length }, () => characters.charAt(next(characters.length))).join('')
    })
    .join('')
}

function isAlphabet(name: string): name is Alphabet {
  return name in ALPHABETS
}
