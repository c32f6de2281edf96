// Whether the cache is for a call at all, without a key and without a look at any entry: the first half of serving, and
// all of explaining. Pure.
import type { MaskedCall } from '../redact/masking.ts'
import type { CacheRule } from '../table/cache-schema.ts'
import { controlsOf, type CallControls } from './controls.ts'
import { Envelope } from './envelope.ts'
import { judgeCall, type BypassReason } from './policy.ts'
import { policyReadingOf } from './policy-tables.ts'

export interface JudgedCall {
  readonly masked: MaskedCall
  readonly rule: CacheRule
  /** As the caller sent them. */
  readonly rawHeaders: readonly string[]
}

export interface LetIn {
  readonly envelope: Envelope
  readonly controls: CallControls
}

export function verdictOf({ masked, rule, rawHeaders }: JudgedCall): LetIn | BypassReason {
  const { place, body } = masked.routed.call.received
  const { operation, dialect } = place
  if (operation === null || operation === 'Models' || operation === 'Other') return 'operation'
  if (masked.report?.outcome === 'passed') return 'notMasked'
  const controls = controlsOf(rawHeaders)
  if (!controls.mayStore) return 'control'
  const envelope = new Envelope(body)
  return judgeCall(envelope, policyReadingOf(operation, dialect.name), rule) ?? { envelope, controls }
}

/** For people: null where the rule has no cache. `reason` says why it is not asked; null: it is. */
export function explainCache(masked: MaskedCall, rawHeaders: readonly string[]): CacheExplanation | null {
  const { cache: rule } = masked.routed.route
  if (rule === undefined) return null
  const verdict = verdictOf({ masked, rule, rawHeaders })
  if (typeof verdict === 'string') return { looks: false, stores: false, reason: verdict }
  const { mayLook } = verdict.controls
  return { looks: mayLook, stores: true, reason: mayLook ? null : 'control' }
}

export interface CacheExplanation {
  readonly looks: boolean
  readonly stores: boolean
  readonly reason: BypassReason | null
}
