// The digits of what may be a phone number, group by group, with what stands between the groups. Filled in place, once
// per number: at most 8 groups and 17 digits from where it starts.

import { DIGIT, FLAGS, HAN_DIGIT, LETTER, flagsAt, plainCode } from './characters.ts'
import { isChatWord } from './run.ts'
import type { Units } from '../text/units.ts'

export const MAX_PHONE_GROUPS = 8
export const MAX_PHONE_DIGITS = 17
const OPEN_ASCII = 0x28
const OPEN_WIDE = 0xff08

export interface Dialled {
  /** ASCII codes of the digits. */
  readonly digits: Uint8Array
  readonly sizes: Uint8Array
  /** Of each group: offset behind it in the text. */
  readonly ends: Int32Array
  /** The character before each group; of the first: 0. */
  readonly gaps: Uint16Array
  groups: number
  /** Digits of all groups. */
  count: number
  start: number
  hasPlus: boolean
  /** The first group is in brackets. */
  hasArea: boolean
  isHan: boolean
}

export function createDialled(): Dialled {
  return {
    digits: new Uint8Array(MAX_PHONE_DIGITS + 1),
    sizes: new Uint8Array(MAX_PHONE_GROUPS),
    ends: new Int32Array(MAX_PHONE_GROUPS),
    gaps: new Uint16Array(MAX_PHONE_GROUPS),
    groups: 0,
    count: 0,
    start: 0,
    hasPlus: false,
    hasArea: false,
    isHan: false,
  }
}

/** Reads the number whose first digit is at `at`; `done` is behind the last finding. Whether it has seven digits. */
export function readDialled(
  dialled: Dialled,
  text: Units,
  { at, done }: { readonly at: number; readonly done: number },
): boolean {
  dialled.isHan = (flagsAt(text, at) & HAN_DIGIT) !== 0
  dialled.groups = 0
  dialled.count = 0
  for (let next = at; next !== -1 && dialled.groups < MAX_PHONE_GROUPS;) next = readGroup(dialled, text, next)
  if (dialled.count < 7) return false
  dialled.hasPlus = at > done && isPlus(text.codes[at - 1] ?? 0)
  const sign = dialled.hasPlus ? at - 1 : at
  const isClosed = dialled.groups > 1 && isClose(text.codes[dialled.ends[0] ?? 0] ?? 0)
  dialled.hasArea = isClosed && sign > done && isOpen(text.codes[sign - 1] ?? 0)
  dialled.start = dialled.hasArea ? sign - 1 : sign
  return !dialled.hasPlus || (flagsAt(text, dialled.start - 1) & (DIGIT | LETTER)) === 0
}

/** Adds the group at `at`; returns where the next one starts, -1 when none does. */
function readGroup(dialled: Dialled, text: Units, at: number): number {
  const wanted = dialled.isHan ? HAN_DIGIT : DIGIT
  let end = at
  let count = dialled.count
  while (end < text.length && ((FLAGS[text.codes[end] ?? 0] ?? 0) & wanted) !== 0) {
    if (count === MAX_PHONE_DIGITS) return -1
    const code = text.codes[end++] ?? 0
    dialled.digits[count++] = code < 0x80 ? code : plainCode(code)
  }
  if (end === at || ((flagsAt(text, end) & LETTER) !== 0 && extensionEnd(text, end) === end && !isChatWord(text, end)))
    return -1
  const group = dialled.groups
  dialled.sizes[group] = end - at
  dialled.ends[group] = end
  dialled.gaps[group] = group === 0 ? 0 : (text.codes[dialled.ends[group - 1] ?? 0] ?? 0)
  dialled.groups = group + 1
  dialled.count = count
  const next = nextGroup(text, end)
  return next === -1 || (flagsAt(text, next) & wanted) === 0 ? -1 : next
}

/** Where the next group starts behind `) `, ` (`, `-` and their like; -1 when there is none. */
function nextGroup(text: Units, end: number): number {
  let at = end
  if (isClose(text.codes[at] ?? 0)) at++
  if (isGap(text.codes[at] ?? 0)) at++
  if (isOpen(text.codes[at] ?? 0)) at++
  return at === end ? -1 : at
}

function isPlus(code: number): boolean {
  return code === 0x2b || code === 0xff0b
}

export function isOpen(code: number): boolean {
  return code === OPEN_ASCII || code === OPEN_WIDE
}

export function isClose(code: number): boolean {
  return code === OPEN_ASCII + 1 || code === OPEN_WIDE + 1
}

export function isHyphen(code: number): boolean {
  return code === 0x2d || code === 0x2010 || code === 0x2011 || code === 0x2013 || code === 0xff0d
}

function isGap(code: number): boolean {
  return code === 0x20 || code === 0xa0 || code === 0x2e || code === 0x2f || code === 0x3000 || isHyphen(code)
}

const EXTENSION = /^ ?(?:x|ext\.?|Ext\.?|#|转|分机) ?\d{1,6}(?![\dA-Za-z])/

/** Behind `x4587`, ` ext. 12`, `转801`; else `end`. */
export function extensionEnd(text: Units, end: number): number {
  const first = text.codes[text.charCodeAt(end) === 0x20 ? end + 1 : end] ?? 0
  const mayStart = first === 0x78 || (first | 0x20) === 0x65 || first === 0x23 || first === 0x8f6c || first === 0x5206
  const match = mayStart ? EXTENSION.exec(text.slice(end, end + 16)) : null
  return match === null ? end : end + match[0].length
}
