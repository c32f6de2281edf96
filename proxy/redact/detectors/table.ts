// The table of all detectors: each family's rows, joined. Profiles, `add` and `remove`, placeholders, the self-test
// and the reference pages read it; the scanners themselves do not.
//
//   IDENTIFIER_DETECTORS + CREDENTIAL_DETECTORS + PROSE_DETECTORS + the two made of a rule's own words and patterns

import type { RedactionProfile } from '../../table/schema.ts'
import type { DetectorName, DetectorRow } from './detection.ts'
import { CREDENTIAL_DETECTORS } from './credentials/rows.ts'
import { IDENTIFIER_DETECTORS } from './identifiers/rows.ts'
import { PROSE_DETECTORS } from './prose/rows.ts'

/** Findings of `words` and `wordLists`. Always on: a rule without words has none. */
export const WORD_DETECTOR: DetectorRow = {
  name: 'Word',
  family: 'words',
  kind: 'OTHER',
  profiles: ['Credentials', 'Standard', 'Strict'],
  placeholderWord: 'WORD',
  isOneWay: false,
  description: 'A word of the company, from `words` or a word list.',
  sample: '',
}

/** Findings of `patterns`. Always on: a rule without patterns has none. */
export const PATTERN_DETECTOR: DetectorRow = {
  name: 'Pattern',
  family: 'patterns',
  kind: 'OTHER',
  profiles: ['Credentials', 'Standard', 'Strict'],
  placeholderWord: 'PATTERN',
  isOneWay: false,
  description: 'Text that one of the rule’s own `patterns` matches.',
  sample: '',
}

export const DETECTORS: readonly DetectorRow[] = [
  WORD_DETECTOR,
  PATTERN_DETECTOR,
  ...CREDENTIAL_DETECTORS,
  ...IDENTIFIER_DETECTORS,
  ...PROSE_DETECTORS,
]

/** Names to rows, for placeholders and figures. */
export const DETECTORS_BY_NAME: ReadonlyMap<DetectorName, DetectorRow> = new Map(
  DETECTORS.map((row) => [row.name, row]),
)

/** The detectors that a profile starts from. */
export function profileDetectors(profile: RedactionProfile): readonly DetectorName[] {
  return DETECTORS.filter((row) => row.profiles.includes(profile)).map((row) => row.name)
}
