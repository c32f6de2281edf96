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
/** Labels of values that may have no digit. */
const HAS_NAME_LABEL = /BIC|SWIFT|Swift|[Ww]e[Cc]hat|weixin|[vw]x[^a-z]/
/** The start of `AA-BB-CC-DD-EE-FF`. */
const HAS_LETTER_MAC = /[A-Fa-f]{2}-[\dA-Fa-f]{2}-[\dA-Fa-f]{2}-/

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
  if (HAS_NAME_LABEL.test(text.text)) readRare(reader, HAS_NAME_LABEL, readNamed)
  if (HAS_LETTER_MAC.test(text.text)) readRare(reader, HAS_LETTER_MAC, readLetterMac)
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

/** What starts with letters alone: a pass of its own for each. */
function readRare(lazy: LazyReader, start: RegExp, read: (reader: Reader, at: number) => number): void {
  const search = new RegExp(start, 'g')
  for (let match = search.exec(lazy.text.text); match !== null; match = search.exec(lazy.text.text)) {
    const reader = lazy.get()
    reader.done = 0
    search.lastIndex = Math.max(match.index + 1, read(reader, match.index))
  }
}

/** `AA-BB-CC-DD-EE-FF`, which has no digit to stop at. */
function readLetterMac(reader: Reader, start: number): number {
  const { text } = reader
  const before = text.codes[start - 1] ?? 0
  const end = (flagsAt(text, start - 1) & ALPHANUMERIC) !== 0 || before === HYPHEN ? -1 : macEnd(text, start, HYPHEN)
  return end === -1 ? start + 1 : addFinding(reader, { start, end, type: 'MacAddress', evidence: 'address form' })
}
