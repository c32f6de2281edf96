// What is known of targets, and candidates, for tests of strategies.
import type { Estimate } from '../../../proxy/strategy/decayed-mean.ts'
import { NO_SALT, seedOf } from '../../../proxy/strategy/rendezvous.ts'
import type { TargetFacts } from '../../../proxy/strategy/meters.ts'
import type { Candidate, Draw } from '../../../proxy/strategy/strategy.ts'
import type { Price } from '../../../proxy/table/strategy-schema.ts'

export const known = (mean: number, weight = 32): Estimate => ({ mean, weight })
const UNKNOWN = known(0, 0)

export function factsWith(different: Partial<TargetFacts> = {}): TargetFacts {
  return {
    outstanding: 0,
    usuallyOutstanding: UNKNOWN,
    waitingMs: 0,
    firstTokenMs: UNKNOWN,
    tokenMs: UNKNOWN,
    wholeMs: UNKNOWN,
    outputTokens: UNKNOWN,
    failureRate: UNKNOWN,
    ...different,
  }
}

export interface CandidateSpec {
  readonly weight?: number
  readonly facts?: Partial<TargetFacts>
  readonly price?: Price
  readonly inputTokens?: number
}

export function candidatesOf(specs: Readonly<Record<string, CandidateSpec>>): readonly Candidate[] {
  return Object.entries(specs).map(([targetId, { weight = 1, facts, price = null, inputTokens = 1000 }]) => ({
    attempt: {
      targetId,
      target: { provider: `test/${targetId}`, dialect: 'OpenAI', url: 'http://a.test' },
      endpoint: { origin: 'http://a.test', basePath: '' },
    },
    weight,
    seed: seedOf(targetId),
    price,
    inputTokens,
    facts: factsWith(facts),
  }))
}

export const draw = (uniform: number, different: Partial<Draw> = {}): Draw => ({
  uniform,
  salt: NO_SALT,
  isStreaming: true,
  ...different,
})
