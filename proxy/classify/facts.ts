// What can be known of a call beyond what it says, as types for those who ask: matching, planning, explain, the record.
// call-facts.ts works it out.
import type { Classification } from './classify.ts'

export interface CallFacts {
  readonly classification: Classification
  /** An estimate for a model of this name, of everything that is sent to it. */
  promptTokens(model: string): number
  /** Counts exactly where a tokenizer is at hand, in bounded time; then promptTokens() is that. Never rejects. */
  sharpen(model: string): Promise<void>
  /** What was asked so far. */
  report(): FactsReport
}

/** For the record of the exchange: numbers and words of classify/, never text of the call. */
export interface FactsReport {
  readonly classification?: Classification
  /** For the model that the caller asked for. */
  readonly promptTokens?: number
}
