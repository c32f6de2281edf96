// The rows of the identifier family in the detector table. What each scanner accepts stands with the scanner.

import type { DetectorRow } from '../detection.ts'

export const IDENTIFIER_DETECTORS: readonly DetectorRow[] = [
  {
    name: 'Email',
    family: 'identifiers',
    kind: 'EMAIL',
    profiles: ['Standard', 'Strict'],
    placeholderWord: 'EMAIL',
    isOneWay: false,
    description: 'E-mail addresses, with internationalised domains and +tags.',
    sample: 'write to li.na+work@mail.example.org today',
  },
]
