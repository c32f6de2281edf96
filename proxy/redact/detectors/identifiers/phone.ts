// Phone numbers of all countries, from the first digit of a token: what stands before it (`+`, `(`), its groups, its
// extension, and then the first of these rules that fits the most groups:
//
//   +cc, 00cc      a calling code and that country's number of digits
//   mobile (CN)    11 digits from 13 to 19, in the usual groups, also in full-width or Han digits, 86 in front or not
//   trunk 0        groups joined by hyphens or an area code in brackets, 9 to 12 digits
//   3-3-4          hyphens, points or a bracketed area code (North America)
//   labelled       7 to 15 digits next to a word for phone, unless they are a date

import { ALPHANUMERIC, DIGIT, FLAGS, HAN_DIGIT, LETTER, flagsAt, plainCode } from './characters.ts'
import { isDate } from './checksums.ts'
import { NATIONAL_DIGITS } from './calling-codes.ts'
import { PHONE } from './label-words.ts'
import type { Reader } from './reader.ts'
import { addFinding, labelsOf } from './reader.ts'
import { isChatWord, isWholeBefore } from './run.ts'

const MAX_GROUPS = 8
const MAX_DIGITS = 17
const PLUS = new Set([0x2b, 0xff0b])
const OPEN = new Set([0x28, 0xff08])
const CLOSE = new Set([0x29, 0xff09])
const GAPS = new Set([0x20, 0xa0, 0x2d, 0x2e, 0x2f, 0x2010, 0x2011, 0x2013, 0xff0d, 0x3000])
const HYPHENS = new Set([0x2d, 0x2010, 0x2011, 0x2013, 0xff0d])

interface Dialled {
  readonly text: string
  readonly start: number
  readonly hasPlus: boolean
  /** The first group is in brackets. */
  readonly hasArea: boolean
  readonly isHan: boolean
  readonly digits: string
  readonly sizes: readonly number[]
  readonly ends: readonly number[]
  /** What stands before each group; of the first: 0. */
  readonly gaps: readonly number[]
}

/** The first groups of a number: how many, how many digits they have together, and those digits. */
interface Part {
  readonly dialled: Dialled
  readonly groups: number
  readonly digits: string
}

/** Offset behind the phone number whose first digits start at `at`; -1 when there is none. */
export function readPhone(reader: Reader, at: number): number {
  const dialled = readDialled(reader.text, at, reader.done)
  if (dialled === null || !isWholeBefore(reader.text, dialled.start)) return -1
  for (let groups = dialled.sizes.length; groups > 0; groups--) {
    const end = dialled.ends[groups - 1] ?? 0
    const part = { dialled, groups, digits: dialled.digits.slice(0, sum(dialled.sizes, groups)) }
    if (part.digits.length < 7) return -1
    if (!isWholeAfter(reader.text, end)) continue
    const evidence = formOf(part) ?? (isLabelled(reader, part, end) ? 'label' : null)
    if (evidence === null) continue
    if (labelsOf(reader, dialled.start, end).isDirectlyNegative && !dialled.hasPlus) return -1
    return addFinding(reader, { start: dialled.start, end: extensionEnd(reader.text, end), type: 'Phone', evidence })
  }
  return -1
}

function readDialled(text: string, at: number, done: number): Dialled | null {
  const isHan = (flagsAt(text, at) & HAN_DIGIT) !== 0
  const read = readGroups({ text, at, wanted: isHan ? HAN_DIGIT : DIGIT })
  if (read.digits.length < 7) return null
  const hasPlus = at > done && PLUS.has(text.charCodeAt(at - 1))
  const sign = hasPlus ? at - 1 : at
  const isClosed = read.sizes.length > 1 && CLOSE.has(text.charCodeAt(read.ends[0] ?? 0))
  const hasArea = isClosed && sign > done && OPEN.has(text.charCodeAt(sign - 1))
  const start = hasArea ? sign - 1 : sign
  if (hasPlus && (flagsAt(text, start - 1) & ALPHANUMERIC) !== 0) return null
  return { ...read, text, start, hasPlus, hasArea, isHan }
}

