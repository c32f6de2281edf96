// What of a rule's calls may be served from the cache, and which answers may become entries of it. Pure: facts in, a
// verdict and its reason out; the reasons stand in the answer's header, the log and the metrics.
//
//   the call      ambiguous | stateful | sampled | providerTool | toolResult -> bypass;   else it may look and store
//   the answer    status | failed | cut | truncated | filtered | unfinished | encoded | tooLarge -> not stored
//
// When in doubt an answer is asked for anew: that costs money, a wrong one costs trust.
import type { ErrorCode, Failure } from '../errors.ts'
import type { Answered, FinishReason, Span } from '../exchange.ts'
import type { CacheRule } from '../table/cache-schema.ts'
import { OUTCOME_CLASSES } from '../upstream/outcome-classes.ts'
import type { CallControls } from './controls.ts'
import type { Envelope } from './envelope.ts'
import type { EntryFacts } from './store.ts'
import type { Lists, PolicyReading, StateMember } from './policy-tables.ts'

/** Why a call neither looks nor stores. */
export type BypassReason =
  | 'ambiguous'
  | 'stateful'
  | 'sampled'
  | 'providerTool'
  | 'toolResult'
  | 'notMasked'
  | 'control'
  | 'operation'
  | 'failed'

/** Null: the call may be served from an entry and become one. */
export function judgeCall(envelope: Envelope, reading: PolicyReading, rule: CacheRule): BypassReason | null {
  if (envelope.isAmbiguous) return 'ambiguous'
  if (reading.state.some((member) => holdsState(envelope, member))) return 'stateful'
  if (rule.sampled === 'Skip' && isSampled(envelope, reading, rule)) return 'sampled'
  if (rule.toolResults === 'Store') return null
  if (reading.tools.some((lists) => holdsKind(envelope, lists))) return 'providerTool'
  return reading.toolResults.some((lists) => holdsKind(envelope, lists)) ? 'toolResult' : null
}

function holdsState(envelope: Envelope, { path, when }: StateMember): boolean {
  const span = envelope.at(path)
  if (when === 'unlessFalse') return span === undefined || !envelope.isFalse(span)
  if (span === undefined || envelope.isNull(span)) return false
  return when === 'present' || !envelope.isFalse(span)
}

/** A provider's own default is far from 0, so that a temperature which is not there counts as high. */
function isSampled(envelope: Envelope, { temperature }: PolicyReading, { maxTemperature }: CacheRule): boolean {
  return temperature !== null && !(envelope.numberAt(temperature) <= Number(maxTemperature))
}

function holdsKind(envelope: Envelope, lists: Lists): boolean {
  const { path, parts, marks } = lists
  const { body } = envelope
  // With escapes in its names the bytes say nothing.
  if (marks !== null && !marks.some((mark) => body.includes(mark)) && !body.includes('\\u')) return false
  const list = envelope.at(path)
  if (list === undefined) return false
  for (const item of itemsOf(envelope, list, parts)) if (isOfKind(envelope, item, lists)) return true
  return false
}

function* itemsOf(envelope: Envelope, list: Span, parts: string | null): Generator<Span> {
  for (const element of envelope.elements(list)) {
    const inner = parts === null ? undefined : envelope.memberOf(element, parts)
    if (parts === null) yield element
    else if (inner !== undefined) yield* envelope.elements(inner)
  }
}

function isOfKind(envelope: Envelope, span: Span, { kind, holds }: Lists): boolean {
  if (kind === null) return envelope.namesIn(span).some((name) => holds.test(name))
  const text = envelope.textIn(span, kind)
  return text !== null && holds.test(text)
}

export type StoreVerdict =
  | 'stored'
  | 'status'
  | 'failed'
  | 'cut'
  | 'truncated'
  | 'filtered'
  | 'unfinished'
  | 'encoded'
  | 'tooLarge'

/** An answer at its front, before its body is read; null: the rest of it decides. */
export function judgeFront({ status, failureClass, headers }: Answered): StoreVerdict | null {
  if (failureClass !== null) return 'failed'
  if (status !== 200) return 'status'
  return (headers['content-encoding'] ?? 'identity') === 'identity' ? null : 'encoded'
}

/** An answer that has come to its end. `finish` null: of an operation whose answers no model has written. */
export function judgeEnd(
  { fault, finish }: { readonly fault: Failure | null; readonly finish: FinishReason | null },
  { truncated, filtered }: CacheRule,
): StoreVerdict {
  if (fault !== null) return 'cut'
  switch (finish) {
    case null:
    case 'stop':
    case 'tool':
      return 'stored'
    case 'length':
      return truncated === 'Store' ? 'stored' : 'truncated'
    case 'filter':
      return filtered === 'Store' ? 'stored' : 'filtered'
    case 'error':
      return 'failed'
    case 'unknown':
      return 'unfinished'
  }
}

/** What an entry of some age is good for, before it is asked how old the caller takes it. */
export type EntryUse = 'fresh' | 'whileRevalidating' | 'ifError'

export interface EntryAge {
  readonly facts: EntryFacts
  readonly nowMs: number
  readonly controls: CallControls
}

/**
 * The rule's own times count, where they have become shorter since the entry was made. Null: it is good for nothing.
 *
 *   age <= ttl -> fresh    <= ttl + staleWhileRevalidate -> whileRevalidating    <= ttl + staleIfError -> ifError
 */
export function useOf({ facts, nowMs, controls }: EntryAge, rule: CacheRule): EntryUse | null {
  const { ttlMs, staleWhileRevalidateMs = 0, staleIfErrorMs = 0 } = rule
  const ageMs = nowMs - facts.storedAtMs
  if (controls.maxAgeMs !== null && ageMs > controls.maxAgeMs) return null
  const staleMs = nowMs - Math.min(facts.freshUntilMs, facts.storedAtMs + ttlMs)
  if (staleMs < 0) return 'fresh'
  if (staleMs < staleWhileRevalidateMs) return 'whileRevalidating'
  return staleMs < staleIfErrorMs ? 'ifError' : null
}

const DOWN: ReadonlySet<ErrorCode> = new Set(['targets_failed', 'targets_rate_limited', 'targets_overloaded'])

/** Whether every target has failed, so that an old answer is better; what the request brought about itself is not. */
export function isDown(result: Answered | Failure): boolean {
  if (result.kind === 'failure') return DOWN.has(result.code)
  return result.failureClass !== null && OUTCOME_CLASSES[result.failureClass].exhausted !== 'as it came'
}
