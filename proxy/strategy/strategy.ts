// The strategies' common words, and the table of them. A strategy puts the candidates of one tier in order; it is pure
// over what is known of them at this moment and one random number. Tiers are the planner's, health is failover's, and
// targets that are too small for a call are taken out behind it.
//
//   candidates + draw -> Ranked[]: the first is asked, the others in turn where it fails
import type { Attempt } from '../exchange.ts'
import type { Price, StrategyName } from '../table/strategy-schema.ts'
import { byCost } from './cost-first.ts'
import { byLatency } from './latency.ts'
import { byLoad } from './load.ts'
import type { TargetFacts } from './meters.ts'
import { byKey, type Salt } from './rendezvous.ts'

export interface Candidate {
  readonly attempt: Attempt
  readonly weight: number
  /** Of its id (rendezvous.ts). */
  readonly seed: number
  /** What its model costs; null: nobody says. */
  readonly price: Price | null
  /** Null: its strategy asks for none. */
  readonly facts: TargetFacts | null
  /** Of the prompt, as estimated for its model; 0 where its strategy does not ask. */
  readonly inputTokens: number
}

export interface Draw {
  /** Uniform in [0, 1). */
  readonly uniform: number
  /** Hash of what keeps calls together. */
  readonly salt: Salt
  readonly isStreaming: boolean
}

export interface Ranked {
  readonly candidate: Candidate
  /** The number that it was ranked by, in its strategy's unit; for people. */
  readonly score: number
}

export interface StrategyRule {
  readonly rank: (candidates: readonly Candidate[], draw: Draw) => readonly Ranked[]
  readonly needsFacts: boolean
  readonly needsKey: boolean
  readonly needsTokens: boolean
  /** What a score is. */
  readonly unit: string
}

export const STRATEGY_RULES: Readonly<Record<StrategyName, StrategyRule>> = {
  Weight: { rank: byKey, needsFacts: false, needsKey: true, needsTokens: false, unit: 'score of its share' },
  Sticky: { rank: byKey, needsFacts: false, needsKey: true, needsTokens: false, unit: 'score of its share' },
  Latency: { rank: byLatency, needsFacts: true, needsKey: false, needsTokens: false, unit: 'expected ms' },
  Load: { rank: byLoad, needsFacts: true, needsKey: false, needsTokens: false, unit: 'answers under way, by weight' },
  Cost: { rank: byCost, needsFacts: true, needsKey: false, needsTokens: true, unit: 'expected cost, 1e-12' },
}