interface GroupsAt {
  readonly text: string
  readonly at: number
  readonly wanted: number
}

function readGroups({ text, at, wanted }: GroupsAt): Pick<Dialled, 'digits' | 'sizes' | 'ends' | 'gaps'> {
  const sizes: number[] = []
  const ends: number[] = []
  const gaps: number[] = []
  let digits = ''
  let gap = 0
  for (let next = at; sizes.length < MAX_GROUPS;) {
    let end = next
    while (end < text.length && ((FLAGS[text.charCodeAt(end)] ?? 0) & wanted) !== 0 && end - next <= MAX_DIGITS) {
      digits += String.fromCharCode(plainCode(text.charCodeAt(end++)))
    }
    if (
      digits.length > MAX_DIGITS ||
      ((flagsAt(text, end) & LETTER) !== 0 && !isExtension(text, end) && !isChatWord(text, end))
    )
      break
    sizes.push(end - next)
    ends.push(end)
    gaps.push(gap)
    gap = text.charCodeAt(end)
    next = groupStart(text, end)
    if (next === -1 || (flagsAt(text, next) & wanted) === 0) break
  }
  const length = sum(sizes, sizes.length)
  return { digits: digits.slice(0, length), sizes, ends, gaps }
}

/** Where the next group starts behind `) `, ` (`, `-` and their like; -1 when there is none. */
function groupStart(text: string, end: number): number {
  let at = end
  if (CLOSE.has(text.charCodeAt(at))) at++
  if (GAPS.has(text.charCodeAt(at))) at++
  if (OPEN.has(text.charCodeAt(at))) at++
  return at === end ? -1 : at
}

function sum(sizes: readonly number[], groups: number): number {
  let total = 0
  for (let index = 0; index < groups; index++) total += sizes[index] ?? 0
  return total
}

function isWholeAfter(text: string, end: number): boolean {
  const next = text.charCodeAt(end)
  const beyond = flagsAt(text, end + 1)
  if (next === 0x2d || next === 0x2e || next === 0x3a) return (beyond & DIGIT) === 0
  if (next === 0x5f) return (beyond & ALPHANUMERIC) === 0
  return next !== 0x25 && next !== 0x40
}

function formOf(part: Part): string | null {
  const { digits, dialled } = part
  if (isInternational(part)) return 'calling code'
  if (isChineseMobile(part)) return 'mobile form'
  if (dialled.isHan || dialled.hasPlus) return null
  if (digits.startsWith('0') && isTrunk(part)) return 'trunk form'
  return isNorthAmerican(part) ? 'area code form' : null
}

function isInternational({ digits, dialled, groups }: Part): boolean {
  if (dialled.hasPlus) return isCallable(digits, dialled, groups)
  const isChina = digits.startsWith('0086')
  return (
    digits.startsWith('00') &&
    (isChina || groups > 1) &&
    digits.length > 10 &&
    isCallable(digits.slice(2), dialled, groups)
  )
}

/** The longest calling code counts; `(0)` behind it does not. */
function isCallable(digits: string, dialled: Dialled, groups: number): boolean {
  const trunk =
    groups > 1 && dialled.sizes[1] === 1 && OPEN.has(dialled.text.charCodeAt((dialled.ends[1] ?? 1) - 2)) ? 1 : 0
  for (let length = 3; length > 0; length--) {
    const range = NATIONAL_DIGITS.get(digits.slice(0, length))
    if (range === undefined) continue
    const national = digits.length - length - trunk
    return national >= range[0] && national <= range[1]
  }
  return false
}

const MOBILE_LAYOUTS = new Set([
  '11',
  '3-4-4',
  '3-8',
  '7-4',
  '4-3-4',
  '4-4-3',
  '3-3-5',
  '5-6',
  '6-5',
  '3-2-6',
  '3-3-3-2',
  '3-2-3-3',
])

