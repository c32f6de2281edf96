// Mainland number plates: a character of the province, a letter, then five characters, or six for new energy.
//
//   京A12345   粤B·D12345   沪A 12345   冀A1234学

import { ALPHANUMERIC, DIGIT, LETTER, flagsAt } from './characters.ts'
import { PLATE } from './label-words.ts'
import type { Reader } from './reader.ts'
import { addFinding, labelsOf } from './reader.ts'
import type { Units } from '../text/units.ts'

const DOTS = new Set([0xb7, 0x2022, 0x30fb, 0x20, 0x2d, 0x2e])
const LAST = '挂学警港澳使领超'
/** Provinces whose character is also a common word before Latin text: `云SERVER`, `新OUTPUT`. */
const COMMON = '云新贵青宁'

/** Reads a plate at the province's character `at`; returns where the pass goes on. */
export function readPlate(reader: Reader, at: number): number {
  const { text } = reader
  if (!isUpper(text, at + 1)) return at + 1
  const from = DOTS.has(text.codes[at + 2] ?? 0) ? at + 3 : at + 2
  let end = from
  let digits = 0
  while (end - from < 7 && (flagsAt(text, end) & ALPHANUMERIC) !== 0) {
    if ((flagsAt(text, end) & DIGIT) !== 0) digits++
    else if (!isUpper(text, end)) return at + 1
    end++
  }
  if (end - from === 4 && end < text.length && LAST.includes(text.charAt(end)) && digits > 1) end++
  if (end - from < 5 || end - from > 6 || !isPlate(reader, { start: at, end, digits })) return at + 1
  return addFinding(reader, { start: at, end, type: 'ChinesePlate', evidence: 'plate form' })
}

function isUpper(text: Units, index: number): boolean {
  const code = text.codes[index] ?? 0
  return (flagsAt(text, index) & LETTER) !== 0 && code >= 0x41 && code <= 0x5a
}

interface PlateSpan {
  readonly start: number
  readonly end: number
  readonly digits: number
}

/** Letters alone are a plate behind a character that is no common word, or next to a label. */
function isPlate(reader: Reader, { start, end, digits }: PlateSpan): boolean {
  if (digits > 0) return true
  if (!COMMON.includes(reader.text.charAt(start))) return true
  return (labelsOf(reader, start, end).nearest & PLATE) !== 0
}
