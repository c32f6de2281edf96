// What a detector says of a text, and what it is told before it reads..
//
//   text -> Scanner* -> Detection[] -> one list without overlaps (detect.ts) -> mask
//
// A scanner reads one text once, from left to right, in time linear in its length, and never throws because of what
// the text says. Offsets are UTF-16 code units of that text. It knows nothing of JSON, dialects or placeholders.

import type { RedactionProfile } from '../../table/schema.ts'
import type { Units } from './text/units.ts'

/** Names of `DETECTORS` (detectors/table.ts): `Email`, `ChineseId`, `AwsAccessKey`. */
export type DetectorName = string

/** Why a detector fired, as a constant of the detector's own: `check digit`, `label before`, `known prefix`. */
export type Evidence = string

export interface Detection {
  readonly start: number
  /** The first code unit behind it. */
  readonly end: number
  readonly type: DetectorName
  readonly evidence: Evidence
}

export interface ScanScope {
  /** Whether the policy of this rule wants the detector. */
  readonly isEnabled: (name: DetectorName) => boolean
  /** The JSON key, header or field that the text is the value of, as written: evidence, never text to mask. */
  readonly label: string | null
}

/** Adds what it sees to `found`, in any order and with overlaps; detect.ts sorts them out. */
export type Scanner = (text: string, found: Detection[], scope: ScanScope) => void

/** A family's scanner: all families of a policy read the same units. */
export type UnitScanner = (text: Units, found: Detection[], scope: ScanScope) => void

/** One scanner's detectors. Of two findings of the same text the earlier family's wins (detect.ts). */
export const DETECTOR_FAMILIES = ['words', 'patterns', 'credentials', 'identifiers', 'prose'] as const
export type DetectorFamily = (typeof DETECTOR_FAMILIES)[number]

/** What the value is, coarser than a detector: docs and panels group by it, and so do detection's figures. */
export const DETECTOR_KINDS = [
  'PERSON',
  'EMAIL',
  'PHONE',
  'ADDRESS',
  'CARD',
  'IBAN',
  'BANK_ACCOUNT',
  'CN_ID',
  'CN_USCC',
  'US_SSN',
  'NATIONAL_ID',
  'TAX_ID',
  'HEALTH_ID',
  'PASSPORT',
  'DRIVER_LICENSE',
  'PLATE',
  'IP',
  'MAC',
  'URL',
  'CRYPTO',
  'SECRET',
  'SOCIAL',
  'DATE',
  'OTHER',
] as const
export type DetectorKind = (typeof DETECTOR_KINDS)[number]

/** One row of the detector table: all that profiles, placeholders, the self-test and the docs know of a detector. */
export interface DetectorRow {
  readonly name: DetectorName
  readonly family: DetectorFamily
  readonly kind: DetectorKind
  /** The profiles that have it; none: only a rule's `add` brings it in. */
  readonly profiles: readonly RedactionProfile[]
  /** Upper-case A-Z, at most 12: the word that a placeholder shows the model. */
  readonly placeholderWord: string
  /** The value never enters a call's restore map: what the model says of it stays masked. */
  readonly isOneWay: boolean
  /** Languages its context words know, as ISO 639-1; absent: it does not depend on one. */
  readonly languages?: readonly string[]
  /** One sentence for the reference page. */
  readonly description: string
  /** A made-up text in which it must fire; read by the self-test at start and by the docs. */
  readonly sample: string
}
