// What a detector says of a text, and what it is told before it reads. Types only.
//
//   text -> Scanner* -> Detection[] -> one list without overlaps (detect.ts) -> mask
//
// A scanner reads one text once, from left to right, in time linear in its length, and never throws because of what
// the text says. Offsets are UTF-16 code units of that text. It knows nothing of JSON, dialects or placeholders.

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
