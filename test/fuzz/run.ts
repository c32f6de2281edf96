// Runs every parser on its share of a number of cases and says how each fared.
import fc from 'fast-check'
import { PARSERS } from './parsers.ts'

export interface FuzzResult {
  readonly name: string
  readonly cases: number
  /** Null: every case went well. */
  readonly failure: string | null
}

export interface FuzzSettings {
  /** Of all parsers together, at least. */
  readonly cases: number
  readonly seed: number
}

export function* runFuzz({ cases, seed }: FuzzSettings): Generator<FuzzResult> {
  const totalWeight = PARSERS.reduce((total, { weight }) => total + weight, 0)
  for (const { name, weight, property } of PARSERS) {
    const numRuns = Math.ceil((cases * weight) / totalWeight)
    const details = fc.check(property, { numRuns, seed })
    const failure = details.failed ? fc.defaultReportMessage(details) : null
    yield { name, cases: details.numRuns, failure: failure ?? null }
  }
}
