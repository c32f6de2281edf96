// Sets of code units, as ranges: the named ones of the pattern language, their complements, and both cases of a letter.
// All as ECMAScript has them without the flag `u`.

export interface Range {
  readonly from: number
  readonly to: number
}

const LAST_UNIT = 0xffff

export function unit(character: string): Range {
  const code = character.charCodeAt(0)
  return { from: code, to: code }
}

/** Wider ranges than this hold both cases of their letters, or no letters at all. */
const MAX_CASED = 1024

export function bothCases(ranges: Range): readonly Range[] {
  if (ranges.to - ranges.from > MAX_CASED) return [ranges]
  const codes = Array.from({ length: ranges.to - ranges.from + 1 }, (_, offset) => ranges.from + offset)
  return [ranges, ...codes.flatMap(otherCases)]
}

/** ECMAScript's rule without `u`: equal in upper case, and no ASCII letter for one outside ASCII. */
function otherCases(code: number): readonly Range[] {
  const character = String.fromCharCode(code)
  return [character.toUpperCase(), character.toLowerCase()]
    .filter((other) => other.length === 1 && canonical(other) === canonical(character))
    .map(unit)
}

function canonical(character: string): string {
  const upper = character.toUpperCase()
  return upper.length > 1 || (character > '\u007f' && upper <= '\u007f') ? character : upper
}

/** All code units that are in none of `ranges`. */
export function without(ranges: readonly Range[]): readonly Range[] {
  const rest: Range[] = []
  let from = 0
  for (const range of ranges.toSorted((a, b) => a.from - b.from)) {
    if (range.from > from) rest.push({ from, to: range.from - 1 })
    from = Math.max(from, range.to + 1)
  }
  return from > LAST_UNIT ? rest : [...rest, { from, to: LAST_UNIT }]
}

const range = (from: number, to: number): Range => ({ from, to })
const DIGITS = [range(48, 57)]
export const WORD_RANGES: readonly Range[] = [range(48, 57), range(65, 90), range(95, 95), range(97, 122)]
/** ECMAScript's WhiteSpace and LineTerminator. */
const SPACES = [
  range(9, 13),
  range(32, 32),
  range(0xa0, 0xa0),
  range(0x1680, 0x1680),
  range(0x2000, 0x200a),
  range(0x2028, 0x2029),
  range(0x202f, 0x202f),
  range(0x205f, 0x205f),
  range(0x3000, 0x3000),
  range(0xfeff, 0xfeff),
]
export const LINE_ENDS: readonly Range[] = [range(10, 10), range(13, 13), range(0x2028, 0x2029)]

export const KNOWN_SETS: ReadonlyMap<string, readonly Range[]> = new Map([
  ['d', DIGITS],
  ['D', without(DIGITS)],
  ['w', WORD_RANGES],
  ['W', without(WORD_RANGES)],
  ['s', SPACES],
  ['S', without(SPACES)],
])

export const CONTROLS: ReadonlyMap<string, number> = new Map([
  ['n', 10],
  ['r', 13],
  ['t', 9],
  ['f', 12],
  ['v', 11],
  ['0', 0],
])
