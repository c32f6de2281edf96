// Whether a call may be answered later, and how it will be sent then. Pure.
//
//   the application says `prefer: respond-async`, and its call    otherwise: served at once, without a word
//   is not streamed                                               else: served at once, with the reason
//   had nothing masked in it: the values live as long as the call
//   is no longer than a job may be
//   goes to a target with a batch API, or the rule has an off-peak time
import type { Attempt, Call } from '../exchange.ts'
import type { DeferredReport } from '../reports.ts'
import type { MaskedCall } from '../redact/masking.ts'
import type { DeferredRule } from '../table/schema.ts'
import { batchApiOf } from './batch-api/batch-apis.ts'
import { MAX_JOB_BYTES, type NewJob } from './job.ts'

export type Admission =
  | { readonly kind: 'take'; readonly sendBy: NewJob['sendBy']; readonly grouping: string; readonly collectMs: number }
  | { readonly kind: 'decline'; readonly reason: NonNullable<DeferredReport['reason']> }

const RESPOND_ASYNC = /(?:^|,)\s*respond-async\s*(?:;|,|$)/i

/** RFC 7240: names of preferences, in any case, with parameters that do not matter here. */
export function asksForLater(rawHeaders: readonly string[]): boolean {
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() === 'prefer' && RESPOND_ASYNC.test(rawHeaders[index + 1] ?? '')) return true
  }
  return false
}

/** `attempts`: the targets of the call, the first choice first. */
export function admit(masked: MaskedCall, rule: DeferredRule, attempts: readonly Attempt[]): Admission {
  const { call } = masked.routed
  if (call.isStreaming) return { kind: 'decline', reason: 'streaming' }
  if (isAnythingMasked(masked)) return { kind: 'decline', reason: 'masked' }
  if (call.received.body.length > MAX_JOB_BYTES) return { kind: 'decline', reason: 'size' }
  const attempt = rule.collectMs === undefined ? undefined : attempts.find((each) => canBatch(call, each))
  if (attempt !== undefined) {
    const grouping = groupingOf(call, attempt)
    return { kind: 'take', sendBy: 'BatchApi', grouping, collectMs: rule.collectMs ?? 0 }
  }
  if (rule.offPeak === undefined) return { kind: 'decline', reason: 'target' }
  return { kind: 'take', sendBy: 'OffPeak', grouping: '', collectMs: 0 }
}

function isAnythingMasked({ report, restoration, placeholders }: MaskedCall): boolean {
  return restoration !== null || (report?.sent ?? 0) > 0 || (placeholders?.size ?? 0) > 0
}

function canBatch({ received: { place } }: Call, { target }: Attempt): boolean {
  return target.dialect === place.dialect.name && batchApiOf(target.dialect, place.operation) !== null
}

/** Providers take one model and one operation in a batch. */
export interface Grouping {
  readonly targetId: string
  readonly path: string
  readonly model: string
}

function groupingOf({ model, received: { place } }: Call, { targetId, target }: Attempt): string {
  const grouping: Grouping = { targetId, path: place.path ?? '', model: target.model ?? model }
  return JSON.stringify(grouping)
}

export function readGrouping(text: string): Grouping {
  return JSON.parse(text) as Grouping
}
