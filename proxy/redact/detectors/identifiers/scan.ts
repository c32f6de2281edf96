// The scanner of identifiers: one pass over the text that stops at triggers and asks the readers what starts there.
//
//   digit -> token -> IPv4 | MAC, IPv6 | IBAN | numbers with a form | phone | labelled values
//   @ -> e-mail    : -> IPv6, MAC    province's character -> plate    label -> WeChat, BIC
//
// Every reader looks at a bounded window and the pass goes on behind what it read, so a scan is linear.

import type { Detection, ScanScope } from '../detection.ts'
import { macEnd, readColons, readIpv4, readMac } from './addresses.ts'
import {
  ALPHANUMERIC,
  AT_TRIGGER,
  COLON_TRIGGER,
  DASH_TRIGGER,
  DIGIT,
  DIGIT_TRIGGER,
  FLAGS,
  HAN_DIGIT,
  HAN_DIGIT_TRIGGER,
  HEX,
  JOINER,
  LABEL_TRIGGER,
  LETTER,
  NO_TRIGGER,
  PLATE_TRIGGER,
  TRIGGERS,
  flagsAt,
  plainCode,
} from './characters.ts'
import { MAX_ADDRESS, readCryptoAddress } from './crypto-address.ts'
import { isClose, isOpen } from './dialled.ts'
import { readDate, readLongNumber } from './dates.ts'
import { readEmail } from './email.ts'
import { readHongKongId } from './hong-kong.ts'
import { readIban } from './iban.ts'
import { GOVERNMENT, PHONE, SOCIAL } from './label-words.ts'
import { createLabelTable, latinLabel } from './label-table.ts'
import { readLabelled, readMilitary, readNamed } from './labelled.ts'
import { createNumberIndex, matchNumber } from './match-numbers.ts'
import { NUMBER_ROWS } from './numbers.ts'
import { readPhone } from './phone.ts'
import { readPlate } from './plates.ts'
import type { Reader } from './reader.ts'
import { addFinding, createReader, isSpokenAgainst } from './reader.ts'
import { readRun } from './run.ts'

const TABLE = createLabelTable(NUMBER_ROWS)
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

/** One `Scanner`: adds every identifier of the enabled detectors. */
export function scanIdentifiers(text: string, found: Detection[], scope: ScanScope): void {
  let reader: Reader | null = null
  for (let at = 0; at < text.length;) {
    const trigger = TRIGGERS[text.charCodeAt(at)] ?? NO_TRIGGER
    if (trigger === NO_TRIGGER) {
      at++
      continue
    }
    reader ??= createReader(text, found, { ...scope, table: TABLE })
    at = readAt(reader, at, trigger)
  }
}

/** Where the pass goes on, always behind `at`. */
function readAt(reader: Reader, at: number, trigger: number): number {
  switch (trigger) {
    case DIGIT_TRIGGER:
      return readToken(reader, at)
    case AT_TRIGGER:
      return readEmail(reader, at)
    case COLON_TRIGGER:
      return isColonAddress(reader.text, at) ? readColons(reader, at) : at + 1
    case DASH_TRIGGER:
      return reader.text.charCodeAt(at + 3) === HYPHEN ? readLetterMac(reader, at) : at + 1
    case PLATE_TRIGGER:
      return readPlate(reader, at)
    case LABEL_TRIGGER:
      return mayBeLabel(reader.text.charCodeAt(at + 1)) ? readNamed(reader, at) : at + 1
    case HAN_DIGIT_TRIGGER:
      return (flagsAt(reader.text, at + 1) & HAN_DIGIT) === 0 ? at + 1 : readHanDigits(reader, at)
    default:
      return at + 1
  }
}

/** The second letter of `vx`, `wx`, `wechat`, `BIC`, `SWIFT`, `微信`. */
function mayBeLabel(second: number): boolean {
  const letter = second | 0x20
  return letter === 0x78 || letter === 0x65 || letter === 0x69 || letter === 0x77 || second === 0x4fe1
}

/** `::1`, `dead:beef:…`: a colon with hexadecimal groups or a colon on both sides. */
function isColonAddress(text: string, at: number): boolean {
  const next = text.charCodeAt(at + 1)
  if (next === COLON) return true
  return (flagsAt(text, at - 1) & HEX) !== 0 && (flagsAt(text, at + 1) & HEX) !== 0
}

