// Reads a pattern of the subset that runs in linear time, and says where the first thing stands that is not in it.
//
//   text -> tokens by hand -> Node | a sentence with its place
//
// The subset is RE2's without captures' numbers and Unicode classes: literals, classes, groups, alternatives, repeats,
// `^ $ \b \B`, a leading `(?i)`. Whether it is cheap enough is program.ts's and automaton.ts's to say.

import type { Range } from './sets.ts'
import { CONTROLS, KNOWN_SETS, LINE_ENDS, bothCases, unit, without } from './sets.ts'

export type Assertion = 'start' | 'end' | 'boundary' | 'inside'

export type Node =
  | { readonly kind: 'set'; readonly ranges: readonly Range[] }
  | { readonly kind: 'sequence'; readonly parts: readonly Node[] }
  | { readonly kind: 'choice'; readonly options: readonly Node[] }
  | {
      readonly kind: 'repeat'
      readonly part: Node
      readonly least: number
      readonly most: number
      readonly isLazy: boolean
      readonly at: number
    }
  | { readonly kind: 'assertion'; readonly assertion: Assertion }

export type Parsed =
  | { readonly kind: 'node'; readonly node: Node }
  | { readonly kind: 'fault'; readonly reason: string }

export const MAX_PATTERN = 1024
export const MAX_REPEAT = 1000
const MAX_DEPTH = 32
const IGNORES_CASE = '(?i)'

/** Thrown inside this file alone, and caught at its door. */
class PatternFault extends Error {}

export function parsePattern(pattern: string): Parsed {
  if (pattern === '') return { kind: 'fault', reason: 'the pattern is empty' }
  if (pattern.length > MAX_PATTERN)
    return { kind: 'fault', reason: `the pattern is longer than ${MAX_PATTERN} characters` }
  try {
    const node = new Reader(pattern).read()
    return { kind: 'node', node }
  } catch (error) {
    if (error instanceof PatternFault) return { kind: 'fault', reason: error.message }
    throw error
  }
}

class Reader {
  readonly #text: string
  readonly #ignoresCase: boolean
  #at: number
  #depth = 0

  constructor(text: string) {
    this.#text = text
    this.#ignoresCase = text.startsWith(IGNORES_CASE)
    this.#at = this.#ignoresCase ? IGNORES_CASE.length : 0
  }

