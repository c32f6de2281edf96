// Names, addresses and dates of birth in running text, as one scanner. Its dictionaries (some 2 MB) are opened by the
// first text that wants one of its detectors; make one scanner for a process and let all policies share it.
//
//   text -> one pass: capital -> Latin names, digit -> addresses and dates, Han trigger -> Han names -> detections

import type { Detection, UnitScanner, ScanScope } from '../detection.ts'
import { birthDateAt, isBirthLabel, isNumberPart } from './birth-dates.ts'
import { createAddressWords, STREET_ENDING_LIST, WORD_LISTS } from './latin/address-parts.ts'
import { endOfDigits, readAddressAt } from './latin/addresses.ts'
import type { Addresses } from './latin/addresses.ts'
import { findHanAddresses, isAddressUnit } from './han/addresses.ts'
import { openHanModel } from './han/model.ts'
import type { HanModel } from './han/model.ts'
import { bestApart, readHanNameAt, startHanNames, TRIGGER } from './han/names.ts'
import type { HanNames } from './han/names.ts'
import { LETTER } from './latin/letters.ts'
import { openLatinModel } from './latin/model.ts'
import type { LatinModel } from './latin/model.ts'
import { finishLatinNames, outside, readNameAt, readSmallNames, startLatinNames } from './latin/names.ts'
import type { LatinNames } from './latin/names.ts'
import type { ReadDictionary } from './shipped.ts'
import type { WordTable } from './latin/word-table.ts'
import type { Units } from '../text/units.ts'

export { PROSE_DETECTORS } from './rows.ts'

/** What a code unit sets off. */
const ACTION = { none: 0, upper: 1, digit: 2, ideograph: 3, han: 4, unit: 5, hanUnit: 6 } as const

interface Dictionaries {
  readonly han: HanModel
  readonly latin: LatinModel
  readonly addressWords: WordTable
  readonly streetEndings: readonly string[]
  /** `ACTION` by code unit. */
  readonly actions: Uint8Array
}

/** A name's score must be above this; weights are in sixteenths of a logit. */
const HAN_THRESHOLD = -8

export function createProseScanner(read: ReadDictionary): UnitScanner {
  let opened: Dictionaries | null = null
  return (text, found, scope) => {
    if (!scope.isEnabled('PersonName') && !scope.isEnabled('StreetAddress') && !scope.isEnabled('BirthDate')) return
    opened ??= openDictionaries(read)
    const pass = startPass(opened, text, scope)
    const hasHan = readPass(opened.actions, pass)
    report(opened, pass, hasHan, { found, scope })
  }
}

interface Pass {
  readonly text: Units
  readonly names: LatinNames
  readonly han: HanModel
  /** Made at the first character that may begin one. */
  hanNames: HanNames | null
  readonly addresses: Addresses
  /** Where units of Chinese addresses stand. */
  readonly units: number[]
  readonly found: Detection[]
  readonly wantsDates: boolean
  readonly isBirthField: boolean
}

/** Whether a text is written with any capital; chats often are without. */
const HAS_CAPITAL = /[A-Z]/

function startPass(opened: Dictionaries, text: Units, scope: ScanScope): Pass {
  const { latin, addressWords, streetEndings } = opened
  const isSmall = !HAS_CAPITAL.test(text.text)
  return {
    text,
    names: startLatinNames({ model: latin, text }),
    han: opened.han,
    hanNames: null,
    addresses: { model: latin, words: addressWords, endings: streetEndings, text, isSmall, found: [], reach: 0 },
    units: [],
    found: [],
    wantsDates: scope.isEnabled('BirthDate'),
    isBirthField: isBirthLabel(scope.label),
  }
}

/** Reads the text once; answers whether it has Han characters. */
function readPass(actions: Uint8Array, pass: Pass): boolean {
  const { codes, length } = pass.text
  let hasHan = false
  for (let place = 0; place < length; place++) {
    const action = actions[codes[place] ?? 0]
    if (action === ACTION.none) continue
    if (action === ACTION.upper) place = readNameAt(pass.names, place)
    else if (action === ACTION.digit) place = readNumber(pass, place)
    else {
      hasHan = true
      if (action === ACTION.ideograph) continue
      if (action !== ACTION.han) pass.units.push(place)
      if (action !== ACTION.unit) readHan(pass, place)
    }
  }
  return hasHan
}

function readHan(pass: Pass, place: number): void {
  pass.hanNames ??= startHanNames(pass.han, pass.text, HAN_THRESHOLD)
  readHanNameAt(pass.hanNames, place)
}

function readNumber(pass: Pass, place: number): number {
  // Behind a letter, a dot or a hyphen neither begins; most digits stand so.
  if (place > 0 && isNumberPart(pass.text.codes[place - 1] ?? 0)) return endOfDigits(pass.text, place)
  const date = pass.wantsDates ? birthDateAt(pass.text, place, pass.isBirthField) : null
  if (date === null) return readAddressAt(pass.addresses, place)
  pass.found.push({ ...date, type: 'BirthDate', evidence: 'label before' })
  return date.end - 1
}

interface Report {
  readonly found: Detection[]
  readonly scope: ScanScope
}

function report(opened: Dictionaries, pass: Pass, hasHan: boolean, { found, scope }: Report): void {
  const { text, addresses, names, hanNames } = pass
  for (const date of pass.found) found.push(date)
  const hanAddresses = hasHan ? findHanAddresses(opened.han, text, pass.units) : []
  const taken = hanAddresses.length === 0 ? addresses.found : [...addresses.found, ...hanAddresses].sort(byStart)
  if (scope.isEnabled('StreetAddress')) {
    for (const { start, end } of taken)
      found.push({ start, end, type: 'StreetAddress', evidence: 'parts of an address' })
  }
  if (!scope.isEnabled('PersonName')) return
  if (addresses.isSmall) readSmallNames(names)
  for (const { start, end } of bestApart(hanNames?.found ?? []).filter(outside(taken))) {
    found.push({ start, end, type: 'PersonName', evidence: 'name model' })
  }
  for (const { start, end, evidence } of finishLatinNames(names, taken)) {
    found.push({ start, end, type: 'PersonName', evidence })
  }
}

const byStart = (a: { readonly start: number }, b: { readonly start: number }): number => a.start - b.start

function openDictionaries(read: ReadDictionary): Dictionaries {
  const latin = openLatinModel(read('latin-words.bin'))
  const han = openHanModel({
    words: read('han-words.bin'),
    weights: read('han-weights.bin'),
    gate: read('han-gate.bin'),
  })
  return {
    han,
    latin,
    addressWords: createAddressWords(latin, WORD_LISTS),
    streetEndings: STREET_ENDING_LIST(),
    actions: actionTable(latin, han),
  }
}

function actionTable(latin: LatinModel, han: HanModel): Uint8Array {
  const actions = new Uint8Array(han.classes.length)
  for (let code = 0; code < actions.length; code++) {
    if (latin.letters.classes[code] === LETTER.upper) actions[code] = ACTION.upper
    else if (code >= 0x30 && code <= 0x39) actions[code] = ACTION.digit
    else if (((han.classes[code] ?? 0) & TRIGGER) !== 0)
      actions[code] = isAddressUnit(code) ? ACTION.hanUnit : ACTION.han
    else if (code >= 0x4e00 && code < 0xa000) actions[code] = isAddressUnit(code) ? ACTION.unit : ACTION.ideograph
  }
  return actions
}
