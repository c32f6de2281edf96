// What starts with a token that has a digit: which readers are asked, and in which order.
//
//   address -> mobile -> letters in front -> IBAN -> fixed forms -> numbers of the tables -> phone -> labelled
//
// Most tokens (years, counts, hashes, names of versions) are passed over before any reader sees them.

import { readColons, readIpv4, readMac } from './addresses.ts'
import { ALPHANUMERIC, DIGIT, FLAGS, HAN_DIGIT, HEX, JOINER, LETTER, flagsAt, plainCode } from './characters.ts'
import { MAX_ADDRESS, readCryptoAddress } from './crypto-address.ts'
import { readDate, readLongNumber } from './dates.ts'
import { isClose, isOpen } from './dialled.ts'
import { readHongKongId } from './hong-kong.ts'
import { readIban } from './iban.ts'
import { createLabelTable, latinLabel } from './label-table.ts'
import { GOVERNMENT, PHONE, SOCIAL } from './label-words.ts'
import { readLabelled, readMilitary } from './labelled.ts'
import { createNumberIndex, matchNumber } from './match-numbers.ts'
import { NUMBER_ROWS } from './numbers.ts'
import { readPhone } from './phone.ts'
import type { Reader } from './reader.ts'
import { isSpokenAgainst } from './reader.ts'
import { readRun } from './run.ts'
import type { Units } from '../text/units.ts'

export const LABEL_TABLE = createLabelTable(NUMBER_ROWS)
const INDEX = createNumberIndex(NUMBER_ROWS)
/** Groups whose labels are also written on the number. */
const GLUED = PHONE | SOCIAL
/** Numbers of one group have five digits at least. */
const MIN_SINGLE = 5
/** From letters to digits or back behind the first digit; a Chinese credit code may have more. */
const MAX_TURNS = 5
const CREDIT_CODE = 18
/** Longer tokens are no numbers, but may be addresses of crypto currencies. */
const MAX_TOKEN = 25
const COLON = 0x3a
const HYPHEN = 0x2d
const POINT = 0x2e

/** Reads the token that the digit at `digit` is the first one of. */
export function readToken(reader: Reader, digit: number): number {
  const { text } = reader
  let start = digit
  while (
    start > reader.done &&
    digit - start < MAX_ADDRESS &&
    ((FLAGS[text.codes[start - 1] ?? 0] ?? 0) & LETTER) !== 0
  )
    start--
  let end = digit + 1
  let turns = 0
  let flags = DIGIT
  for (; end < text.length; end++) {
    const next = FLAGS[text.codes[end] ?? 0] ?? 0
    if ((next & ALPHANUMERIC) === 0) break
    if (((next ^ flags) & LETTER) !== 0) turns++
    flags = next
  }
  const length = end - start
  if (length > MAX_ADDRESS) return end
  if ((start !== digit || turns > 0) && !isWorthReading(reader, { start, digit, end }, turns)) return end
  const next = text.codes[end] ?? 0
  if (start === digit && length < MIN_SINGLE && isSingle(text, start, end)) return end
  if (next === 0x40) return end
  if (next === COLON && length < 5 && isColonAddress(text, end)) {
    const behind = readColons(reader, end)
    if (reader.done > end) return behind
  }
  const found = length < 4 ? readShort(reader, start, end) : -1
  if (found !== -1) return found
  if (length === 1 && start === digit && isCounting(text, end)) return end
  const number = readNumber(reader, { start: tokenStart(text, start, digit), digit, end })
  return number === -1 ? end : number
}

/**
 * Of tokens with letters: not hexadecimal or Base64, which turn from letters to digits and back too often for a number,
 * and not `utf8` or `x86a`, whose letters are small.
 */
function isWorthReading({ text, aloneStart }: Reader, { start, digit, end }: Token, turns: number): boolean {
  const length = end - start
  const most = start === digit ? MAX_TURNS + 1 : MAX_TURNS
  if (turns > most && length <= MAX_TOKEN && length !== CREDIT_CODE) return false
  if (start === digit || aloneStart === start || length > MAX_TOKEN || (text.codes[start] ?? 0) < 0x61) return true
  return turns < 2 && end - digit > 3
}

/** Whether another single digit follows the one that ends at `end`: `1 2 3`, `1.2.3`; no number is written so. */
function isCounting(text: Units, end: number): boolean {
  return (flagsAt(text, end) & JOINER) !== 0 && (flagsAt(text, end + 2) & ALPHANUMERIC) === 0
}

/** Whether nothing joins the token to what follows, and no bracket, plus or letters to what precedes: years, prices. */
function isSingle(text: Units, start: number, end: number): boolean {
  const next = text.codes[end] ?? 0
  const before = text.codes[start - 1] ?? 0
  const isJoined =
    (flagsAt(text, end) & JOINER) !== 0 &&
    ((flagsAt(text, end + 1) & ALPHANUMERIC) !== 0 || isOpen(text.codes[end + 1] ?? 0))
  if (isJoined || isClose(next) || next === COLON || before === 0x2b) return false
  return before !== 0x20 || end - start !== 2
}

