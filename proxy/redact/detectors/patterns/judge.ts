// What the tree of a pattern gives away: repeats that would multiply, matches of nothing, and a literal that every
// match holds.

import type { Node } from './parse.ts'
import type { Range } from './sets.ts'

/** Why the tree is refused, or null. */
export function judgeTree(node: Node): string | null {
  return repeatFault(node, false) ?? (canBeEmpty(node) ? 'it matches the empty text' : null)
}

function repeatFault(node: Node, isRepeated: boolean): string | null {
  switch (node.kind) {
    case 'set':
    case 'assertion':
      return null
    case 'choice':
      return firstFault(node.options, isRepeated)
    case 'sequence':
      return firstFault(node.parts, isRepeated) ?? adjacentFault(node.parts)
    case 'repeat':
      return loopFault(node, isRepeated) ?? repeatFault(node.part, isRepeated || node.most === Infinity)
  }
}

function firstFault(nodes: readonly Node[], isRepeated: boolean): string | null {
  for (const node of nodes) {
    const fault = repeatFault(node, isRepeated)
    if (fault !== null) return fault
  }
  return null
}

type Repeat = Node & { readonly kind: 'repeat' }

function loopFault(repeat: Repeat, isRepeated: boolean): string | null {
  const where = `(at character ${repeat.at + 1})`
  if (canBeEmpty(repeat.part)) return `what is repeated can be empty ${where}`
  return isRepeated && repeat.most === Infinity ? `an unbounded repeat stands inside another ${where}` : null
}

/** `\d+\d+`, `.*.*`: the same character could belong to both. What can be empty between them separates nothing. */
function adjacentFault(parts: readonly Node[]): string | null {
  let before: Repeat | null = null
  for (const part of parts) {
    const repeat = part.kind === 'repeat' && part.most === Infinity ? part : null
    if (repeat !== null && before !== null && overlap(unitsOf(before.part), unitsOf(repeat.part))) {
      return `two unbounded repeats of the same characters are adjacent (at character ${repeat.at + 1})`
    }
    if (repeat !== null) before = repeat
    else if (!canBeEmpty(part)) before = null
  }
  return null
}

export function canBeEmpty(node: Node): boolean {
  switch (node.kind) {
    case 'set':
      return false
    case 'assertion':
      return true
    case 'choice':
      return node.options.some(canBeEmpty)
    case 'sequence':
      return node.parts.every(canBeEmpty)
    case 'repeat':
      return node.least === 0 || canBeEmpty(node.part)
  }
}

function unitsOf(node: Node): readonly Range[] {
  switch (node.kind) {
    case 'set':
      return node.ranges
    case 'assertion':
      return []
    case 'choice':
      return node.options.flatMap(unitsOf)
    case 'sequence':
      return node.parts.flatMap(unitsOf)
    case 'repeat':
      return unitsOf(node.part)
  }
}

function overlap(some: readonly Range[], others: readonly Range[]): boolean {
  return some.some((one) => others.some((other) => one.from <= other.to && other.from <= one.to))
}

/** The longest run of single characters that every match holds, searched for before anything else; or empty. */
export function requiredLiteral(node: Node): string {
  const parts = node.kind === 'sequence' ? node.parts : [node]
  let best = ''
  let run = ''
  for (const part of parts) {
    const unit = singleUnit(part)
    if (unit !== null) run += unit
    else if (part.kind !== 'assertion') run = ''
    const inner = part.kind === 'sequence' ? requiredLiteral(part) : ''
    for (const literal of [run, inner]) if (literal.length > best.length) best = literal
  }
  return best
}

function singleUnit(node: Node): string | null {
  const only = node.kind === 'set' && node.ranges.length === 1 ? node.ranges[0] : undefined
  return only !== undefined && only.from === only.to ? String.fromCharCode(only.from) : null
}
