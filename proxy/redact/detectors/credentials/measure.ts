// How random a value looks, as counts: what labels need beside them before a value is taken for a secret.

import { DIGIT_MASK, LOWER_MASK, UPPER_MASK, bitsAt } from './alphabets.ts'

/** Characters of a value that are looked at; the rest of a long one does not change the answer. */
const LOOKED_AT = 256

/** What a value's characters are, for those who weigh how random it looks. */
export interface Measure {
  readonly length: number
  readonly digits: number
  readonly letters: number
  readonly uppers: number
  readonly symbols: number
  /** Changes between digits, small and capital letters, but for a word's capital first letter. */
  readonly changes: number
  readonly distinct: number
  readonly longestWord: number
}

const DIGIT = 1
const LOWER = 2
const UPPER = 3
const SYMBOL = 4

/** One walk over at most 256 characters. */
export function measure(text: string, start: number, end: number): Measure {
  const limit = Math.min(end, start + LOOKED_AT)
  const counts = [0, 0, 0, 0, 0]
  const seen = new Set<number>()
  let changes = 0
  let word = 0
  let longestWord = 0
  let last = SYMBOL
  for (let at = start; at < limit; at++) {
    const sort = sortOf(bitsAt(text, at))
    seen.add(text.charCodeAt(at))
    counts[sort] = (counts[sort] ?? 0) + 1
    if (sort !== last && sort !== SYMBOL && last !== SYMBOL && !(last === UPPER && sort === LOWER && word === 1))
      changes++
    word = sort === LOWER || sort === UPPER ? (sort === UPPER && last !== UPPER ? 1 : word + 1) : 0
    longestWord = Math.max(longestWord, word)
    last = sort
  }
  const [, digits = 0, lowers = 0, uppers = 0, symbols = 0] = counts
  return {
    length: end - start,
    digits,
    letters: lowers + uppers,
    uppers,
    symbols,
    changes,
    distinct: seen.size,
    longestWord,
  }
}

function sortOf(bits: number): number {
  if ((bits & DIGIT_MASK) !== 0) return DIGIT
  if ((bits & LOWER_MASK) !== 0) return LOWER
  return (bits & UPPER_MASK) !== 0 ? UPPER : SYMBOL
}

/** Letters and digits that no word, number, date or name of code would mix so. */
export function looksRandom(value: Measure): boolean {
  if (value.distinct < 5) return false
  if (value.letters === 0) return value.digits >= 15 && value.symbols <= 1
  if (value.digits === 0) return value.length >= 16 && value.changes >= 4 && value.changes * 5 >= value.length
  if (value.changes < 3 && !(value.digits >= 4 && value.symbols > 0)) return value.length >= 32 && value.changes >= 1
  return value.changes * 10 >= value.length - value.symbols && value.symbols * 3 <= value.length
}
