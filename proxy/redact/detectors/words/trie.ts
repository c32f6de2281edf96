// All words of a rule in one Aho-Corasick automaton over folded characters: flat arrays, no object for a node.
//
//   words -> folded variants -> trie (open-addressed edges) -> failure and output links, breadth first
//
// A node is a number; 0 is the root. One step over a text costs a look-up or two, however many words there are.

import { classesOf, foldWord } from './fold.ts'

/** Characters of all words together; each is a node of at most. */
export const MAX_WORD_CHARACTERS = 524_288
/** Sixteen lists of 4,096 words. */
export const MAX_WORDS = 65_536
export const MAX_WORD_LENGTH = 256

export interface WordAutomaton {
  /** Class of a code unit; 0 is in no word. */
  readonly classOf: Uint16Array
  readonly fail: Int32Array
  /** Length of the word that ends at a node, 0 for none. */
  readonly wordLength: Uint16Array
  /** The next node on the way of failures where a word ends, 0 for none. */
  readonly output: Int32Array
  readonly child: (node: number, sort: number) => number
  readonly nodes: number
}

/** Building takes time linear in the characters. Throws a RangeError above the bounds; checkWords says so before. */
export function buildAutomaton(words: readonly string[]): WordAutomaton {
  const variants = new Set(words.flatMap(foldWord))
  const { classOf, classes } = classesOf(variants)
  const trie = new Trie(count(variants) + 1)
  for (const variant of variants) trie.add(variant, classes)
  const { fail, output } = linkFailures(trie)
  return { classOf, fail, output, wordLength: trie.wordLength, child: trie.child, nodes: trie.nodes }
}

function count(variants: ReadonlySet<string>): number {
  let characters = 0
  for (const variant of variants) characters += variant.length
  if (variants.size > 2 * MAX_WORDS || characters > 2 * MAX_WORD_CHARACTERS) throw new RangeError('too many words')
  return characters
}

class Trie {
  readonly parent: Int32Array
  readonly sort: Uint16Array
  readonly wordLength: Uint16Array
  readonly #slots: Int32Array
  readonly #mask: number
  nodes = 1

  constructor(capacity: number) {
    this.parent = new Int32Array(capacity)
    this.sort = new Uint16Array(capacity)
    this.wordLength = new Uint16Array(capacity)
    this.#slots = new Int32Array(2 ** Math.ceil(Math.log2(capacity * 2 + 2)))
    this.#mask = this.#slots.length - 1
  }

  add(word: string, classes: ReadonlyMap<number, number>): void {
    let node = 0
    for (let at = 0; at < word.length; at++) node = this.#grow(node, classes.get(word.charCodeAt(at)) ?? 0)
    this.wordLength[node] = word.length
  }

  /** The child of `node` by a character of class `sort`; 0 when there is none. */
  readonly child = (node: number, sort: number): number => this.#slots[this.#slotOf(node, sort)] ?? 0

  #grow(node: number, sort: number): number {
    const slot = this.#slotOf(node, sort)
    const known = this.#slots[slot] ?? 0
    if (known !== 0) return known
    const made = this.nodes++
    this.parent[made] = node
    this.sort[made] = sort
    this.#slots[slot] = made
    return made
  }

  /** The edge's slot, or the free one where it would stand. The table is at most half full, so one is always free. */
  #slotOf(node: number, sort: number): number {
    let slot = (Math.imul(node, 0x9e3779b1) ^ Math.imul(sort, 0x85ebca6b)) & this.#mask
    for (;;) {
      const child = this.#slots[slot] ?? 0
      if (child === 0 || (this.parent[child] === node && this.sort[child] === sort)) return slot
      slot = (slot + 1) & this.#mask
    }
  }
}

interface Links {
  readonly fail: Int32Array
  readonly output: Int32Array
}

/** Breadth first, so that the failure of a node's parent is known before its own. */
function linkFailures(trie: Trie): Links {
  const fail = new Int32Array(trie.nodes)
  const output = new Int32Array(trie.nodes)
  for (const node of byDepth(trie)) {
    const parent = trie.parent[node] ?? 0
    const sort = trie.sort[node] ?? 0
    let from = parent
    let target = 0
    while (from !== 0 && target === 0) {
      from = fail[from] ?? 0
      target = trie.child(from, sort)
    }
    fail[node] = target
    output[node] = (trie.wordLength[target] ?? 0) > 0 ? target : (output[target] ?? 0)
  }
  return { fail, output }
}

function byDepth(trie: Trie): Int32Array {
  const depth = new Uint16Array(trie.nodes)
  for (let node = 1; node < trie.nodes; node++) depth[node] = (depth[trie.parent[node] ?? 0] ?? 0) + 1
  const starts = new Int32Array(MAX_WORD_LENGTH * 4 + 2)
  for (let node = 1; node < trie.nodes; node++) bump(starts, (depth[node] ?? 0) + 1)
  for (let level = 1; level < starts.length; level++) starts[level] = (starts[level] ?? 0) + (starts[level - 1] ?? 0)
  const order = new Int32Array(trie.nodes - 1)
  for (let node = 1; node < trie.nodes; node++) order[bump(starts, depth[node] ?? 0)] = node
  return order
}

/** Adds one and returns what was there. */
function bump(counts: Int32Array, at: number): number {
  const before = counts[at] ?? 0
  counts[at] = before + 1
  return before
}
