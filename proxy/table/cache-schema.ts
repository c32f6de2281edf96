// The table's words for a rule's cache. What they lead to is decided in cache/policy.ts; which levels there are is the
// proxy's own setting.
import * as z from 'zod'

/** Who may be served from an entry: this pod, the pods of its workload, the pods of its namespace. */
export const CACHE_SCOPES = ['Pod', 'Workload', 'Namespace'] as const
export type CacheScope = (typeof CACHE_SCOPES)[number]

const DAY_MS = 24 * 60 * 60 * 1000

const storing = z.enum(['Skip', 'Store'])

export const cacheRule = z.strictObject({
  scope: z.enum(CACHE_SCOPES),
  /** The shared cache that entries are offered to; absent: they stay in the pod. */
  shared: z.string().min(1).max(512).optional(),
  ttlMs: z
    .int()
    .min(1)
    .max(7 * DAY_MS),
  /** After it, an entry is still served for so long while a new answer is asked for. */
  staleWhileRevalidateMs: z.int().min(1).max(DAY_MS).optional(),
  /** After it, an entry is still served for so long when every target has failed. */
  staleIfErrorMs: z
    .int()
    .min(1)
    .max(7 * DAY_MS)
    .optional(),
  /** Calls whose answer is drawn by lot: temperature absent or above the bound. */
  sampled: storing,
  /** A decimal: `0.2`. */
  maxTemperature: z.string().regex(/^\d{1,2}(\.\d{1,6})?$/),
  /** Calls that tell what a tool has done, or let the provider use one. */
  toolResults: storing,
  /** Answers that were cut off at a limit of length. */
  truncated: storing,
  /** Answers that a filter has ended. */
  filtered: storing,
  /** Headers of the call, in lower case, on which no answer depends, beside those of cache/key-headers.ts. */
  ignoreHeaders: z.array(z.string().regex(/^[a-z0-9_-]{1,64}$/)).max(16),
  /** Another number, and whatever was kept before is not served any more. */
  generation: z.int().min(0).max(1_000_000_000),
  /** Equal calls at the same time are asked once: within the pod, or over all pods of the shared cache. */
  singleFlight: z.enum(['Off', 'Pod', 'Shared']),
})

type Fields = z.infer<typeof cacheRule>
export type CacheRule = Readonly<Omit<Fields, 'ignoreHeaders'>> & { readonly ignoreHeaders: readonly string[] }
