// Phone numbers of all countries, from the first digit of a token: the first of these rules that fits the most groups.
//
//   +cc, 00cc      a calling code and that country's number of digits
//   mobile (CN)    11 digits from 13 to 19, in the usual groups, also in full-width or Han digits, 86 in front or not
//   trunk 0        groups joined by hyphens or an area code in brackets, 9 to 12 digits
//   3-3-4          hyphens, points or a bracketed area code (North America)
//   labelled       7 to 15 digits next to a word for phone, unless they are a date

import { NATIONAL_DIGITS } from './calling-codes.ts'
import { ALPHANUMERIC, DIGIT, flagsAt } from './characters.ts'
import { digitAt, isDate, isRepeated, numberAt } from './checksums.ts'
import type { Dialled } from './dialled.ts'
import { extensionEnd, isClose, isHyphen, readDialled } from './dialled.ts'
import { PHONE } from './label-words.ts'
import { MAX_DISTANCE } from './labels.ts'
import type { Reader } from './reader.ts'
import { addFinding, isSpokenAgainst, labelsOf } from './reader.ts'
import { isPowerOfTwo, isWholeBefore, layoutKey } from './run.ts'
import type { Units } from '../text/units.ts'

/** The first `groups` groups, which have `count` digits and this layout together. */
interface Part {
  readonly dialled: Dialled
  readonly groups: number
  readonly count: number
  readonly layout: number
}

/** Offset behind the phone number whose first digits start at `at`; -1 when there is none. */
export function readPhone(reader: Reader, at: number): number {
  const { text, dialled } = reader
  if (!readDialled(dialled, text, { at, done: reader.done }) || !isWholeBefore(text, dialled.start)) return -1
  let count = dialled.count
  for (let groups = dialled.groups; groups > 0 && count > 6; groups--) {
    const end = dialled.ends[groups - 1] ?? 0
    if (isWholeAfter(text, end)) {
      const evidence = evidenceOf(reader, { dialled, groups, count, layout: layoutOf(dialled, groups) })
      if (evidence !== null)
        return addFinding(reader, { start: dialled.start, end: extensionEnd(text, end), type: 'Phone', evidence })
    }
    count -= dialled.sizes[groups - 1] ?? 0
  }
  return -1
}

function layoutOf(dialled: Dialled, groups: number): number {
  let layout = 0
  for (let index = 0; index < groups; index++) layout = (layout * 16 + Math.min(dialled.sizes[index] ?? 0, 15)) | 0
  return layout
}

function isWholeAfter(text: Units, end: number): boolean {
  const next = text.codes[end] ?? 0
  if (next === 0x2d || next === 0x2e || next === 0x3a) return (flagsAt(text, end + 1) & DIGIT) === 0
  if (next === 0x5f) return (flagsAt(text, end + 1) & ALPHANUMERIC) === 0
  return next !== 0x25 && next !== 0x40
}

function evidenceOf(reader: Reader, part: Part): string | null {
  const form = formOf(part)
  if (form !== null) return !part.dialled.hasPlus && isSpokenAgainst(reader, part.dialled.start) ? null : form
  return isLabelled(reader, part) ? 'label' : null
}

function formOf(part: Part): string | null {
  const { dialled } = part
  if (isInternational(part)) return 'calling code'
  if (isChineseMobile(part)) return 'mobile form'
  if (dialled.isHan || dialled.hasPlus) return null
  if (digitAt(dialled.digits, 0) === 0) return isTrunk(part) ? 'trunk form' : null
  return isNorthAmerican(part) ? 'area code form' : null
}

function isInternational({ dialled, count, groups }: Part): boolean {
  if (dialled.hasPlus) return isCallable(dialled, { from: 0, count, groups })
  const isDoubleZero = digitAt(dialled.digits, 0) === 0 && digitAt(dialled.digits, 1) === 0
  if (!isDoubleZero || count < 11) return false
  const isChina = numberAt(dialled.digits, 2, 4) === 86
  return (isChina || groups > 1) && isCallable(dialled, { from: 2, count, groups })
}

interface Called {
  /** Where the calling code starts. */
  readonly from: number
  readonly count: number
  readonly groups: number
}

