// Hong Kong identity cards: one or two letters, six digits and a check character in brackets, `A123456(3)`.
// Apart from the tables of numbers, whose runs know no brackets; tokens.ts asks it at an opening one.

import { flagsAt, plainCode, LETTER, DIGIT } from './characters.ts'
import type { Reader } from './reader.ts'
import { addFinding } from './reader.ts'
import type { Units } from '../text/units.ts'

const ABSENT_LETTER = 36

/** Reads the card whose letters and digits are [start, end) and whose bracket follows; -1 when it is none. */
export function readHongKongId(reader: Reader, start: number, end: number): number {
  const { text } = reader
  const letters = end - start - 6
  if (letters < 1 || letters > 2 || text.charAt(end + 2) !== ')') return -1
  let sum = letters === 1 ? ABSENT_LETTER * 9 : 0
  let weight = letters === 1 ? 8 : 9
  for (let index = start; index < end; index++, weight--) {
    const isLetter = index < start + letters
    if ((flagsAt(text, index) & (isLetter ? LETTER : DIGIT)) === 0) return -1
    sum += valueOf(text, index) * weight
  }
  const isValid = (sum + valueOf(text, end + 1)) % 11 === 0
  return isValid ? addFinding(reader, { start, end: end + 3, type: 'HongKongId', evidence: 'check digit' }) : -1
}

function valueOf(text: Units, index: number): number {
  const code = plainCode(text.codes[index] ?? 0)
  return code >= 0x41 ? code - 55 : code - 0x30
}