  read(): Node {
    const node = this.#choice()
    if (this.#at < this.#text.length) this.#fail('a `)` closes no group')
    return node
  }

  #choice(): Node {
    const options = [this.#sequence()]
    while (this.#peek() === '|') {
      this.#at++
      options.push(this.#sequence())
    }
    return options.length === 1 && options[0] !== undefined ? options[0] : { kind: 'choice', options }
  }

  #sequence(): Node {
    const parts: Node[] = []
    while (this.#at < this.#text.length && this.#peek() !== '|' && this.#peek() !== ')') parts.push(this.#repeated())
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: 'sequence', parts }
  }

  #repeated(): Node {
    const from = this.#at
    const part = this.#atom()
    const bounds = this.#bounds()
    if (bounds === null) return part
    if (part.kind === 'assertion') this.#fail('an assertion is repeated', from)
    const isLazy = this.#peek() === '?'
    if (isLazy) this.#at++
    if (this.#peek() === '+') this.#fail('possessive repeats are not supported')
    if (this.#bounds() !== null) this.#fail('a repeat is repeated', from)
    return { kind: 'repeat', part, ...bounds, isLazy, at: from }
  }

  #bounds(): { least: number; most: number } | null {
    const simple = { '*': [0, Infinity], '+': [1, Infinity], '?': [0, 1] }[this.#peek()]
    if (simple !== undefined) {
      this.#at++
      return { least: simple[0] ?? 0, most: simple[1] ?? 0 }
    }
    const counted = /^\{(\d{1,5})(?:(,)(\d{0,5}))?\}/.exec(this.#text.slice(this.#at, this.#at + 16))
    if (counted === null) return this.#peek() === '{' ? this.#fail('a `{` opens no count; write `\\{`') : null
    const least = Number(counted[1])
    const most = counted[2] === undefined ? least : counted[3] === '' ? Infinity : Number(counted[3])
    if (least > MAX_REPEAT || (most > MAX_REPEAT && most !== Infinity))
      this.#fail(`a count is larger than ${MAX_REPEAT}`)
    if (most < least) this.#fail('a count’s most is less than its least')
    this.#at += counted[0].length
    return { least, most }
  }

  #atom(): Node {
    const character = this.#peek()
    if (character === '(') return this.#group()
    if (character === '[') return this.#class()
    if ('*+?'.includes(character)) this.#fail(`nothing stands before \`${character}\``)
    if (character === '{') this.#fail('a `{` opens no count; write `\\{`')
    this.#at++
    if (character === '\\') return this.#escape()
    if (character === '.') return setOf(without(LINE_ENDS))
    if (character === '^') return { kind: 'assertion', assertion: 'start' }
    if (character === '$') return { kind: 'assertion', assertion: 'end' }
    return setOf(this.#cased([unit(character)]))
  }

  /** Both cases of explicit characters, when case does not count. */
  #cased(ranges: readonly Range[]): readonly Range[] {
    return this.#ignoresCase ? ranges.flatMap(bothCases) : ranges
  }

  #group(): Node {
    const rest = this.#text.slice(this.#at, this.#at + 4)
    if (/^\(\?<?[=!]/.test(rest))
      this.#fail('lookahead and lookbehind are not supported: they cannot run in linear time')
    if (/^\(\?(?!:)/.test(rest)) this.#fail('only `(?:` groups, and `(?i)` at the very start, are supported')
    if (++this.#depth > MAX_DEPTH) this.#fail(`groups are nested deeper than ${MAX_DEPTH}`)
    this.#at += rest.startsWith('(?:') ? 3 : 1
    const node = this.#choice()
    if (this.#peek() !== ')') this.#fail('a group is not closed')
    this.#at++
    this.#depth--
    return node
  }

  #escape(): Node {
    const letter = this.#take('the pattern ends with a lone `\\`')
    if (letter === 'b') return { kind: 'assertion', assertion: 'boundary' }
    if (letter === 'B') return { kind: 'assertion', assertion: 'inside' }
    const ranges = this.#escapedSet(letter)
    return setOf(ranges.length === 1 ? this.#cased(ranges) : ranges)
  }

  #escapedSet(letter: string): readonly Range[] {
    if (/[1-9k]/.test(letter))
      this.#fail('backreferences are not supported: they cannot run in linear time', this.#at - 2)
    if (/[pP]/.test(letter))
      this.#fail('Unicode classes are not supported; write a range, such as [\\u4e00-\\u9fff]', this.#at - 2)
    const known = KNOWN_SETS.get(letter)
    if (known !== undefined) return known
    const control = CONTROLS.get(letter)
    if (control !== undefined) return [{ from: control, to: control }]
    if (letter === 'x' || letter === 'u') return [this.#hexadecimal(letter === 'x' ? 2 : 4)]
    if (/[A-Za-z0-9]/.test(letter)) this.#fail(`\`\\${letter}\` is not supported`, this.#at - 2)
    return [unit(letter)]
  }

  #hexadecimal(digits: number): Range {
    const written = this.#text.slice(this.#at, this.#at + digits)
    if (written.length < digits || /[^0-9a-f]/i.test(written))
      this.#fail(`an escape needs ${digits} hexadecimal digits`)
    this.#at += digits
    return unit(String.fromCharCode(Number.parseInt(written, 16)))
  }

  #class(): Node {
    const open = this.#at++
    const isNegated = this.#peek() === '^'
    if (isNegated) this.#at++
    const ranges: Range[] = []
    while (this.#peek() !== ']') {
      if (this.#at >= this.#text.length) this.#fail('a class is not closed', open)
      ranges.push(...this.#classPart())
    }
    this.#at++
    if (ranges.length === 0) this.#fail('a class is empty', open)
    return setOf(isNegated ? without(ranges) : ranges)
  }

  #classPart(): readonly Range[] {
    const first = this.#classUnit()
    if (this.#peek() !== '-' || this.#text.charAt(this.#at + 1) === ']')
      return first.length === 1 ? this.#cased(first) : first
    this.#at++
    const last = this.#classUnit()
    const [from, to] = [first[0], last[0]]
    if (isMany(first) || isMany(last)) this.#fail('a range needs single characters at its ends')
    if (from === undefined || to === undefined || to.to < from.from) return this.#fail('a range ends before it starts')
    return this.#cased([{ from: from.from, to: to.to }])
  }

  #classUnit(): readonly Range[] {
    const character = this.#take('a class is not closed')
    if (character === '[' && /[:=.]/.test(this.#peek())) this.#fail('`[:class:]` names are not supported')
    if (character !== '\\') return [unit(character)]
    const letter = this.#take('a class is not closed')
    return letter === 'b' ? [unit('\b')] : letter === '-' ? [unit('-')] : this.#escapedSet(letter)
  }

  #peek(): string {
    return this.#text.charAt(this.#at)
  }

  #take(otherwise: string): string {
    if (this.#at >= this.#text.length) this.#fail(otherwise)
    return this.#text.charAt(this.#at++)
  }

  #fail(what: string, at: number = this.#at): never {
    throw new PatternFault(`${what} (at character ${at + 1})`)
  }
}

function isMany(ranges: readonly Range[]): boolean {
  return ranges.length > 1 || ranges[0]?.from !== ranges[0]?.to
}

function setOf(ranges: readonly Range[]): Node {
  return { kind: 'set', ranges }
}