function isChineseMobile({ digits, dialled, groups }: Part): boolean {
  const isPrefixed = digits.length === 13 && digits.startsWith('86')
  const number = isPrefixed ? digits.slice(2) : digits
  if (number.length !== 11 || !/^1[3-9]/.test(number)) return false
  const sizes = dialled.sizes.slice(0, groups)
  if (isPrefixed && sizes[0] !== 2) sizes[0] = (sizes[0] ?? 0) - 2
  else if (isPrefixed) sizes.shift()
  return MOBILE_LAYOUTS.has(sizes.join('-')) && !/^(\d)\1{10}$/.test(number)
}

/** `010-1234 5678`, `0755-12345678`, `(021)62345678`, `090-1234-5678`. */
function isTrunk({ digits, dialled, groups }: Part): boolean {
  const first = dialled.sizes[0] ?? 0
  if (groups < 2 || groups > 4 || digits.length < 9 || digits.length > 12 || first < 2 || first > 5) return false
  const isJoined = dialled.hasArea || HYPHENS.has(dialled.gaps[1] ?? 0)
  const last = dialled.sizes[groups - 1] ?? 0
  const isLong = dialled.sizes.slice(1, groups).every((size) => size > 2 && size < 9)
  return isJoined && isLong && last > 2 && digits[1] !== '0'
}

function isNorthAmerican({ digits, dialled, groups }: Part): boolean {
  const sizes = dialled.sizes.slice(0, groups).join('-')
  const hasCode = sizes === '1-3-3-4' && digits.startsWith('1')
  if (sizes !== '3-3-4' && !hasCode) return false
  const area = hasCode ? digits.charCodeAt(1) : digits.charCodeAt(0)
  const gap = dialled.gaps[hasCode ? 2 : 1] ?? 0
  const last = dialled.gaps[groups - 1] ?? 0
  const isMarked = dialled.hasArea || HYPHENS.has(gap) || CLOSE.has(gap) || (gap === 0x2e && last === 0x2e)
  return isMarked && area > 0x31
}

function isLabelled(reader: Reader, { dialled, digits, groups }: Part, end: number): boolean {
  if (digits.length > 15 || groups > 7 || isDateLike(dialled, groups)) return false
  if (groups < dialled.sizes.length && dialled.sizes.slice(0, groups).includes(1)) return false
  const labels = labelsOf(reader, dialled.start, end)
  return !labels.isNegative && (labels.nearest & PHONE) !== 0
}

/** 2026-11-22, 22.11.2026, 20261122. */
function isDateLike(dialled: Dialled, groups: number): boolean {
  const parts = [0, 1, 2].map((index) =>
    Number(dialled.digits.slice(sum(dialled.sizes, index), sum(dialled.sizes, index + 1))),
  )
  const [first = 0, second = 0, third = 0] = parts
  const layout = dialled.sizes.slice(0, groups).join('-')
  if (layout === '4-2-2') return isDate(third, second)
  if (layout === '2-2-4' || layout === '1-2-4' || layout === '2-1-4')
    return isDate(first, second) || isDate(second, first)
  const digits = dialled.digits
  return layout === '8' && /^(?:19|20)/.test(digits) && isDate(Number(digits.slice(6, 8)), Number(digits.slice(4, 6)))
}

function isExtension(text: string, at: number): boolean {
  return extensionEnd(text, at) !== at
}

const EXTENSION = /(?: ?(?:x|ext\.?|Ext\.?|#|转|分机) ?)\d{1,6}(?![\dA-Za-z])/y

/** Behind `x4587`, ` ext. 12`, `转801`; else `end`. */
function extensionEnd(text: string, end: number): number {
  const match = new RegExp(EXTENSION).exec(text.slice(end, end + 16))
  return match === null ? end : end + match[0].length
}
