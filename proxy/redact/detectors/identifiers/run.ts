// A run: a token of letters and digits and the tokens that follow it, each behind one joiner, read as groups that may
// be one number together.
//
//   "6225 8803 6446 2094, ..."  ->  codes 6225880364462094, groups ending at 4, 8, 12, 16, layouts 4, 4-4, 4-4-4, ...
//
// Reading is bounded: at most 10 groups and 48 codes from where the token starts, so a pass over a text stays linear.

import { ALPHANUMERIC, DIGIT, FLAGS, HAN_DIGIT, JOINER, flagsAt, plainCode } from './characters.ts'
import { numberAt, type Codes } from './checksums.ts'
import type { Units } from '../text/units.ts'

export const MAX_GROUPS = 10
export const MAX_CODES = 48
const MAX_NUMERIC_GROUPS = 7
/** Digits of the longest number in groups, a card's, and one that shows it is longer. */
const MAX_NUMERIC = 20
const MAX_MIXED_GROUPS = 5
/** Beyond the first one a group with letters is a word of the sentence when it is longer. */
const MAX_LETTER_GROUP = 9
const SPACE = 0x20
const HYPHEN = 0x2d

export interface Run {
  readonly codes: Codes
  /** Of each group: codes up to its end. */
  readonly counts: Uint8Array
  /** Of each group: offset behind it in the text. */
  readonly ends: Int32Array
  /** The joiner before each group; of the first: 0. */
  readonly joiners: Uint16Array
  /** Of each group: the sizes of it and those before, as `layoutKey` writes them. */
  readonly layouts: Int32Array
  /** Of each group: a bit for each of the first 32 codes up to its end that is no digit. */
  readonly letters: Int32Array
  start: number
  groups: number
  /** Of the first group: whether it is digits only. */
  isNumeric: boolean
}

export function createRun(): Run {
  return {
    codes: new Uint8Array(MAX_CODES + 1),
    counts: new Uint8Array(MAX_GROUPS),
    ends: new Int32Array(MAX_GROUPS),
    joiners: new Uint16Array(MAX_GROUPS),
    layouts: new Int32Array(MAX_GROUPS),
    letters: new Int32Array(MAX_GROUPS),
    start: 0,
    groups: 0,
    isNumeric: false,
  }
}

/** Sizes of groups as one number; every part is below 16 but for a single group's. */
export function layoutKey(sizes: readonly number[]): number {
  return sizes.reduce((key, size) => key * 16 + Math.min(size, 15), 0)
}

/** Fills `run` from the token that starts at `start`; a first token that is too long leaves it with no group. */
export function readRun(text: Units, start: number, run: Run): void {
  run.start = start
  run.groups = 0
  const wanted = (flagsAt(text, start) & HAN_DIGIT) === 0 ? ALPHANUMERIC : HAN_DIGIT
  let most = 1
  for (let at = start; at !== -1 && run.groups < most;) {
    at = readGroup(run, text, { at, wanted })
    if (run.groups === 1) most = mostGroups(run)
  }
}

/** Digits are written in seven groups at most, an IBAN (`DE89 …`) in ten; other mixtures in five. */
function mostGroups({ codes, counts, isNumeric }: Run): number {
  if (isNumeric) return MAX_NUMERIC_GROUPS
  const isIban = counts[0] === 4 && (codes[1] ?? 0) > 0x40 && (codes[3] ?? 0) < 0x3a
  return isIban ? MAX_GROUPS : MAX_MIXED_GROUPS
}

interface GroupStart {
  readonly at: number
  readonly wanted: number
}

