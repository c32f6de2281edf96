// A program as a deterministic automaton, built whole, so that reading a text is one look-up for each character and
// nothing of it depends on the text. A pattern whose automaton is too large is refused, not run slowly.
//
//   ordered:    anchored, threads in their priority, the first match cuts the later ones (ECMAScript's choice)
//   everywhere: a thread starts at each place, order does not count (does any match end here?)

import type { PatternAlphabet } from './alphabet.ts'
import { EDGE, OTHER, WORD, includes } from './alphabet.ts'
import type { Assertion } from './parse.ts'
import type { Program } from './program.ts'

export const MAX_STATES = 2_000
const MAX_WORK = 4_000_000
export const DEAD = 0

export interface Automaton {
  /** By state and sort, the sort behind the last being the text's end: next state * 2 + 1 if a match ended before. */
  readonly table: Int32Array
  readonly width: number
  /** The first state, at the text's edge, behind a word character, behind another. */
  readonly starts: readonly [number, number, number]
  readonly states: number
}

interface Plan {
  readonly program: Program
  readonly alphabet: PatternAlphabet
  readonly mode: 'ordered' | 'everywhere'
}

/** Null when it needs more than MAX_STATES, or too long to find out. */
export function buildAutomaton(plan: Plan): Automaton | null {
  return new Builder(plan).build()
}

interface State {
  readonly threads: readonly number[]
  readonly before: number
}

interface Closure {
  readonly reads: readonly number[]
  readonly matches: boolean
}

class Builder {
  readonly #plan: Plan
  readonly #states: State[] = [{ threads: [], before: OTHER }]
  readonly #numbers = new Map<string, number>([['', DEAD]])
  readonly #asserts: boolean
  #work = 0

  constructor(plan: Plan) {
    this.#plan = plan
    this.#asserts = plan.program.instructions.some((instruction) => instruction.kind === 'assert')
  }

  build(): Automaton | null {
    const { alphabet, program } = this.#plan
    const width = alphabet.sorts + 1
    const start = (before: number) => this.#numberOf([program.start], before)
    const starts: [number, number, number] = [start(EDGE), start(WORD), start(OTHER)]
    const rows: number[] = Array.from({ length: width }, () => 0)
    for (let state = 1; state < this.#states.length; state++) {
      if (this.#states.length > MAX_STATES || this.#work > MAX_WORK) return null
      this.#addRow(rows, state)
    }
    return { table: Int32Array.from(rows), width, starts, states: this.#states.length }
  }

  #addRow(rows: number[], state: number): void {
    const { alphabet } = this.#plan
    const { threads, before } = this.#states[state] ?? { threads: [], before: OTHER }
    const closures = [EDGE, WORD, OTHER].map((after) =>
      this.#asserts || after === OTHER ? this.#close(threads, before, after) : null,
    )
    const beside = (after: number) => closures[after] ?? closures[OTHER] ?? NOTHING
    for (let sort = 0; sort < alphabet.sorts; sort++) {
      const closure = beside(alphabet.besideOf[sort] ?? OTHER)
      const next = this.#numberOf(this.#step(closure, alphabet.unitOf[sort] ?? 0), alphabet.besideOf[sort] ?? OTHER)
      rows.push(next * 2 + (closure.matches ? 1 : 0))
    }
    rows.push(DEAD + (beside(EDGE).matches ? 1 : 0))
  }

  /** Where the threads stand once they have gone as far as they can without reading. */
  #close(threads: readonly number[], before: number, after: number): Closure {
    const { instructions } = this.#plan.program
    const seen = new Set<number>()
    const reads: number[] = []
    let matches = false
    const open = threads.toReversed()
    while (open.length > 0) {
      const at = open.pop() ?? 0
      if (seen.has(at)) continue
      seen.add(at)
      this.#work++
      const instruction = instructions[at]
      if (instruction === undefined) continue
      if (instruction.kind === 'read') reads.push(at)
      else if (instruction.kind === 'split') open.push(instruction.second, instruction.first)
      else if (instruction.kind === 'assert') {
        if (holds(instruction.assertion, before, after)) open.push(instruction.next)
      } else {
        matches = true
        // What is left has a lower priority than the match.
        if (this.#plan.mode === 'ordered') break
      }
    }
    return { reads, matches }
  }

  #step({ reads }: Closure, code: number): readonly number[] {
    const { program, mode } = this.#plan
    const next = new Set<number>()
    for (const at of reads) {
      const instruction = program.instructions[at]
      this.#work++
      if (instruction?.kind === 'read' && includes(instruction.ranges, code)) next.add(instruction.next)
    }
    if (mode === 'ordered') return [...next]
    return [...next.add(program.start)].sort((a, b) => a - b)
  }

  #numberOf(threads: readonly number[], before: number): number {
    if (threads.length === 0) return DEAD
    const beside = this.#asserts ? before : OTHER
    const key = `${beside}:${threads.join()}`
    const known = this.#numbers.get(key)
    if (known !== undefined) return known
    const number = this.#states.push({ threads, before: beside }) - 1
    this.#numbers.set(key, number)
    return number
  }
}

const NOTHING: Closure = { reads: [], matches: false }

function holds(assertion: Assertion, before: number, after: number): boolean {
  if (assertion === 'start') return before === EDGE
  if (assertion === 'end') return after === EDGE
  return ((before === WORD) !== (after === WORD)) === (assertion === 'boundary')
}
