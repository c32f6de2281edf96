// What one rule detects: its profile, less `remove`, plus `add`, with its own words and patterns compiled.
// Made once per table, read by detect.ts for every text. It does not say what happens to a finding.
//
//   Redaction + word lists -> DetectionPolicy { scanners in the families' order, isEnabled }

import type { Redaction } from '../../table/schema.ts'
import type { DetectorName, Scanner, UnitScanner } from './detection.ts'
import { scanCredentials } from './credentials/scan.ts'
import { createIdentifierScanner } from './identifiers/scan.ts'
import { createPatternScanner } from './patterns/scan.ts'
import { createProseScanner } from './prose/prose.ts'
import { readShippedDictionary } from './prose/shipped.ts'
import { DETECTORS, profileDetectors } from './table.ts'
import { Units } from './text/units.ts'
import { createWordScanner } from './words/scan.ts'

export interface DetectionPolicy {
  readonly isEnabled: (name: DetectorName) => boolean
  /** One that runs those of all families that have a detector enabled; none where none has. */
  readonly scanners: readonly Scanner[]
  /** The names it has enabled, in the table's order: the same list is the same policy but for words and patterns. */
  readonly enabled: readonly DetectorName[]
}

export interface PolicySource {
  readonly redaction: Redaction
  /** Words by the name of their list; a list that has not arrived is absent. */
  readonly wordLists: ReadonlyMap<string, readonly string[]>
  /** The process's scanner of prose; a policy that gets none makes its own, with its own dictionaries. */
  readonly prose?: UnitScanner
}

/** Never throws: `redactionFaults` has judged the names before. Unknown ones detect nothing. */
export function compilePolicy(source: PolicySource): DetectionPolicy {
  const names = new Set([...profileDetectors(source.redaction.profile), ...source.redaction.add])
  for (const name of source.redaction.remove) names.delete(name)
  const rows = DETECTORS.filter((row) => names.has(row.name))
  const has = (family: string) => rows.some((row) => row.family === family)
  return {
    isEnabled: (name) => names.has(name),
    scanners: oneOver([
      ...ownScanners(source),
      ...(has('credentials') ? [scanCredentials] : []),
      ...(has('identifiers') ? [createIdentifierScanner()] : []),
      ...(has('prose') ? [source.prose ?? createProseScanner(readShippedDictionary)] : []),
    ]),
    enabled: rows.map((row) => row.name),
  }
}

/** The text becomes numbers once, for all of them. A scan never starts inside another. */
function oneOver(scanners: readonly UnitScanner[]): readonly Scanner[] {
  if (scanners.length === 0) return []
  const units = new Units()
  const scan: Scanner = (text, found, scope) => {
    units.hold(text)
    try {
      for (const scanner of scanners) scanner(units, found, scope)
    } finally {
      units.release()
    }
  }
  return [scan]
}

/** Scanners of the rule's own words and patterns, where it has any. */
function ownScanners({ redaction, wordLists }: PolicySource): readonly UnitScanner[] {
  const words = [
    ...(redaction.words ?? []),
    ...(redaction.wordLists ?? []).flatMap((name) => wordLists.get(name) ?? []),
  ]
  const patterns = (redaction.patterns ?? []).map(({ pattern }) => pattern)
  return [
    ...(words.length > 0 ? [orThrowing(() => createWordScanner(words))] : []),
    ...(patterns.length > 0 ? [orThrowing(() => createPatternScanner(patterns))] : []),
  ]
}

/** Words or patterns that cannot be compiled fail each scan, so that the rule ends as its `onFailure` says. */
function orThrowing(create: () => UnitScanner): UnitScanner {
  try {
    return create()
  } catch (cause) {
    return () => {
      throw new Error('the rule’s own words or patterns cannot be compiled', { cause })
    }
  }
}
