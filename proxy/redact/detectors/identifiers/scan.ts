// The scanner of identifiers: passes over the text that stop at triggers and ask the readers what starts there.
//
//   digit -> token -> IPv4 | MAC, IPv6 | IBAN | numbers with a form | phone | labelled values     (tokens.ts)
//   @ -> e-mail    : -> IPv6, MAC    province's character -> plate    label -> WeChat, BIC
//
// Every reader looks at a bounded window and the pass goes on behind what it read, so a scan is linear.

import type { Detection, ScanScope, UnitScanner } from '../detection.ts'
import { macEnd, readColons } from './addresses.ts'
import {
  ALPHANUMERIC,
  AT_TRIGGER,
  COLON_TRIGGER,
  DIGIT_TRIGGER,
  HAN_DIGIT,
  HAN_DIGIT_TRIGGER,
  FLAGS,
  HEX,
  LETTER,
  LABEL_TRIGGER,
  NO_TRIGGER,
  PLATE_TRIGGER,
  TRIGGERS,
  flagsAt,
} from './characters.ts'
import { readEmail } from './email.ts'
import { readNamed } from './labelled.ts'
import { readPlate } from './plates.ts'
import { createDialled } from './dialled.ts'
import type { Reader, ReaderSource } from './reader.ts'
import { addFinding, createReader } from './reader.ts'
import { createRun } from './run.ts'
import { LABEL_TABLE, isColonAddress, readHanDigits, readToken } from './tokens.ts'
import type { Units } from '../units.ts'

const HYPHEN = 0x2d
/** Shorter texts are looked through character by character: starting an expression costs more. */
const SHORT = 256
/** So far behind a trigger the next one is looked for character by character. */
const NEAR = 12
const HAS_HAN = /[\u3007-\u9fff]/
/** The triggers of texts without Han; single characters, which the engine looks for many at a time. */
const LATIN_TRIGGER = /[0-9@:\uff10-\uff19\uff20]/g
const [SMALL_V, SMALL_W, SMALL_X] = [0x76, 0x77, 0x78]
const [NOT_RARE, NAME_START, MAC_HYPHEN] = [0, 1, 2]
/** By code unit: the first letters of labels of names, and the hyphen of an address. */
const RARE = rareTable()
/** Second letters of those labels. */
const SECONDS: ReadonlySet<number> = new Set(Array.from('IWwe', (one) => one.charCodeAt(0)))

/** One `UnitScanner` with buffers of its own, which every scan uses again; a scan never starts inside another. */
export function createIdentifierScanner(): UnitScanner {
  const buffers = { run: createRun(), dialled: createDialled() }
  return (text, found, scope) => scan(new LazyReader(text, found, { ...scope, ...buffers, table: LABEL_TABLE }))
}

/** Adds every identifier of the enabled detectors. */
export function scanIdentifiers(text: Units, found: Detection[], scope: ScanScope): void {
  createIdentifierScanner()(text, found, scope)
}

function scan(reader: LazyReader): void {
  const { text } = reader
  const search = text.length < SHORT || HAS_HAN.test(text.text) ? null : new RegExp(LATIN_TRIGGER)
  for (let at = nextTrigger(text, 0, search); at < text.length; at = nextTrigger(text, at, search)) {
    at = readAt(reader.get(), at)
  }
  readRare(reader)
}

/** Makes the reader at the first trigger: most short texts have none. */
class LazyReader {
  readonly text: Units
  readonly #found: Detection[]
  readonly #source: ReaderSource
  #reader: Reader | null = null

  constructor(text: Units, found: Detection[], source: ReaderSource) {
    this.text = text
    this.#found = found
    this.#source = source
  }

  get(): Reader {
    this.#reader ??= createReader(this.text, this.#found, this.#source)
    return this.#reader
  }
}

/** The next trigger from `at` on; the text's length when there is none. */
function nextTrigger(text: Units, at: number, search: RegExp | null): number {
  const { length } = text
  const near = search === null ? length : Math.min(length, at + NEAR)
  let next = at
  while (next < near && TRIGGERS[text.codes[next] ?? 0] === NO_TRIGGER) next++
  if (search === null || next < near || near === length) return next
  search.lastIndex = next
  return search.test(text.text) ? search.lastIndex - 1 : length
}

