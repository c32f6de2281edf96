// The characters that a pattern tells apart: code units that are in the same of its sets are one sort.
//
//   sets of two programs -> cuts -> sorts, a table for ASCII and a search for the rest

import type { Instruction } from './program.ts'
import type { Range } from './sets.ts'
import { WORD_RANGES } from './sets.ts'

/** What stands beside a place, as `\b`, `^` and `$` need it. */
export const EDGE = 0
export const WORD = 1
export const OTHER = 2

export interface PatternAlphabet {
  readonly sorts: number
  /** A code unit of each sort. */
  readonly unitOf: readonly number[]
  /** WORD or OTHER, by sort; all OTHER when the pattern asserts nothing. */
  readonly besideOf: readonly number[]
  readonly ascii: Uint8Array
  /** First code units of the stretches of one sort, in order, and the stretches' sorts. */
  readonly cuts: Uint16Array
  readonly sortOfCut: Uint8Array
}

export const MAX_SORTS = 200

/** Null when the pattern tells more than MAX_SORTS sorts apart. */
export function alphabetOf(instructions: readonly Instruction[]): PatternAlphabet | null {
  const sets = distinctSets(instructions)
  const asserts = instructions.some((instruction) => instruction.kind === 'assert')
  if (asserts) sets.push(WORD_RANGES)
  const cuts = [
    ...new Set([0, ...sets.flat().flatMap(({ from, to }) => (to === 0xffff ? [from] : [from, to + 1]))]),
  ].sort((a, b) => a - b)
  const sorts = new Map<string, number>()
  const unitOf: number[] = []
  const sortOfCut = cuts.map((cut) => {
    const signature = sets.map((set) => (includes(set, cut) ? '1' : '0')).join('')
    const known = sorts.get(signature)
    if (known !== undefined) return known
    unitOf.push(cut)
    sorts.set(signature, sorts.size)
    return sorts.size - 1
  })
  if (sorts.size > MAX_SORTS) return null
  const besideOf = unitOf.map((code) => (asserts && includes(WORD_RANGES, code) ? WORD : OTHER))
  const table = { cuts: Uint16Array.from(cuts), sortOfCut: Uint8Array.from(sortOfCut) }
  const ascii = Uint8Array.from({ length: 128 }, (_, code) => search(table.cuts, table.sortOfCut, code))
  return { sorts: sorts.size, unitOf, besideOf, ascii, ...table }
}

export function sortAt(alphabet: PatternAlphabet, code: number): number {
  return code < 128 ? (alphabet.ascii[code] ?? 0) : search(alphabet.cuts, alphabet.sortOfCut, code)
}

export function includes(ranges: readonly Range[], code: number): boolean {
  return ranges.some(({ from, to }) => from <= code && code <= to)
}

/** The sort of the last stretch that begins at or before `code`. */
function search(cuts: Uint16Array, sortOfCut: Uint8Array, code: number): number {
  let low = 0
  let high = cuts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((cuts[middle] ?? 0) <= code) low = middle
    else high = middle - 1
  }
  return sortOfCut[low] ?? 0
}

function distinctSets(instructions: readonly Instruction[]): (readonly Range[])[] {
  const sets = new Map<string, readonly Range[]>()
  for (const instruction of instructions) {
    if (instruction.kind === 'read')
      sets.set(instruction.ranges.map(({ from, to }) => `${from}-${to}`).join(), instruction.ranges)
  }
  return [...sets.values()]
}
