// One kind of number in the tables of numbers (numbers-*.ts): how it is written, how its check digits go, and what the
// text must say for it to count. match-numbers.ts reads the rows; the detector table (rows.ts) is made of them.

import type { DetectorKind, DetectorName } from '../detection.ts'
import type { Check } from './checksums.ts'

/**
 * What a number that fits needs beside its form and check digits:
 * `shape` nothing, `alone` to be the whole text or to have a label, `label` a label.
 * A label next to it that speaks against it (`order no.`) stops all three.
 */
export type Need = 'shape' | 'alone' | 'label'

export interface NumberForm {
  /** Without joiners: `9` a digit, `A` a letter, `X` either, anything else itself (upper case). */
  readonly form: string
  readonly need: Need
  /** Sizes of groups it may be written in, `3-3-4`; without: written as one. */
  readonly layouts?: readonly string[]
  /** Only so, not as one. */
  readonly isGrouped?: boolean
  /** Joiners of those groups, if not space, hyphen, point. All of one number are the same unless `isUneven`. */
  readonly joiners?: string
  readonly isUneven?: boolean
  readonly check?: Check
}

export interface NumberRow {
  readonly name: DetectorName
  readonly kind: DetectorKind
  readonly placeholderWord: string
  /** Label groups (label-words.ts) that speak for it. */
  readonly bits: number
  /** Labels of this number alone, split at spaces: Latin words in lower case, Han. */
  readonly words: string
  /** Tried in order. */
  readonly forms: readonly NumberForm[]
  readonly languages?: readonly string[]
  readonly description: string
  readonly sample: string
  /** Only in the profile Strict. */
  readonly isStrict?: boolean
}