/** `n` of an escaped line break (`\n138…`) and a label written on the number (`QQ12345`, `tel138…`) are not its own. */
function tokenStart(text: Units, start: number, digit: number): number {
  if (start === digit) return start
  if ((text.codes[start - 1] ?? 0) === 0x5c && digit - start === 1) return digit
  const entry = digit - start < 10 ? latinLabel(LABEL_TABLE, text, { start, end: digit }) : undefined
  return entry === undefined || (entry.bits & GLUED) === 0 ? start : digit
}

/** Tokens of up to three characters start addresses and the numbers that are written in short groups. */
function readShort(reader: Reader, start: number, end: number): number {
  const { text } = reader
  const next = text.codes[end] ?? 0
  if (next === POINT) {
    const address = readIpv4(reader, start)
    if (address !== -1) return address
  }
  return next === HYPHEN && end - start === 2 ? readMac(reader, start) : -1
}

interface Token {
  readonly start: number
  /** The first digit. */
  readonly digit: number
  readonly end: number
}

/** Offset behind the number of whatever kind; -1 when the token starts none. */
function readNumber(reader: Reader, { start, digit, end }: Token): number {
  const { text, run } = reader
  if (isMobileLike(text, start, end)) {
    const mobile = readMobile(reader, start)
    if (mobile !== -1) return mobile
  }
  const lettersBefore = start === digit ? lettersStart(text, start, end) : start
  if (lettersBefore !== start) {
    readRun(text, lettersBefore, run)
    const prefixed = matchNumber(reader, INDEX)
    if (prefixed !== -1) return prefixed
  }
  readRun(text, start, run)
  const iban = readIban(reader)
  if (iban !== -1) return iban
  const fixed = readFixed(reader, { start, digit, end })
  if (fixed !== -1) return fixed
  const number = matchNumber(reader, INDEX)
  if (number !== -1) return number
  if (run.isNumeric || run.groups === 0) {
    const phone = readPhone(reader, start)
    if (phone !== -1) return phone
  }
  const labelled = readLabelled(reader)
  return labelled === -1 ? readStrict(reader, start, end) : labelled
}

/** Eleven digits from 13 on, the number that Chinese text has most; Han and full-width ones too. */
function isMobileLike(text: Units, start: number, end: number): boolean {
  if (end - start !== 11 || plainCode(text.codes[start] ?? 0) !== 0x31) return false
  return plainCode(text.codes[start + 1] ?? 0) > 0x32 && plainCode(text.codes[end - 1] ?? 0) < 0x3a
}

/** Before other numbers of eleven digits, unless a label next to it says that it is one of those. */
function readMobile(reader: Reader, start: number): number {
  if (isSpokenAgainst(reader, start) || (reader.reading.labels.nearest & GOVERNMENT) !== 0) return -1
  return readPhone(reader, start)
}

/** Numbers whose form alone tells them, before the tables are asked. */
function readFixed(reader: Reader, { start, digit, end }: Token): number {
  const { text } = reader
  if (end - start > MAX_TOKEN) return readCryptoAddress(reader, start, end)
  if (digit === start) {
    const isDotted = end - start === 4 && (text.codes[end] ?? 0) === POINT
    return isDotted ? readMac(reader, start) : readMilitary(reader, start, end)
  }
  if ((text.codes[end] ?? 0) === 0x28) {
    const hongKong = readHongKongId(reader, start, end)
    if (hongKong !== -1) return hongKong
  }
  return -1
}

/** One or two letters and a space in front, `AB 12 34 56 C`: where they start; else `start`. */
function lettersStart(text: Units, start: number, end: number): number {
  if ((text.codes[start - 1] ?? 0) !== 0x20 || (end - start !== 2 && end - start !== 6 && end - start !== 7))
    return start
  let from = start - 1
  while (start - from < 4 && (flagsAt(text, from - 1) & LETTER) !== 0) from--
  const isWhole = (flagsAt(text, from - 1) & (ALPHANUMERIC | DIGIT)) === 0
  return start - 1 - from === 2 && isWhole ? from : start
}

function readStrict(reader: Reader, start: number, end: number): number {
  const date = readDate(reader, start)
  return date === -1 ? readLongNumber(reader, start, end) : date
}

/** `::1`, `dead:beef:…`: a colon with hexadecimal groups or a colon on both sides. */
export function isColonAddress(text: Units, at: number): boolean {
  const next = text.codes[at + 1] ?? 0
  if (next === COLON) return true
  return (flagsAt(text, at - 1) & HEX) !== 0 && (flagsAt(text, at + 1) & HEX) !== 0
}

/** A run of Han digits. */
export function readHanDigits(reader: Reader, at: number): number {
  const { text } = reader
  let end = at + 1
  while ((flagsAt(text, end) & HAN_DIGIT) !== 0) end++
  if (end - at < 3 || end - at > 19) return end
  const mobile = isMobileLike(text, at, end) ? readMobile(reader, at) : -1
  if (mobile !== -1) return mobile
  readRun(text, at, reader.run)
  const number = matchNumber(reader, INDEX)
  if (number !== -1) return number
  const phone = readPhone(reader, at)
  return phone === -1 ? end : phone
}
