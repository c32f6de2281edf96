// How random a value looks, as counts: what labels need beside them before a value is taken for a secret.

import { DIGIT_MASK, LOWER_MASK, UPPER_MASK, bitsAt } from './alphabets.ts'

/** Characters of a value that are looked at; the rest of a long one does not change the answer. */
const LOOKED_AT = 256

/** What a value's characters are, for those who weigh how random it looks. */
export interface Measure {
  readonly length: number
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

/** One walk over at most 256 characters. */
export function measure(text: string, start: number, end: number): Measure {
  const limit = Math.min(end, start + LOOKED_AT)
  const seen = newSeen()
  let digits = 0
  let letters = 0
  let changes = 0
  let capitals = 0
  let last = SYMBOL
  for (let at = start; at < limit; at++) {
    const sort = sortOf(bitsAt(text, at))
    see(seen, text.charCodeAt(at))
    if (sort === DIGIT) digits++
    else if (sort !== SYMBOL) letters++
    // One capital before small letters is how words begin; several are not.
    if (sort !== last && sort !== SYMBOL && last !== SYMBOL && (sort !== LOWER || last !== UPPER || capitals > 1))
      changes++
    capitals = sort === UPPER ? capitals + 1 : 0
    last = sort
  }
  const symbols = limit - start - digits - letters
  return { length: end - start, digits, letters, symbols, changes, distinct: countSeen(seen) }
}

/** Letters and digits that no word, number, date or name of code would mix so. */
export function looksRandom(value: Measure): boolean {
  if (value.distinct < 5) return false
  if (value.letters === 0) return value.digits >= 15 && value.symbols <= 1
  if (value.digits === 0) return value.length >= 16 && value.changes >= 4 && value.changes * 5 >= value.length
  if (value.changes < 3 && !(value.digits >= 4 && value.symbols > 0)) return value.length >= 32 && value.changes >= 1
  return value.changes * 10 >= value.length - value.symbols && value.symbols * 3 <= value.length
}

function sortOf(bits: number): number {
  if ((bits & DIGIT_MASK) !== 0) return DIGIT
  if ((bits & LOWER_MASK) !== 0) return LOWER
  return (bits & UPPER_MASK) !== 0 ? UPPER : SYMBOL
}

/** Which characters there were, one bit each: signs and digits, capitals, small letters. */
export interface Seen {
  signs: number
  capitals: number
  small: number
}

export function newSeen(): Seen {
  return { signs: 0, capitals: 0, small: 0 }
}

/** Characters outside ASCII count as the ASCII ones that share their last bits. */
export function see(seen: Seen, code: number): void {
  const bit = 1 << (code & 31)
  if ((code & 96) === 96) seen.small |= bit
  else if ((code & 64) !== 0) seen.capitals |= bit
  else seen.signs |= bit
}

export function countSeen(seen: Seen): number {
  return ones(seen.signs) + ones(seen.capitals) + ones(seen.small)
}

function ones(bits: number): number {
  let rest = bits - ((bits >>> 1) & 0x55555555)
  rest = (rest & 0x33333333) + ((rest >>> 2) & 0x33333333)
  return Math.imul((rest + (rest >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

const FEW_CHANGES = 2
const LONG_RUN = 15

/** The cheapest of the questions: whether a token changes its sort of character often enough to go on asking. */
export function isMixed(text: string, start: number, end: number): boolean {
  const limit = Math.min(end, start + LOOKED_AT)
  let changes = 0
  let last = sortOf(bitsAt(text, start))
  let run = 1
  for (let at = start + 1; at < limit; at++) {
    const sort = sortOf(bitsAt(text, at))
    if (sort !== last && ++changes > FEW_CHANGES) return true
    run = sort === last ? run + 1 : 1
    if (run >= LONG_RUN && sort === DIGIT) return true
    last = sort
  }
  return limit - start >= LONG_RUN * 2
}
