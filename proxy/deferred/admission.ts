// Whether a call may be answered later, and how it will be sent then. Pure.
//
//   the application says `prefer: respond-async`, and its call    otherwise: served at once, without a word
//   asks a model for text or vectors                              else: served at once, with the reason
//   is not streamed
//   had nothing masked in it: the values live as long as the call
//   is no longer than a job may be
//   goes to a target with a batch API, or the rule has an off-peak time
import type { Attempt, Call, Operation } from '../exchange.ts'
import type { DeferredReport } from '../reports.ts'
import type { MaskedCall } from '../redact/masking.ts'
import type { DeferredRule } from '../table/schema.ts'
import { batchApiOf } from './batch-api/batch-apis.ts'
import { MAX_JOB_BYTES, type NewJob } from './job.ts'

export type Admission =
  | { readonly kind: 'take'; readonly sendBy: NewJob['sendBy']; readonly grouping: string; readonly collectMs: number }
  | { readonly kind: 'decline'; readonly reason: NonNullable<DeferredReport['reason']> }

/** What is worth waiting for, and is said in JSON. */
const OPERATIONS: ReadonlySet<Operation | null> = new Set(['Chat', 'Completion', 'Response', 'Embedding'])

/** `attempts`: the targets that can hold the call, first choice first; with none it is served, and told so, at once. */
export function admit(masked: MaskedCall, rule: DeferredRule, attempts: readonly Attempt[]): Admission {
  const { call } = masked.routed
  if (!OPERATIONS.has(call.received.place.operation)) return { kind: 'decline', reason: 'operation' }
  if (call.isStreaming) return { kind: 'decline', reason: 'streaming' }
  if (isAnythingMasked(masked)) return { kind: 'decline', reason: 'masked' }
  if (call.received.body.length > MAX_JOB_BYTES) return { kind: 'decline', reason: 'size' }
  if (attempts.length === 0) return { kind: 'decline', reason: 'target' }
  const attempt = rule.collectMs === undefined ? undefined : attempts.find((each) => canBatch(call, each))
  if (attempt !== undefined) {
    const grouping = groupingOf(call, attempt)
    return { kind: 'take', sendBy: 'BatchApi', grouping, collectMs: rule.collectMs ?? 0 }
  }
  if (rule.offPeak === undefined) return { kind: 'decline', reason: 'target' }
  return { kind: 'take', sendBy: 'OffPeak', grouping: '', collectMs: 0 }
}

function isAnythingMasked({ report, restoration, placeholders }: MaskedCall): boolean {
  // What could not be masked, and left as it was because its rule says so, must not rest either.
  if (report?.outcome === 'passed') return true
  return restoration !== null || (report?.sent ?? 0) > 0 || (placeholders?.size ?? 0) > 0
}

function canBatch({ received: { place } }: Call, { target }: Attempt): boolean {
  return target.dialect === place.dialect.name && batchApiOf(target.dialect, place.operation) !== null
}

/** Providers take one model and one operation in a batch; what its headers say holds for all of its calls. */
export interface Grouping {
  readonly targetId: string
  readonly path: string
  readonly model: string
  /** Name and value alternating: features, organization, project. */
  readonly headers: readonly string[]
}

function groupingOf({ model, received: { place, rawHeaders } }: Call, { targetId, target }: Attempt): string {
  const headers = headersAmong(rawHeaders, BATCH_HEADERS)
  const grouping: Grouping = { targetId, path: place.path ?? '', model: target.model ?? model, headers }
  return JSON.stringify(grouping)
}

/** Of the application's headers, what a provider is told when the call is sent. None of them can be a key. */
const BATCH_HEADERS: ReadonlySet<string> = new Set([
  'anthropic-beta',
  'openai-beta',
  'openai-organization',
  'openai-project',
])
const KEPT_HEADERS: ReadonlySet<string> = new Set([...BATCH_HEADERS, 'content-type', 'anthropic-version'])

export function keptHeaders(rawHeaders: readonly string[]): readonly string[] {
  return headersAmong(rawHeaders, KEPT_HEADERS)
}

function headersAmong(rawHeaders: readonly string[], names: ReadonlySet<string>): readonly string[] {
  const kept: string[] = []
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? ''
    if (names.has(name)) kept.push(name, rawHeaders[index + 1] ?? '')
  }
  return kept
}

export function readGrouping(text: string): Grouping {
  return JSON.parse(text) as Grouping
}
