// Runs the prose scanner with the shipped dictionaries, for the tests of this folder: text in, found texts out.
// No test of its own.

import type { Detection, DetectorName } from '../../../../../proxy/redact/detectors/detection.ts'
import { unitsOf } from '../../../../../proxy/redact/detectors/text/units.ts'
import { createProseScanner } from '../../../../../proxy/redact/detectors/prose/prose.ts'
import { readShippedDictionary } from '../../../../../proxy/redact/detectors/prose/shipped.ts'

export interface ScanOptions {
  readonly label?: string
  readonly enabled?: readonly DetectorName[]
}

export type Scan = (text: string, options?: ScanOptions) => readonly Detection[]

export function createScan(): Scan {
  const scanner = createProseScanner(readShippedDictionary)
  return (text, { label, enabled } = {}) => {
    const found: Detection[] = []
    scanner(unitsOf(text), found, { isEnabled: (name) => enabled?.includes(name) ?? true, label: label ?? null })
    return found.toSorted((a, b) => a.start - b.start)
  }
}

/** The texts of the findings of one detector. */
export const textsOf = (text: string, found: readonly Detection[], type: DetectorName): string[] =>
  found.filter((one) => one.type === type).map(({ start, end }) => text.slice(start, end))
