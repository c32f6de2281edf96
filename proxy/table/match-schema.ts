// The parts of a rule's match that look at what a call is and how long, and what a target holds: as the table has them.
// Part of schema.ts; conditions.ts and classify/holding.ts decide by them.
import * as z from 'zod'

/** What a call is (classify/). */
export const CONTENTS = ['Code', 'Text', 'Image', 'Audio'] as const

/** No model reads more; a larger number in a resource is a slip. */
export const MAX_CONTEXT_TOKENS = 1_000_000_000

const tokens = z.int().min(0).max(MAX_CONTEXT_TOKENS)

export const contentFields = {
  /** Absent or empty: whatever it is. */
  content: z.array(z.enum(CONTENTS)).max(4).optional(),
  /** Tokens of the prompt, both ends included. */
  contextTokens: z.strictObject({ min: tokens.optional(), max: tokens.optional() }).optional(),
}

/** By model: what prompt and answer of it may have together. */
export const contextTokensByModel = z.record(z.string().min(1).max(512), tokens.min(1))
