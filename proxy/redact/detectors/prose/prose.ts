// Names, addresses and dates of birth in running text, as one scanner. Its dictionaries (some 2 MB) are opened by the
// first text that wants one of its detectors; make one scanner for a process and let all policies share it.
//
//   text -> Han names, Latin names, addresses, dates of birth -> detections (detect.ts sorts out overlaps)

import type { Detection, Scanner } from '../detection.ts'
import { findBirthDates } from './birth-dates.ts'
import { findHanAddresses } from './han/addresses.ts'
import { openHanModel } from './han/model.ts'
import type { HanModel } from './han/model.ts'
import { findHanNames } from './han/names.ts'
import { createAddressWords, STREET_ENDING_LIST, WORD_LISTS } from './latin/address-parts.ts'
import { findAddresses } from './latin/addresses.ts'
import type { Span } from './latin/addresses.ts'
import { openLatinModel } from './latin/model.ts'
import type { LatinModel } from './latin/model.ts'
import type { WordTable } from './word-table.ts'
import { findLatinNames } from './latin/names.ts'
import type { LatinText } from './latin/names.ts'
import type { ReadDictionary } from './shipped.ts'

export { PROSE_DETECTORS } from './rows.ts'

interface Dictionaries {
  readonly han: HanModel
  readonly latin: LatinModel
  readonly addressWords: WordTable
  readonly streetEndings: readonly string[]
}

/** A name's score must be above this; weights are in sixteenths of a logit. */
const HAN_THRESHOLD = 0

export function createProseScanner(read: ReadDictionary): Scanner {
  let opened: Dictionaries | null = null
  return (text, found, scope) => {
    const wantsNames = scope.isEnabled('PersonName')
    if (!wantsNames && !scope.isEnabled('StreetAddress') && !scope.isEnabled('BirthDate')) return
    opened ??= openDictionaries(read)
    const isSmall = !HAS_CAPITAL.test(text)
    const han = HAS_HAN.test(text) ? findHanAddresses(opened.han, text) : []
    const taken = [...latinAddresses(opened, text, isSmall), ...han].toSorted((a, b) => a.start - b.start)
    if (scope.isEnabled('BirthDate')) {
      for (const { start, end } of findBirthDates(text, scope.label)) {
        found.push({ start, end, type: 'BirthDate', evidence: 'label before' })
      }
    }
    if (scope.isEnabled('StreetAddress')) {
      for (const { start, end } of taken)
        found.push({ start, end, type: 'StreetAddress', evidence: 'parts of an address' })
    }
    if (wantsNames) addNames(opened, { text, taken }, found)
  }
}

/** Whether a text is written without any capital, as in chats. */
const HAS_CAPITAL = /[A-Z]/
const HAS_HAN = /[\u4e00-\u9fff]/

const latinAddresses = (opened: Dictionaries, text: string, isSmall: boolean): Span[] =>
  findAddresses({ model: opened.latin, words: opened.addressWords, endings: opened.streetEndings, text, isSmall })

function addNames(opened: Dictionaries, source: LatinText, found: Detection[]): void {
  for (const { start, end } of findHanNames(opened.han, source.text, HAN_THRESHOLD)) {
    found.push({ start, end, type: 'PersonName', evidence: 'name model' })
  }
  for (const { start, end, evidence } of findLatinNames(opened.latin, source)) {
    found.push({ start, end, type: 'PersonName', evidence })
  }
}

function openDictionaries(read: ReadDictionary): Dictionaries {
  const latin = openLatinModel(read('latin-words.bin'))
  return {
    han: openHanModel({ words: read('han-words.bin'), weights: read('han-weights.bin') }),
    latin,
    addressWords: createAddressWords(latin, WORD_LISTS),
    streetEndings: STREET_ENDING_LIST(),
  }
}