/** The longest calling code counts; `(0)` behind it does not. */
function isCallable(dialled: Dialled, { from, count, groups }: Called): boolean {
  const trunk = groups > 1 && dialled.sizes[1] === 1 && digitAt(dialled.digits, dialled.sizes[0] ?? 0) === 0 ? 1 : 0
  for (let length = 3; length > 0; length--) {
    const range = NATIONAL_DIGITS.get(numberAt(dialled.digits, from, from + length))
    if (range === undefined || digitAt(dialled.digits, from) === 0) continue
    const national = count - from - length - trunk
    return national >= range[0] && national <= range[1]
  }
  return false
}

const MOBILE_LAYOUTS: ReadonlySet<number> = layouts('11 3-4-4 3-8 7-4 4-3-4 4-4-3 3-3-5 5-6 6-5 3-2-6 3-3-3-2 3-2-3-3')
const PREFIXED_LAYOUTS: ReadonlySet<number> = layouts(
  '13 2-11 2-3-4-4 2-3-8 2-7-4 2-4-3-4 2-4-4-3 2-3-3-5 5-4-4 5-8 9-4 2-5-6 2-3-2-6',
)

function isChineseMobile({ dialled, count, layout }: Part): boolean {
  const { digits } = dialled
  const isPrefixed = count === 13 && numberAt(digits, 0, 2) === 86
  if (count !== 11 && !isPrefixed) return false
  const from = isPrefixed ? 2 : 0
  if (digitAt(digits, from) !== 1 || digitAt(digits, from + 1) < 3) return false
  return (isPrefixed ? PREFIXED_LAYOUTS : MOBILE_LAYOUTS).has(layout) && !isRepeated(digits.subarray(from + 1), 10)
}

/** `010-1234 5678`, `0755-12345678`, `(021)62345678`, `090-1234-5678`. */
function isTrunk({ dialled, count, groups }: Part): boolean {
  const first = dialled.sizes[0] ?? 0
  if (groups < 2 || groups > 4 || count < 9 || count > 12 || first < 2 || first > 5) return false
  if (!dialled.hasArea && !isHyphen(dialled.gaps[1] ?? 0)) return false
  for (let index = 1; index < groups; index++) {
    const size = dialled.sizes[index] ?? 0
    if (size < 3 || size > 8) return false
  }
  return digitAt(dialled.digits, 1) !== 0
}

const [AREA, AREA_WITH_CODE] = [layoutKey([3, 3, 4]), layoutKey([1, 3, 3, 4])]

function isNorthAmerican({ dialled, groups, layout }: Part): boolean {
  const hasCode = layout === AREA_WITH_CODE && digitAt(dialled.digits, 0) === 1
  if (layout !== AREA && !hasCode) return false
  const gap = dialled.gaps[hasCode ? 2 : 1] ?? 0
  const isMarked =
    dialled.hasArea || isHyphen(gap) || isClose(gap) || (gap === 0x2e && dialled.gaps[groups - 1] === gap)
  return isMarked && digitAt(dialled.digits, hasCode ? 1 : 0) > 1
}

function isLabelled(reader: Reader, part: Part): boolean {
  const { dialled, count, groups } = part
  if (count > 15 || groups > 7 || isDateLike(part) || (groups === 1 && isPowerOfTwo(dialled.digits, count)))
    return false
  const isCut = groups < dialled.groups
  for (let index = 0; isCut && index < groups; index++) if (dialled.sizes[index] === 1) return false
  const labels = labelsOf(reader, dialled.start, dialled.ends[groups - 1] ?? 0)
  return !labels.isNegative && labels.distance <= MAX_DISTANCE && (labels.nearest & PHONE) !== 0
}

const [YEAR_FIRST, YEAR_LAST, SHORT_DAY, SHORT_MONTH] = ['4-2-2', '2-2-4', '1-2-4', '2-1-4'].map(keyOf)

/** 2026-11-22, 22.11.2026, 20261122. */
function isDateLike({ dialled: { digits, sizes }, count, layout }: Part): boolean {
  if (layout === YEAR_FIRST || (layout === 8 && digitAt(digits, 0) < 3)) {
    return isDate(numberAt(digits, 6, 8), numberAt(digits, 4, 6)) && numberAt(digits, 0, 4) > 1900
  }
  if (layout !== YEAR_LAST && layout !== SHORT_DAY && layout !== SHORT_MONTH) return false
  const split = sizes[0] ?? 0
  const [first, second] = [numberAt(digits, 0, split), numberAt(digits, split, count - 4)]
  return isDate(first, second) || isDate(second, first)
}

function keyOf(layout: string): number {
  return layoutKey(layout.split('-').map(Number))
}

function layouts(list: string): ReadonlySet<number> {
  return new Set(list.split(' ').map(keyOf))
}
