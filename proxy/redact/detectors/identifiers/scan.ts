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
  NAME_TRIGGER,
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
import type { Units } from '../text/units.ts'

const HYPHEN = 0x2d
const [SMALL_V, SMALL_W, SMALL_X] = [0x76, 0x77, 0x78]
/** Third letters of the labels of names. */
const THIRDS: ReadonlySet<number> = new Set(Array.from('CIic', (one) => one.charCodeAt(0)))

/** One `UnitScanner` with buffers of its own, which every scan uses again; a scan never starts inside another. */
export function createIdentifierScanner(): UnitScanner {
  const buffers = { run: createRun(), dialled: createDialled() }
  return (text, found, scope) => scan(new LazyReader(text, found, { ...scope, ...buffers, table: LABEL_TABLE }))
}

/** Adds every identifier of the enabled detectors. */
export function scanIdentifiers(text: Units, found: Detection[], scope: ScanScope): void {
  createIdentifierScanner()(text, found, scope)
}

function scan(lazy: LazyReader): void {
  const { text } = lazy
  const { codes, length } = text
  const rare: number[] = []
  for (let at = 0; at < length;) {
    const trigger = TRIGGERS[codes[at] ?? 0] ?? NO_TRIGGER
    if (trigger === NO_TRIGGER) at++
    else if (trigger < NAME_TRIGGER) at = readAt(lazy.get(), at)
    else {
      if (trigger === NAME_TRIGGER ? startsNameLabel(text, at) : startsLetterMac(codes, at - 2)) rare.push(at)
      at++
    }
  }
  if (rare.length > 0) readRare(lazy.get(), rare)
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

/** What starts with letters alone: names behind labels, and MAC addresses. Each looks back as if it stood first. */
function readRare(reader: Reader, places: readonly number[]): void {
  let next = 0
  for (const place of places) {
    const isName = TRIGGERS[reader.text.codes[place] ?? 0] === NAME_TRIGGER
    const start = isName ? place : place - 2
    if (start < next) continue
    reader.done = 0
    next = isName ? readNamed(reader, start) : readLetterMac(reader, start)
  }
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
  return THIRDS.has(codes[at + 2] ?? 0) && NAME_LABELS.some((label) => text.startsWith(label, at))
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
