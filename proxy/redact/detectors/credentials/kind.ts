// What the tables of credentials are made of: kinds that show what they are by their written form, and vendors whose
// keys show nothing. Types only.

import type { DetectorName } from '../detection.ts'

/** One detector of values that show what they are by a prefix or a shape. */
export interface CredentialKind {
  readonly name: DetectorName
  readonly placeholderWord: string
  /** One sentence for the reference page. */
  readonly description: string
  /** Written forms, template.ts's language. The first one makes the sample. */
  readonly templates: readonly string[]
  /** Never restored: the model has no use for it. */
  readonly isOneWay?: true
  /** Different characters that the value must show; fewer is a placeholder. Absent: 7. */
  readonly distinct?: number
  /** Digits that it must hold; for prefixes that words of code have too. Absent: none. */
  readonly digits?: number
}

/** A vendor whose values show nothing: only its name in the label and the exact form together say what they are. */
export interface LabelledVendor {
  /** Lower-case words of the label, without separators: `launchdarkly`. */
  readonly words: readonly string[]
  readonly templates: readonly string[]
}
