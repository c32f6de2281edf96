// What the identifier scanner of the profile Standard sees in a text, as `Type:value`, for tables of expectations.

import { withoutOverlaps } from '../../../../../proxy/redact/detectors/detect.ts'
import type { Detection } from '../../../../../proxy/redact/detectors/detection.ts'
import { unitsOf } from '../../../../../proxy/redact/detectors/text/units.ts'
import { scanIdentifiers } from '../../../../../proxy/redact/detectors/identifiers/scan.ts'
import { profileDetectors } from '../../../../../proxy/redact/detectors/table.ts'

const STANDARD = new Set(profileDetectors('Standard'))
const STRICT = new Set(profileDetectors('Strict'))

export function findingsIn(
  text: string,
  label: string | null = null,
  names: ReadonlySet<string> = STANDARD,
): readonly Detection[] {
  const found: Detection[] = []
  scanIdentifiers(unitsOf(text), found, { isEnabled: (name) => names.has(name), label })
  return withoutOverlaps(text, found)
}

export function namesIn(text: string, label: string | null = null): readonly string[] {
  return findingsIn(text, label).map(({ start, end, type }) => `${type}:${text.slice(start, end)}`)
}

export function strictNamesIn(text: string): readonly string[] {
  return findingsIn(text, null, STRICT).map(({ start, end, type }) => `${type}:${text.slice(start, end)}`)
}
