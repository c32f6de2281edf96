// What parts of the pipeline report of one call, for its record and its answer's headers: numbers and words, never text
// of the call. Types only; exchange.ts has them in the record.
import type { ErrorCode } from './errors.ts'

/** How a call went together with others. */
export interface BatchReport {
  readonly form: 'embeddings' | 'completions' | 'chat'
  /** Of how many callers the upstream call was. */
  readonly calls: number
  /** One of them counts for the batch. */
  readonly isFirst: boolean
}

/** What became of a wish to be answered later. */
export interface DeferredReport {
  readonly outcome: 'accepted' | 'declined'
  /** Why the call was served at once; null: it was not. */
  readonly reason: 'operation' | 'streaming' | 'masked' | 'size' | 'target' | 'full' | 'failed' | null
}

/** What the cache did with one call. */
export interface CacheReport {
  readonly outcome: 'hit' | 'stale' | 'miss' | 'bypass'
  /** Where the entry was; null: none was used. */
  readonly level: 'memory' | 'disk' | 'shared' | null
  /** Why it was not asked, or why an old entry was used; null: nothing to say. */
  readonly reason: string | null
  readonly ageMs: number | null
  /** What the entry says its answer had cost; null: no call was saved, or it does not say. */
  readonly saved: SavedUsage | null
  /** What became of the provider's answer: `stored`, or why not. Told when it has ended. */
  kept: string | null
}

export interface SavedUsage {
  readonly inputTokens: number
  readonly outputTokens: number
  /** A decimal in units of the price's currency; null: the target has no price. */
  readonly cost: string | null
}

/** What masking did with one call: numbers alone. Those of the answer grow until it has ended. */
export interface RedactionReport {
  /** `passed`: it could not be masked and left as it was, because its rule says so. */
  readonly outcome: 'masked' | 'dryRun' | 'passed'
  /** Why it could not be masked. */
  readonly reason: ErrorCode | null
  /** Findings by detector. */
  readonly masked: Readonly<Record<string, number>>
  /** Parts of the request that cannot be read: images, audio, base64. */
  readonly notInspected: number
  /** Placeholders in the request. */
  sent: number
  /** Placeholders in the answer, and what became of them. */
  seen: number
  restored: number
  damaged: number
  unknown: number
}
