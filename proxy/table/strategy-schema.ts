// What of the routing table says how a rule chooses among the targets of one tier: the strategy, what keeps calls
// together, a canary, the names under which other targets answer, and what a model costs. Part of schema.ts.
// Prices are integers: millionths of a currency unit for a million tokens, so that a token costs 1e-12 of one times it.
import * as z from 'zod'

export const STRATEGIES = ['Weight', 'Latency', 'Load', 'Cost', 'Sticky'] as const
export type StrategyName = (typeof STRATEGIES)[number]

export const MAX_CANARY_STEPS = 16
/** Lists by asked model of one rule, and models of one list. */
export const MAX_NAMED_LISTS = 256
export const MAX_NAMED_MODELS = 1024

const name = z.string().min(1).max(512)

/** A million units for a million tokens is a slip. */
const priceOfMillion = z.int().min(0).max(1_000_000_000_000)

export const price = z.strictObject({
  input: priceOfMillion,
  output: priceOfMillion,
  /** Absent: cached input costs what other input does. */
  cachedInput: priceOfMillion.optional(),
})

export const backend = z.strictObject({
  /** A key of `targets`. */
  target: name,
  /** Share of the calls among backends of the same tier; 0 takes none while another backend of the tier can. */
  weight: z.int().min(0).max(1_000_000),
  /** Tier n + 1 is used when every backend of tier n has failed this call. */
  tier: z.int().min(0).max(15),
})

const sticky = z.strictObject({
  by: z.enum(['Conversation', 'User', 'Header']),
  /** In lower case; with `by` Header alone. */
  header: z.string().min(1).max(64).optional(),
  /** What a call goes by that lacks the key: its conversation, or nothing. */
  whenMissing: z.enum(['Conversation', 'Spread']),
})

const canary = z.strictObject({
  target: name,
  startMs: z.int().min(0),
  /** Percent of the conversations, from the end of the step before it; the last one stays in force. */
  steps: z
    .array(z.strictObject({ percent: z.int().min(0).max(100), forMs: z.int().min(0) }))
    .min(1)
    .max(MAX_CANARY_STEPS),
  stopWhen: z.strictObject({
    /** Percentage points by which the canary's errors may exceed those of the rule's own backends. */
    errors: z.int().min(0).max(100),
    /** Percent by which its first token (an answer, where it is not streamed) may come later than theirs. */
    slower: z.int().min(0).max(10_000),
    minCalls: z.int().min(1).max(10_000),
  }),
})

const named = z.strictObject({
  models: z.array(z.string().min(1).max(256)).min(1).max(MAX_NAMED_MODELS),
  /** Empty: none can serve, for the reason that `unavailable` gives. */
  backends: z.array(backend).max(16),
  unavailable: z.string().max(1024).optional(),
})

/** Members of a route. */
export const strategyFields = {
  /** Absent: Weight. */
  strategy: z.enum(STRATEGIES).optional(),
  /** Absent: by conversation. */
  sticky: sticky.optional(),
  canary: canary.optional(),
  /** Models whose name an application asks for and which these backends serve in place of the rule's own. */
  named: z.array(named).max(MAX_NAMED_LISTS).optional(),
}

export type Price = Readonly<z.infer<typeof price>>
