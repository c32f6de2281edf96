// What of a rule's calls the proxy may send together: one call upstream in place of several, each of which gets its own
// answer. A part of the routing table; a proxy that does not know it sends every call alone, which is never wrong.
import * as z from 'zod'

const limits = {
  /** How long the first call of a batch waits for others. */
  waitMs: z.int().min(1).max(1000),
  /** Items in one call: inputs of embeddings, prompts, questions. */
  maxSize: z.int().min(2).max(2048),
  /** Tokens in one call, estimated; a call with more goes alone. */
  maxTokens: z.int().min(1).max(10_000_000),
}

const batchLimits = z.strictObject(limits)

/** Absent: calls of this kind go alone. */
export const batchSchema = z.strictObject({
  embeddings: batchLimits.optional(),
  completions: batchLimits.optional(),
  /** Several short questions in one; only where the rule's owner has asked for it. */
  chat: z
    .strictObject({
      ...limits,
      maxSize: z.int().min(2).max(32),
      /** Of one question, estimated; a longer one goes alone. */
      maxQuestionTokens: z.int().min(1).max(100_000),
    })
    .optional(),
})

export type BatchLimits = z.infer<typeof batchLimits>
export type ChatLimits = NonNullable<Batching['chat']>
export type Batching = z.infer<typeof batchSchema>
