// Whether a label names a vendor and the value has exactly that vendor's form (vendors.ts). The name must be whole
// words of the label.

import type { LabelledVendor } from './kind.ts'
import type { Label } from './labels.ts'
import type { Segment } from './template.ts'
import { matchSegments, parseTemplate } from './template.ts'
import type { Units } from '../text/units.ts'

/** The written forms by the vendor's name. */
export type VendorIndex = ReadonlyMap<string, readonly (readonly Segment[])[]>

/** `MessageBirdClientID` is Message, Bird, Client, ID; `SetSysctl` has no word `etsy`. */
const WORDS = /[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g
const MAX_WORDS = 12
/** Words that a vendor's name may be written in: `NEW_RELIC`. */
const MAX_NAME = 3

export function indexVendors(vendors: readonly LabelledVendor[]): VendorIndex {
  const formsOf = new Map<string, (readonly Segment[])[]>()
  for (const { words, templates } of vendors) {
    for (const word of words) formsOf.set(word, [...(formsOf.get(word) ?? []), ...templates.map(parseTemplate)])
  }
  return formsOf
}

interface Question {
  readonly text: Units
  readonly start: number
  readonly end: number
  readonly label: Label
  readonly vendors: VendorIndex
}

export function isVendorsForm({ text, start, end, label, vendors }: Question): boolean {
  const words = (label.written.match(WORDS) ?? []).slice(0, MAX_WORDS)
  for (let first = 0; first < words.length; first++) {
    for (let count = 1; count <= MAX_NAME; count++) {
      const name = words
        .slice(first, first + count)
        .join('')
        .toLowerCase()
      const forms = vendors.get(name)
      if (forms?.some((form) => matchSegments(text, start, form) === end) === true) return true
    }
  }
  return false
}
