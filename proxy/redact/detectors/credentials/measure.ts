// How random a value looks, as counts: what labels need beside them before a value is taken for a secret. It knows
// neither labels nor formats.

import type { Units } from '../text/units.ts'

/** Characters of a value that are looked at; the rest of a long one does not change the answer. */
const LOOKED_AT = 72

/** What a value's characters are, for those who weigh how random it looks. */
export interface Measure {
  readonly length: number
  /** The characters that the counts below are of. */
  readonly seen: number
  readonly digits: number
  readonly letters: number
  readonly symbols: number
  /** Changes between digits, small and capital letters, but for a word's capital first letter. */
  readonly changes: number
  readonly distinct: number
}

const DIGIT = 1
const LOWER = 2
const UPPER = 3
const SYMBOL = 4

const SORTS: Uint8Array = Uint8Array.from({ length: 128 }, (_, code) => {
  if (code >= 48 && code <= 57) return DIGIT
  if (code >= 97 && code <= 122) return LOWER
  return code >= 65 && code <= 90 ? UPPER : SYMBOL
})

/** One walk over at most LOOKED_AT characters. */
export function measure(text: Units, start: number, end: number): Measure {
  const limit = Math.min(end, start + LOOKED_AT)
  let [signs, capitals, small] = [0, 0, 0]
  let digits = 0
  let letters = 0
  let changes = 0
  let capitalRun = 0
  let last = SYMBOL
  for (let at = start; at < limit; at++) {
    const code = text.codes[at] ?? 0
    const sort = sortOf(code)
    const bit = 1 << (code & 31)
    if (sort === LOWER) small |= bit
    else if (sort === UPPER) capitals |= bit
    else signs |= bit
    if (sort === DIGIT) digits++
    else if (sort !== SYMBOL) letters++
    // One capital before small letters is how words begin; several are not.
    const isTurn = sort !== last && sort !== SYMBOL && last !== SYMBOL
    if (isTurn && (sort !== LOWER || last !== UPPER || capitalRun > 1)) changes++
    capitalRun = sort === UPPER ? capitalRun + 1 : 0
    last = sort
  }
  const length = limit - start
  return {
    length: end - start,
    seen: length,
    digits,
    letters,
    symbols: length - digits - letters,
    changes,
    distinct: ones(signs) + ones(capitals) + ones(small),
  }
}

function sortOf(code: number): number {
  return code < 128 ? (SORTS[code] ?? SYMBOL) : SYMBOL
}

/** Letters and digits that no word, number, date or name of code would mix so. */
export function looksRandom(value: Measure): boolean {
  if (value.distinct < 5) return false
  if (value.letters === 0) return value.digits >= 15 && value.symbols <= 1
  if (value.digits === 0) return value.length >= 16 && value.changes >= 4 && value.changes * 5 >= value.seen
  if (value.changes < 3 && !(value.digits >= 4 && value.symbols > 0)) return value.length >= 32 && value.changes >= 1
  return value.changes * 10 >= value.seen - value.symbols && value.symbols * 3 <= value.seen
}

/** How many bits are set. */
export function ones(bits: number): number {
  let rest = bits - ((bits >>> 1) & 0x55555555)
  rest = (rest & 0x33333333) + ((rest >>> 2) & 0x33333333)
  return Math.imul((rest + (rest >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

const FEW_CHANGES = 2
const LONG_RUN = 15

/** The cheapest of the questions: whether a token changes its sort of character often enough to go on asking. */
export function isMixed(text: Units, start: number, end: number): boolean {
  const limit = Math.min(end, start + LOOKED_AT)
  let changes = 0
  let last = sortOf(text.codes[start] ?? 0)
  let run = 1
  for (let at = start + 1; at < limit; at++) {
    const sort = sortOf(text.codes[at] ?? 0)
    if (sort !== last && ++changes > FEW_CHANGES) return true
    run = sort === last ? run + 1 : 1
    if (run >= LONG_RUN && sort === DIGIT) return true
    last = sort
  }
  return limit - start >= LONG_RUN * 2
}
