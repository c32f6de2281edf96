// Names, addresses and dates of birth in running text, as one scanner. Its dictionaries (some 2 MB) are opened by the
// first text that wants one of its detectors; make one scanner for a process and let all policies share it.
//
//   text -> Han names, Latin names, addresses, dates of birth -> detections (detect.ts sorts out overlaps)

import type { Scanner } from '../detection.ts'
import { openHanModel } from './han/model.ts'
import type { HanModel } from './han/model.ts'
import { findHanNames } from './han/names.ts'
import { openLatinModel } from './latin/model.ts'
import type { LatinModel } from './latin/model.ts'
import { findLatinNames } from './latin/names.ts'
import type { ReadDictionary } from './shipped.ts'

export { PROSE_DETECTORS } from './rows.ts'

interface Dictionaries {
  readonly han: HanModel
  readonly latin: LatinModel
}

/** A name's score must be above this; weights are in sixteenths of a logit. */
const HAN_THRESHOLD = 0

export function createProseScanner(read: ReadDictionary): Scanner {
  let opened: Dictionaries | null = null
  return (text, found, scope) => {
    const wantsNames = scope.isEnabled('PersonName')
    if (!wantsNames && !scope.isEnabled('StreetAddress') && !scope.isEnabled('BirthDate')) return
    opened ??= openDictionaries(read)
    if (wantsNames) {
      for (const { start, end } of findHanNames(opened.han, text, HAN_THRESHOLD)) {
        found.push({ start, end, type: 'PersonName', evidence: 'name model' })
      }
      for (const { start, end, evidence } of findLatinNames(opened.latin, text)) {
        found.push({ start, end, type: 'PersonName', evidence })
      }
    }
  }
}

function openDictionaries(read: ReadDictionary): Dictionaries {
  return {
    han: openHanModel({ words: read('han-words.bin'), weights: read('han-weights.bin') }),
    latin: openLatinModel(read('latin-words.bin')),
  }
}
