// A pattern as a program of few kinds of instruction (Thompson's construction), forwards or backwards.
//
//   Node -> instructions: read one character of a set | go on at both of two places | assert | match
//
// Repeats are written out, so the count of instructions is the pattern's real size.

import type { Assertion, Node } from './parse.ts'
import type { Range } from './sets.ts'

export type Instruction =
  | { readonly kind: 'read'; readonly ranges: readonly Range[]; next: number }
  /** `first` is tried before `second`. */
  | { readonly kind: 'split'; first: number; second: number }
  | { readonly kind: 'assert'; readonly assertion: Assertion; next: number }
  | { readonly kind: 'match' }

export interface Program {
  readonly instructions: readonly Instruction[]
  readonly start: number
}

export const MAX_INSTRUCTIONS = 4_000

/** Null when the pattern written out is longer than MAX_INSTRUCTIONS. */
export function compileProgram(node: Node, direction: 'forwards' | 'backwards'): Program | null {
  const writer = new Writer(direction === 'backwards')
  const match = writer.add({ kind: 'match' })
  const start = writer.write(node, match)
  return writer.isFull ? null : { instructions: writer.instructions, start }
}

/** Writes from the end of the pattern to its start: each part is told where to go on. */
class Writer {
  readonly instructions: Instruction[] = []
  readonly #isBackwards: boolean

  constructor(isBackwards: boolean) {
    this.#isBackwards = isBackwards
  }

  get isFull(): boolean {
    return this.instructions.length > MAX_INSTRUCTIONS
  }

  add(instruction: Instruction): number {
    return this.instructions.push(instruction) - 1
  }

  /** The place where `node` starts, when what follows it starts at `next`. */
  write(node: Node, next: number): number {
    if (this.isFull) return next
    switch (node.kind) {
      case 'set':
        return this.add({ kind: 'read', ranges: node.ranges, next })
      case 'assertion':
        return this.add({
          kind: 'assert',
          assertion: this.#isBackwards ? mirror(node.assertion) : node.assertion,
          next,
        })
      case 'sequence':
        return (this.#isBackwards ? node.parts : node.parts.toReversed()).reduce(
          (at, part) => this.write(part, at),
          next,
        )
      case 'choice':
        return node.options
          .map((option) => this.write(option, next))
          .reduceRight((second, first) => this.add({ kind: 'split', first, second }))
      case 'repeat':
        return this.#repeat(node, next)
    }
  }

  #repeat({ part, least, most, isLazy }: Node & { kind: 'repeat' }, next: number): number {
    let at = most === Infinity ? this.#loop(part, next, isLazy) : next
    const optional = most === Infinity ? 0 : most - least
    for (let count = 0; count < optional && !this.isFull; count++) at = this.#fork(this.write(part, at), next, isLazy)
    for (let count = 0; count < least && !this.isFull; count++) at = this.write(part, at)
    return at
  }

  #loop(part: Node, next: number, isLazy: boolean): number {
    const fork = this.#fork(next, next, isLazy)
    const body = this.write(part, fork)
    const split = this.instructions[fork]
    if (split?.kind === 'split') split[isLazy ? 'second' : 'first'] = body
    return fork
  }

  #fork(taken: number, skipped: number, isLazy: boolean): number {
    const [first, second] = isLazy ? [skipped, taken] : [taken, skipped]
    return this.add({ kind: 'split', first, second })
  }
}

function mirror(assertion: Assertion): Assertion {
  if (assertion === 'start') return 'end'
  return assertion === 'end' ? 'start' : assertion
}
