// The scanner of a rule's own patterns: linear in the text, whatever the pattern and the text.
//
//   text -> literal in it? -> from the end: where do matches start -> from each start: where does it end -> finding
//
// The matches are those that ECMAScript's `matchAll` finds. Start places are one bit a character, kept for one text.

import type { Detection, UnitScanner } from '../detection.ts'
import type { PatternAlphabet } from './alphabet.ts'
import { EDGE, sortAt } from './alphabet.ts'
import { DEAD } from './automaton.ts'
import type { CompiledPattern } from './compile.ts'
import { compilePattern } from './compile.ts'
import type { Units } from '../text/units.ts'

export const PATTERN = 'Pattern'

/** Throws a TypeError for a pattern that checkPattern refuses. */
export function createPatternScanner(patterns: readonly string[]): UnitScanner {
  const compiled = patterns.map(compileOrThrow)
  return (text, found, scope) => {
    if (!scope.isEnabled(PATTERN)) return
    for (const pattern of compiled) scanOne(pattern, text, found)
  }
}

function compileOrThrow(pattern: string): CompiledPattern {
  const compiled = compilePattern(pattern)
  if (compiled.kind === 'refused') throw new TypeError(compiled.reason)
  return compiled.pattern
}

function scanOne(pattern: CompiledPattern, text: Units, found: Detection[]): void {
  if (pattern.literal !== '' && !text.text.includes(pattern.literal)) return
  const starts = startsOf(pattern, text)
  if (starts === null) return
  let at = 0
  while (at < text.length) {
    const word = starts[at >> 5] ?? 0
    if (word === 0) at = (at | 31) + 1
    else if ((word & (1 << (at & 31))) === 0) at++
    else {
      const end = endOf(pattern, text, at)
      if (end > at) found.push({ start: at, end, type: PATTERN, evidence: 'pattern of the rule' })
      at = Math.max(end, at + 1)
    }
  }
}

/** One bit for each place where a match starts; null when there is none. */
function startsOf({ alphabet, backwards }: CompiledPattern, text: Units): Int32Array | null {
  const { table, width } = backwards
  let starts: Int32Array | null = null
  let state = backwards.starts[EDGE]
  for (let at = text.length - 1; at >= -1; at--) {
    const sort = at < 0 ? width - 1 : sortAt(alphabet, text.charCodeAt(at))
    const step = table[state * width + sort] ?? 0
    if ((step & 1) === 1) {
      starts ??= new Int32Array((text.length >> 5) + 1)
      starts[(at + 1) >> 5] = (starts[(at + 1) >> 5] ?? 0) | (1 << ((at + 1) & 31))
    }
    state = step >> 1
  }
  return starts
}

function endOf({ alphabet, forwards }: CompiledPattern, text: Units, start: number): number {
  const { table, width } = forwards
  let state = forwards.starts[besideOf(alphabet, text, start)]
  let end = -1
  for (let at = start; state !== DEAD && at <= text.length; at++) {
    const sort = at === text.length ? width - 1 : sortAt(alphabet, text.charCodeAt(at))
    const step = table[(state ?? DEAD) * width + sort] ?? 0
    if ((step & 1) === 1) end = at
    state = step >> 1
  }
  return end
}

function besideOf(alphabet: PatternAlphabet, text: Units, start: number): 0 | 1 | 2 {
  if (start === 0) return EDGE
  return alphabet.besideOf[sortAt(alphabet, text.charCodeAt(start - 1))] === 1 ? 1 : 2
}