/** `AA-BB-CC-DD-EE-FF`, which has no digit to stop at. */
function readLetterMac(reader: Reader, at: number): number {
  const { text } = reader
  if (text.charCodeAt(at + 3) !== HYPHEN || (flagsAt(text, at - 1) & HEX) === 0 || (flagsAt(text, at + 1) & HEX) === 0)
    return at + 1
  const start = at - 2
  if (start < reader.done || (flagsAt(text, start - 1) & ALPHANUMERIC) !== 0) return at + 1
  const end = macEnd(text, start, HYPHEN)
  return end === -1 ? at + 1 : addFinding(reader, { start, end, type: 'MacAddress', evidence: 'address form' })
}

function readHanDigits(reader: Reader, at: number): number {
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

/** Reads the token that the digit at `digit` is the first one of. */
function readToken(reader: Reader, digit: number): number {
  const { text } = reader
  let start = digit
  while (
    start > reader.done &&
    digit - start < MAX_ADDRESS &&
    ((FLAGS[text.charCodeAt(start - 1)] ?? 0) & LETTER) !== 0
  )
    start--
  let end = digit + 1
  let turns = 0
  let flags = DIGIT
  for (; end < text.length; end++) {
    const next = FLAGS[text.charCodeAt(end)] ?? 0
    if ((next & ALPHANUMERIC) === 0) break
    if (((next ^ flags) & LETTER) !== 0) turns++
    flags = next
  }
  const length = end - start
  if (length > MAX_ADDRESS) return end
  if ((start !== digit || turns > 0) && !isWorthReading(reader, { start, digit, end }, turns)) return end
  const next = text.charCodeAt(end)
  if (start === digit && length < MIN_SINGLE && isSingle(text, start, end)) return end
  if (next === 0x40) return end
  if (next === COLON && length < 5 && isColonAddress(text, end)) {
    const behind = readColons(reader, end)
    if (reader.done > end) return behind
  }
  const found = length < 4 ? readShort(reader, start, end) : -1
  if (found !== -1) return found
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
  if (start === digit || aloneStart === start || length > MAX_TOKEN || text.charCodeAt(start) < 0x61) return true
  return turns < 2 && end - digit > 3
}

/** Whether nothing joins the token to what follows, and no bracket, plus or letters to what precedes: years, prices. */
function isSingle(text: string, start: number, end: number): boolean {
  const next = text.charCodeAt(end)
  const before = text.charCodeAt(start - 1)
  const isJoined =
    (flagsAt(text, end) & JOINER) !== 0 &&
    ((flagsAt(text, end + 1) & ALPHANUMERIC) !== 0 || isOpen(text.charCodeAt(end + 1)))
  if (isJoined || isClose(next) || next === COLON || before === 0x2b) return false
  return before !== 0x20 || end - start !== 2
}

/** `n` of an escaped line break (`\n138…`) and a label written on the number (`QQ12345`, `tel138…`) are not its own. */
function tokenStart(text: string, start: number, digit: number): number {
  if (start === digit) return start
  if (text.charCodeAt(start - 1) === 0x5c && digit - start === 1) return digit
  const entry = digit - start < 10 ? latinLabel(TABLE, text, { start, end: digit }) : undefined
  return entry === undefined || (entry.bits & GLUED) === 0 ? start : digit
}

/** Tokens of up to three characters start addresses and the numbers that are written in short groups. */
function readShort(reader: Reader, start: number, end: number): number {
  const { text } = reader
  const next = text.charCodeAt(end)
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
function isMobileLike(text: string, start: number, end: number): boolean {
  if (end - start !== 11 || plainCode(text.charCodeAt(start)) !== 0x31) return false
  return plainCode(text.charCodeAt(start + 1)) > 0x32 && plainCode(text.charCodeAt(end - 1)) < 0x3a
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
    const isDotted = end - start === 4 && text.charCodeAt(end) === POINT
    return isDotted ? readMac(reader, start) : readMilitary(reader, start, end)
  }
  if (text.charCodeAt(end) === 0x28) {
    const hongKong = readHongKongId(reader, start, end)
    if (hongKong !== -1) return hongKong
  }
  return -1
}

/** One or two letters and a space in front, `AB 12 34 56 C`: where they start; else `start`. */
function lettersStart(text: string, start: number, end: number): number {
  if (text.charCodeAt(start - 1) !== 0x20 || (end - start !== 2 && end - start !== 6 && end - start !== 7)) return start
  let from = start - 1
  while (start - from < 4 && (flagsAt(text, from - 1) & LETTER) !== 0) from--
  const isWhole = (flagsAt(text, from - 1) & (ALPHANUMERIC | DIGIT)) === 0
  return start - 1 - from === 2 && isWhole ? from : start
}

function readStrict(reader: Reader, start: number, end: number): number {
  const date = readDate(reader, start)
  return date === -1 ? readLongNumber(reader, start, end) : date
}
