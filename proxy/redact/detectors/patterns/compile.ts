// From a pattern to the two automata that find its matches in linear time, or the sentence why not.
//
//   pattern -> parse -> judge the tree -> two programs -> one alphabet -> two automata -> judge how far they read on

import type { PatternAlphabet } from './alphabet.ts'
import { alphabetOf } from './alphabet.ts'
import type { Automaton } from './automaton.ts'
import { DEAD, MAX_STATES, buildAutomaton } from './automaton.ts'
import { judgeTree, requiredLiteral } from './judge.ts'
import { parsePattern } from './parse.ts'
import { MAX_INSTRUCTIONS, compileProgram } from './program.ts'

export interface CompiledPattern {
  readonly alphabet: PatternAlphabet
  /** From a place where a match starts: to its end. */
  readonly forwards: Automaton
  /** From the text's end to its start: where does a match start? */
  readonly backwards: Automaton
  /** A text without this has no match; empty when there is no such text. */
  readonly literal: string
}

export type Compiled =
  | { readonly kind: 'compiled'; readonly pattern: CompiledPattern }
  | { readonly kind: 'refused'; readonly reason: string }

/** Characters that may be read behind a match in vain: with more, a text of many matches would be read many times. */
export const MAX_OVERRUN = 128

export function compilePattern(pattern: string): Compiled {
  const parsed = parsePattern(pattern)
  if (parsed.kind === 'fault') return refused(parsed.reason)
  const fault = judgeTree(parsed.node)
  if (fault !== null) return refused(fault)
  const ahead = compileProgram(parsed.node, 'forwards')
  const back = compileProgram(parsed.node, 'backwards')
  if (ahead === null || back === null)
    return refused(`written out it has more than ${MAX_INSTRUCTIONS} steps; use smaller counts`)
  const alphabet = alphabetOf(ahead.instructions)
  if (alphabet === null) return refused('it tells too many sorts of characters apart')
  const forwards = buildAutomaton({ program: ahead, alphabet, mode: 'ordered' })
  const backwards = buildAutomaton({ program: back, alphabet, mode: 'everywhere' })
  if (forwards === null || backwards === null) {
    return refused(`it needs more than ${MAX_STATES} states; use smaller counts, or parts that do not overlap`)
  }
  if (overrun(forwards) > MAX_OVERRUN) {
    return refused(`behind a match it may read more than ${MAX_OVERRUN} characters in vain; make its end certain`)
  }
  return { kind: 'compiled', pattern: { alphabet, forwards, backwards, literal: requiredLiteral(parsed.node) } }
}

function refused(reason: string): Compiled {
  return { kind: 'refused', reason }
}

/** The most characters that are read behind a match before it is certain that it grows no longer. */
function overrun(automaton: Automaton): number {
  const depths = new Int32Array(automaton.states).fill(-1)
  let most = 0
  for (let entry = 0; entry < automaton.table.length; entry++) {
    const step = automaton.table[entry] ?? 0
    if ((step & 1) === 1 && step >> 1 !== DEAD) most = Math.max(most, 1 + depthOf(automaton, step >> 1, depths))
    if (most > MAX_OVERRUN) return most
  }
  return most
}

const VISITING = -2

/** Longest way through steps that match nothing; a circle counts as endless. Not deeper than MAX_OVERRUN. */
function depthOf(automaton: Automaton, state: number, depths: Int32Array, level = 0): number {
  const known = depths[state] ?? 0
  if (known === VISITING || level > MAX_OVERRUN) return MAX_OVERRUN + 1
  if (known >= 0) return known
  depths[state] = VISITING
  let most = 0
  for (let sort = 0; sort < automaton.width - 1; sort++) {
    const step = automaton.table[state * automaton.width + sort] ?? 0
    if ((step & 1) === 1 || step >> 1 === DEAD) continue
    most = Math.max(most, 1 + depthOf(automaton, step >> 1, depths, level + 1))
  }
  depths[state] = most
  return most
}
