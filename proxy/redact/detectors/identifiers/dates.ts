// What only the profile Strict takes for private without a label: calendar dates, and numbers of eight digits or more
// that no other detector knows.

import { DIGIT, flagsAt } from './characters.ts'
import { isDate } from './checksums.ts'
import type { Reader } from './reader.ts'
import { addFinding } from './reader.ts'
import { isWholeBefore, isWholeBehind } from './run.ts'

const DATE =
  /^(?:(\d{4})([-/.])(\d{1,2})\2(\d{1,2})|(\d{4})年(\d{1,2})月(\d{1,2})日|(\d{1,2})([-/.])(\d{1,2})\9(\d{4}))(?!\d)/
const LONGEST_DATE = 11

/** Offset behind the date at `start`; -1 when there is none, or the policy does not want dates. */
export function readDate(reader: Reader, start: number): number {
  if (!reader.isEnabled('Date') || !isWholeBefore(reader.text, start)) return -1
  const match = DATE.exec(reader.text.slice(start, start + LONGEST_DATE + 1))
  if (match === null || !isCalendarDate(match)) return -1
  return addFinding(reader, { start, end: start + match[0].length, type: 'Date', evidence: 'date form' })
}

function isCalendarDate(match: RegExpExecArray): boolean {
  const at = (group: number) => Number(match[group] ?? Number.NaN)
  const year = [at(1), at(5), at(11)].find((value) => !Number.isNaN(value)) ?? 0
  if (year < 1000 || year > 2999) return false
  if (match[1] !== undefined) return isDate(at(4), at(3), year)
  if (match[5] !== undefined) return isDate(at(7), at(6), year)
  return isDate(at(8), at(10), year) || isDate(at(10), at(8), year)
}

/** Offset behind the token [start, end) when it is eight digits or more and stands for itself; else -1. */
export function readLongNumber(reader: Reader, start: number, end: number): number {
  const { text } = reader
  if (end - start < 8 || !reader.isEnabled('LongNumber')) return -1
  for (let index = start; index < end; index++) if ((flagsAt(text, index) & DIGIT) === 0) return -1
  if (!isWholeBefore(text, start) || !isWholeBehind(text, end)) return -1
  return addFinding(reader, { start, end, type: 'LongNumber', evidence: 'eight digits or more' })
}
