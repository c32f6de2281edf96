// The routing table: the contract between operator and proxy, and the only thing a proxy knows about the cluster.
//
//   operator/translate.ts -> RoutingTable -> push stream | file -> parseTable -> TableHolder -> one call
//
// Whole, frozen and ordered (the first matching route wins). It holds no secret value and no Kubernetes type: a
// credential is named here and arrives on the keys channel. Both ends validate with parseTable.
import * as z from 'zod'
import { batchSchema } from './batch-schema.ts'
import { cacheRule } from './cache-schema.ts'
import { deferredRule } from './deferred-schema.ts'
import { parameterPolicy } from './parameters-schema.ts'
import { scheduleSchema } from './schedule-schema.ts'
import { contentFields, contextTokensByModel } from './match-schema.ts'
import { backend, price, strategyFields } from './strategy-schema.ts'
import { sharedCaches } from './shared-caches-schema.ts'

/** The version of this file's shape. A proxy refuses a table of another schema. */
export const TABLE_SCHEMA = 1

/** What this proxy can enforce. A table that `requires` anything else is refused, never half obeyed. */
export const PROXY_CAPABILITIES: readonly string[] = ['redact']

/** A table serialises to at most this many bytes; more is a fault in the resources, not a bigger buffer. */
export const MAX_TABLE_BYTES = 4 * 1024 * 1024

/** The wire formats that providers speak. */
export const DIALECT_NAMES = ['OpenAI', 'Anthropic', 'Gemini', 'Ollama', 'Prompt'] as const
export type DialectName = (typeof DIALECT_NAMES)[number]

/** What a call can ask for, whatever its dialect calls it. */
export const CALL_OPERATIONS = ['Chat', 'Completion', 'Response', 'Embedding', 'CountTokens'] as const
export type CallOperation = (typeof CALL_OPERATIONS)[number]

/** How an attempt can fail; upstream/outcome-classes.ts says what follows from each. */
export const FAILOVER_CLASSES = [
  'Connect',
  'Dns',
  'Tls',
  'Timeout',
  'Idle',
  'Reset',
  'RateLimited',
  'Overloaded',
  'Quota',
  'Auth',
  'ModelNotFound',
  'ContextLength',
  'ContentFilter',
  'Truncated',
  'BadRequest',
  'Server',
] as const
export type FailoverClass = (typeof FAILOVER_CLASSES)[number]

/** No model's answer is longer; a larger number in a resource is a slip. */
export const MAX_OUTPUT_TOKENS = 100_000_000

const name = z.string().min(1).max(512)
const durationMs = z
  .int()
  .min(1)
  .max(24 * 60 * 60 * 1000)

const target = z.strictObject({
  /** The provider's own name, `namespace/name`, for logs, metrics and the dashboard. */
  provider: name,
  dialect: z.enum(DIALECT_NAMES),
  /** Base URL of the provider, with its version prefix and without a trailing slash: `https://api.openai.com/v1`. */
  url: z.url({ protocol: /^https?$/ }).max(2048),
  /** The model the provider is asked for; absent: the caller's own. */
  model: name.optional(),
  /** What the model list names where the caller's own model goes through; a target with `model` has none. */
  models: z.array(name).max(64).optional(),
  /** By model: the most tokens an answer of it may have; a request for more is sent with this number. */
  outputLimits: z.record(name, z.int().min(1).max(MAX_OUTPUT_TOKENS)).optional(),
  /** What prompt and answer may have together; calls that are longer go to other targets. */
  contextTokens: contextTokensByModel.optional(),
  /** By model, where the provider says what it costs. */
  prices: z.record(name, price).optional(),
  /** The name of the key on the keys channel; absent: the provider needs none and the caller's key is removed. */
  credential: name.optional(),
  /** When calls go elsewhere first; absent: the proxy's defaults (upstream/health.ts). */
  health: z
    .strictObject({
      /** Failures one after another. */
      failuresToEject: z.int().min(1).max(1000),
      ejectForMs: durationMs,
      /** An ejected target is asked this before a call is; absent: a call finds out whether it is well again. */
      check: z.strictObject({ path: z.string().min(1).max(512).startsWith('/'), everyMs: durationMs }).optional(),
    })
    .optional(),
})

