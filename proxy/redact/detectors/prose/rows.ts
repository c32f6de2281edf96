// The prose family's rows of the detector table: names, addresses and dates of birth in running text.
// Data only: detectors/table.ts joins them with the other families', prose.ts does the work.

import type { DetectorRow } from '../detection.ts'

const LANGUAGES = ['zh', 'en', 'de', 'fr', 'es', 'it', 'nl', 'pl'] as const

export const PROSE_DETECTORS: readonly DetectorRow[] = [
  {
    name: 'PersonName',
    family: 'prose',
    kind: 'PERSON',
    profiles: ['Standard', 'Strict'],
    placeholderWord: 'PERSON',
    isOneWay: false,
    languages: LANGUAGES,
    description: 'The name of a person, by given and family names, position and the words around it.',
    sample: 'Please send the contract to Maria Schneider. 联系人：王建国',
  },
  {
    name: 'StreetAddress',
    family: 'prose',
    kind: 'ADDRESS',
    profiles: ['Standard', 'Strict'],
    placeholderWord: 'ADDRESS',
    isOneWay: false,
    languages: LANGUAGES,
    description: 'A postal address: street and number, flat, post box, with the town and postcode that belong to it.',
    sample: 'Ship it to 221 Baker Street, London NW1 6XE. 送到北京市海淀区中关村大街27号',
  },
  {
    name: 'BirthDate',
    family: 'prose',
    kind: 'DATE',
    profiles: ['Standard', 'Strict'],
    placeholderWord: 'BIRTHDATE',
    isOneWay: false,
    languages: LANGUAGES,
    description: 'A date that words beside it call a date of birth.',
    sample: 'born on 12 March 1984; 出生日期：1984年3月12日',
  },
]