/** Where the pass goes on, always behind `at`. */
function readAt(reader: Reader, at: number): number {
  const { text } = reader
  switch (TRIGGERS[text.codes[at] ?? 0]) {
    case DIGIT_TRIGGER:
      return readToken(reader, at)
    case AT_TRIGGER:
      return readEmail(reader, at)
    case COLON_TRIGGER:
      return isColonAddress(text, at) ? readColons(reader, at) : at + 1
    case PLATE_TRIGGER:
      return readPlate(reader, at)
    case LABEL_TRIGGER:
      return (text.codes[at + 1] ?? 0) === 0x4fe1 ? readNamed(reader, at) : at + 1
    case HAN_DIGIT_TRIGGER:
      return (flagsAt(text, at + 1) & HAN_DIGIT) === 0 ? at + 1 : readHanDigits(reader, at)
    default:
      return at + 1
  }
}

function rareTable(): Uint8Array {
  const table = new Uint8Array(0x10000)
  for (const letter of 'BSWwv') table[letter.charCodeAt(0)] = NAME_START
  table[HYPHEN] = MAC_HYPHEN
  return table
}

/** What starts with letters alone, in a pass of its own: names behind labels, and MAC addresses. */
function readRare(lazy: LazyReader): void {
  const { codes, length } = lazy.text
  let nextName = 0
  let nextMac = 0
  for (let at = 0; at < length; at++) {
    const rare = RARE[codes[at] ?? 0]
    if (rare === NOT_RARE) continue
    if (rare === NAME_START) {
      if (at >= nextName && startsNameLabel(lazy.text, at)) nextName = Math.max(at + 1, readNamed(restarted(lazy), at))
    } else if (at - 2 >= nextMac && startsLetterMac(codes, at - 2)) {
      nextMac = Math.max(at - 1, readLetterMac(restarted(lazy), at - 2))
    }
  }
}

function restarted(lazy: LazyReader): Reader {
  const reader = lazy.get()
  reader.done = 0
  return reader
}

/** Labels of values that may have no digit. */
const NAME_LABELS = ['BIC', 'SWIFT', 'Swift', 'weixin', 'WeChat', 'Wechat', 'weChat', 'wechat']

function startsNameLabel(text: Units, at: number): boolean {
  const { codes } = text
  const second = codes[at + 1] ?? 0
  if (second === SMALL_X) {
    const first = codes[at]
    const third = codes[at + 2] ?? 0
    return at + 2 < text.length && (first === SMALL_V || first === SMALL_W) && (third < 0x61 || third > 0x7a)
  }
  return SECONDS.has(second) && NAME_LABELS.some((label) => text.startsWith(label, at))
}

/** The start of `AA-BB-CC-DD-EE-FF`. */
function startsLetterMac(codes: Uint16Array, at: number): boolean {
  if (codes[at + 5] !== HYPHEN || codes[at + 8] !== HYPHEN) return false
  if (((FLAGS[codes[at] ?? 0] ?? 0) & HEX_LETTER) !== HEX_LETTER) return false
  if (((FLAGS[codes[at + 1] ?? 0] ?? 0) & HEX_LETTER) !== HEX_LETTER) return false
  return HEX_PLACES.every((place) => ((FLAGS[codes[at + place] ?? 0] ?? 0) & HEX) !== 0)
}

const HEX_LETTER = HEX | LETTER
const HEX_PLACES = [3, 4, 6, 7]

/** `AA-BB-CC-DD-EE-FF`, which has no digit to stop at. */
function readLetterMac(reader: Reader, start: number): number {
  const { text } = reader
  const before = text.codes[start - 1] ?? 0
  const end = (flagsAt(text, start - 1) & ALPHANUMERIC) !== 0 || before === HYPHEN ? -1 : macEnd(text, start, HYPHEN)
  return end === -1 ? start + 1 : addFinding(reader, { start, end, type: 'MacAddress', evidence: 'address form' })
}