/** Adds the group at `at`; returns where the next one starts, -1 when none does or this one is no part of a number. */
function readGroup(run: Run, text: Units, { at, wanted }: GroupStart): number {
  const { codes } = text
  const out = run.codes
  const group = run.groups
  let end = at
  let digits = 0
  let lower = 0
  let letters = group === 0 ? 0 : (run.letters[group - 1] ?? 0)
  let total = group === 0 ? 0 : (run.counts[group - 1] ?? 0)
  const digitsLimit = group > 0 && run.isNumeric ? MAX_NUMERIC : MAX_CODES
  if (wanted === ALPHANUMERIC) {
    for (let code = codes[end] ?? 0; code >= 0x30 && code <= 0x39 && total < digitsLimit; code = codes[++end] ?? 0)
      out[total++] = code
    digits = end - at
  }
  for (; ; end++) {
    const code = codes[end] ?? 0
    const flags = FLAGS[code] ?? 0
    if ((flags & wanted) === 0 || ((flags & DIGIT) === 0 && digits === end - at && digits > 3 && isChatWord(text, end)))
      break
    if (total === MAX_CODES || (run.isNumeric && total === MAX_NUMERIC && run.groups > 0)) return -1
    out[total++] = code < 0x60 ? code : plainCode(code)
    if ((flags & (DIGIT | HAN_DIGIT)) !== 0) digits++
    else {
      if (code >= 0x61 && code <= 0x7a) lower++
      if (total <= 32) letters |= 1 << (total - 1)
    }
  }
  const size = end - at
  if (group > 0 && isWord(size, digits, lower)) return -1
  run.counts[group] = total
  run.ends[group] = end
  run.letters[group] = letters
  run.joiners[group] = group === 0 ? 0 : (text.codes[at - 1] ?? 0)
  run.layouts[group] =
    group === 0 ? Math.min(size, 15) : group > 6 ? 0 : (run.layouts[group - 1] ?? 0) * 16 + Math.min(size, 15)
  if (group === 0) run.isNumeric = digits === size
  run.groups = group + 1
  return (flagsAt(text, end) & JOINER) === 0 || (flagsAt(text, end + 1) & wanted) === 0 ? -1 : end + 1
}

/**
 * Whether two to eight lower-case letters end the token at `at`, as in `13812345678haha`: people write on without a
 * space. Letters that could all be hexadecimal are part of the token.
 */
export function isChatWord(text: Units, at: number): boolean {
  const first = text.codes[at] ?? 0
  if (first < 0x61 || first > 0x7a) return false
  let end = at
  let others = 0
  for (; end - at < 9; end++) {
    const code = text.codes[end] ?? 0
    if (code > 0x66 && code <= 0x7a) others++
    else if (!(code >= 0x61 && code <= 0x66)) break
  }
  return others > 0 && end - at > 1 && end - at < 9 && (flagsAt(text, end) & ALPHANUMERIC) === 0
}

/** Whether a group behind the first is rather a word of the sentence. */
function isWord(size: number, digits: number, lower: number): boolean {
  if (digits === size) return false
  return size > MAX_LETTER_GROUP || (digits === 0 && (size > 4 || (lower === size && size > 1)))
}

/** Least of the powers of two that no label makes a number of somebody: 65536 may be one, 134217728 is a flag. */
const LEAST_ROUND = 2 ** 20
const MAX_ROUND_DIGITS = 15

/** Whether the run is one group that writes a great power of two: a constant of a program. */
export function isRound(run: Run): boolean {
  return run.isNumeric && run.groups === 1 && isPowerOfTwo(run.codes, run.counts[0] ?? 0)
}

export function isPowerOfTwo(codes: Codes, length: number): boolean {
  if (length > MAX_ROUND_DIGITS) return false
  const value = numberAt(codes, 0, length)
  return value >= LEAST_ROUND && Number.isInteger(Math.log2(value))
}

/** Whether the first `groups` groups are joined by the same character. */
export function isEvenlyJoined(run: Run, groups: number): boolean {
  for (let index = 2; index < groups; index++) if (run.joiners[index] !== run.joiners[1]) return false
  return true
}

/**
 * Whether nothing in front makes [start, …) the rest of something longer: `0.6379…`, `12-138…`, `$1,234`.
 * A letter or digit right before is not there: tokens are whole.
 */
export function isWholeBefore(text: Units, start: number): boolean {
  const before = text.codes[start - 1] ?? 0
  const beyond = flagsAt(text, start - 2)
  if (before === 0x2e || before === 0x2c || before === 0x3a) return (beyond & DIGIT) === 0
  if (before === HYPHEN || before === 0x5f || before === 0x2013) return (beyond & ALPHANUMERIC) === 0
  return !isMoney(before)
}

/** The same behind `end`; a joiner and a letter are a word that follows (`…-Fax`). */
export function isWholeBehind(text: Units, end: number): boolean {
  const next = text.codes[end] ?? 0
  const beyond = flagsAt(text, end + 1)
  if (next === 0x2e || next === HYPHEN || next === 0x5f || next === 0x2013) return (beyond & ALPHANUMERIC) === 0
  if (next === 0x25) return false
  return true
}

function isMoney(code: number): boolean {
  return code === 0x24 || code === 0xa3 || code === 0xa5 || code === 0x20ac || code === 0xffe5
}

/** Joiners a number may have unless its row says otherwise. */
export function isPlainJoiner(code: number): boolean {
  return code === SPACE || code === HYPHEN || code === 0x2e || code === 0xa0 || code === 0x2011 || code === 0x2013
}