/** Which detectors a rule starts from; redact/detectors/table.ts says which are in each. */
export const REDACTION_PROFILES = ['Credentials', 'Standard', 'Strict'] as const
export type RedactionProfile = (typeof REDACTION_PROFILES)[number]

const redaction = z.strictObject({
  profile: z.enum(REDACTION_PROFILES),
  /** Detectors by name, beside and out of the profile's. */
  add: z.array(z.string().min(1).max(64)).max(256),
  remove: z.array(z.string().min(1).max(64)).max(256),
  /** DryRun: detect and count, change nothing. */
  mode: z.enum(['Enforce', 'DryRun']),
  /** What happens to a call that cannot be masked; Pass sends it as it is, and says so. */
  onFailure: z.enum(['Refuse', 'Pass']),
  /** Words of the company's own, masked wherever they stand. */
  words: z.array(z.string().min(1).max(256)).max(1000).optional(),
  /** Names of word lists on the keys channel, one word a line. */
  wordLists: z.array(name).max(16).optional(),
  patterns: z
    .array(z.strictObject({ name: z.string().min(1).max(64), pattern: z.string().min(1).max(1024) }))
    .max(64)
    .optional(),
})

/** With `value` it is exactly that, with `prefix` it begins so, with neither it is there. Names in lower case. */
const headerCondition = z.strictObject({
  name: z.string().regex(/^[a-z0-9!#$%&'*+.^_`|~-]{1,64}$/),
  value: z.string().max(256).optional(),
  prefix: z.string().min(1).max(256).optional(),
})

const route = z.strictObject({
  /** `namespace/route/rule`: unique in the table. */
  name,
  /** Evaluated and counted, and takes no call; absent: it takes them. */
  mode: z.literal('Shadow').optional(),
  match: z.strictObject({
    /** Globs over the asked model (`*` any run, `?` one character); empty matches every model. */
    models: z.array(z.string().min(1).max(256)).max(64),
    /** Absent or empty: every operation. */
    operations: z.array(z.enum(CALL_OPERATIONS)).max(16).optional(),
    /** All must hold; absent: whatever the headers say. */
    headers: z.array(headerCondition).max(8).optional(),
    /** Absent: at any time. */
    schedule: scheduleSchema.optional(),
    ...contentFields,
  }),
  /** Empty when no backend can serve: calls get 503 `no_backend` with `unavailable` as the reason. */
  backends: z.array(backend).max(16),
  unavailable: z.string().max(1024).optional(),
  /** Absent: every call goes alone. */
  batch: batchSchema.optional(),
  ...strategyFields,
  /** Absent: parameters leave as the application sets them. */
  parameters: parameterPolicy.optional(),
  /** Absent: texts leave as they are. A table with one `requires` the capability `redact`. */
  redact: redaction.optional(),
  /** Absent: every call is asked for anew. */
  cache: cacheRule.optional(),
  /** Absent: every call is served at once. */
  deferred: deferredRule.optional(),
  timeouts: z.strictObject({
    /** From sending a streamed request to the first token of its answer; calls that do not stream have only totalMs. */
    firstTokenMs: durationMs,
    /** Between two chunks of a body. */
    idleMs: durationMs,
    /** The whole call; absent: none. */
    totalMs: durationMs.optional(),
  }),
  failover: z.strictObject({
    /** Provider attempts a call may cost, the first included. */
    attempts: z.int().min(1).max(16),
    /** Classes that move a call on to the next target. */
    on: z.array(z.enum(FAILOVER_CLASSES)).max(16),
    /** Without a first token (an answer, where it is not streamed) after this, a second target is asked too. */
    hedgeAfterMs: durationMs.optional(),
  }),
})

const routingTable = z.strictObject({
  schema: z.literal(TABLE_SCHEMA),
  requires: z.array(z.string().max(64)).max(64),
  /** Hash of the content: equal versions are equal tables. */
  version: z.string().regex(/^[0-9a-f]{16,64}$/),
  routes: z.array(route).max(1024),
  targets: z.record(name, target),
  /** The target of paths that no dialect knows; absent: they are refused with 404 `unknown_path`. */
  passthrough: name.optional(),
  sharedCaches: sharedCaches.optional(),
})

export type RoutingTable = DeepReadonly<z.infer<typeof routingTable>>
export type Route = RoutingTable['routes'][number]
export type DeferredRule = NonNullable<Route['deferred']>
export type HeaderCondition = NonNullable<Route['match']['headers']>[number]
export type Content = NonNullable<Route['match']['content']>[number]
export type Schedule = NonNullable<Route['match']['schedule']>
export type Redaction = NonNullable<Route['redact']>
export type Backend = Route['backends'][number]
export type Sticky = NonNullable<Route['sticky']>
export type Canary = NonNullable<Route['canary']>
export type Target = RoutingTable['targets'][string]

/** One thing that is wrong with a table, by path, for a nack and for the resource's status. */
export interface TableFault {
  readonly path: string
  readonly message: string
}

export type ParsedTable =
  | { readonly kind: 'table'; readonly table: RoutingTable }
  | { readonly kind: 'faults'; readonly faults: readonly TableFault[] }

/** Checks a value from outside and freezes it. Reports every fault at once, at most 20. */
export function parseTable(value: unknown): ParsedTable {
  const parsed = routingTable.safeParse(value)
  if (!parsed.success) return { kind: 'faults', faults: parsed.error.issues.slice(0, 20).map(toFault) }
  const faults = [...unknownCapabilities(parsed.data), ...danglingTargets(parsed.data)].slice(0, 20)
  if (faults.length > 0) return { kind: 'faults', faults }
  return { kind: 'table', table: deepFreeze(parsed.data) }
}

function toFault(issue: z.core.$ZodIssue): TableFault {
  return { path: issue.path.join('.'), message: issue.message }
}

function unknownCapabilities(table: z.infer<typeof routingTable>): TableFault[] {
  return table.requires
    .filter((capability) => !PROXY_CAPABILITIES.includes(capability))
    .map((capability) => ({ path: 'requires', message: `this proxy does not know "${capability}"` }))
}

function danglingTargets(table: z.infer<typeof routingTable>): TableFault[] {
  const isKnown = (id: string) => Object.hasOwn(table.targets, id)
  const faults = table.routes.flatMap((entry, routeIndex) =>
    targetsOf(entry).flatMap(([path, id]) => (isKnown(id) ? [] : [dangling(`routes.${routeIndex}.${path}`, id)])),
  )
  const { passthrough } = table
  return passthrough === undefined || isKnown(passthrough) ? faults : [...faults, dangling('passthrough', passthrough)]
}

function targetsOf({ backends, canary, named = [] }: z.infer<typeof route>): (readonly [path: string, id: string])[] {
  return [
    ...backends.map((use, index) => [`backends.${index}.target`, use.target] as const),
    ...(canary === undefined ? [] : [['canary.target', canary.target] as const]),
    ...named.flatMap((list, listIndex) =>
      list.backends.map((use, index) => [`named.${listIndex}.backends.${index}.target`, use.target] as const),
    ),
  ]
}

function dangling(path: string, id: string): TableFault {
  return { path, message: `target "${id}" is not in the table` }
}

export type DeepReadonly<T> = T extends (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T

function deepFreeze<T>(value: T): DeepReadonly<T> {
  if (typeof value === 'object' && value !== null) {
    for (const child of Object.values(value)) deepFreeze(child)
    Object.freeze(value)
  }
  return value as DeepReadonly<T>
}
