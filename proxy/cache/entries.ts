// Entries as the stages see them: looked up, read and judged for one call, and made of answers that have ended well.
// Where they lie is the store's business, what may be done with them is policy.ts's.
import type { CacheReport } from '../exchange.ts'
import type { Asking } from './asking.ts'
import type { CallControls } from './controls.ts'
import { encodeEntry, EntryReader, type StoredAnswer } from './entry.ts'
import type { Led } from './flight/entrant.ts'
import type { RecordingEnd } from './flight/recording.ts'
import { scopeText, type KeyedCall, type ScopeNames } from './key.ts'
import { judgeEnd, judgeFront, useOf, type StoreVerdict } from './policy.ts'
import { areSameSlots, type Slots } from './slots.ts'
import type { CacheStore, FoundEntry } from './store.ts'

/** A call that the policy lets in. */
export interface Plan extends KeyedCall {
  readonly asking: Asking
  readonly controls: CallControls
}

/** An entry that this call may be given; `ifError`: when every target has failed. */
export interface Usable {
  readonly outcome: 'hit' | 'stale' | 'ifError'
  readonly ageMs: number
  readonly level: NonNullable<CacheReport['level']>
  readonly stored: StoredAnswer
}

export interface EntriesDeps {
  readonly store: CacheStore
  readonly names: ScopeNames
  readonly now: () => number
}

const OUTCOMES = { fresh: 'hit', whileRevalidating: 'stale', ifError: 'ifError' } as const

export class Entries {
  readonly #deps: EntriesDeps
  readonly #reader = new EntryReader()

  constructor(deps: EntriesDeps) {
    this.#deps = deps
  }

  /** No promise for what is in memory. */
  find(plan: Plan): Usable | null | Promise<Usable | null> {
    const found = this.#deps.store.get(plan.key, reachOf(plan))
    return found instanceof Promise ? found.then((entry) => this.#usable(plan, entry)) : this.#usable(plan, found)
  }

  #usable(plan: Plan, found: FoundEntry | null): Usable | null {
    if (found === null) return null
    const { asking, slots, controls } = plan
    const { facts, level, value } = found
    const stored = this.#reader.read(value)
    if (stored === null) {
      this.#deps.store.delete(plan.key, reachOf(plan))
      return null
    }
    if (!isFor(slots, stored)) return null
    const nowMs = this.#deps.now()
    const use = useOf({ facts, nowMs, controls }, asking.rule)
    return use && { outcome: OUTCOMES[use], ageMs: Math.max(0, nowMs - facts.storedAtMs), level, stored }
  }

  /** In the turn in which the answer has ended. */
  keep(plan: Plan, { attempt, result }: Led<Slots>, end: RecordingEnd): StoreVerdict {
    if (result.kind === 'failure') return 'failed'
    if (end.kind === 'overflowed') return 'tooLarge'
    const { rule, masked } = plan.asking
    const fault = end.kind === 'cut' ? end.fault : null
    const verdict = judgeFront(result) ?? judgeEnd({ fault, finish: result.finish?.reason ?? null }, rule)
    if (verdict !== 'stored' || end.kind !== 'complete') return verdict
    const targetId = attempt?.targetId ?? null
    const value = encodeEntry({ answered: result, body: end.read(), slots: plan.slots, targetId })
    const storedAtMs = this.#deps.now()
    const freshUntilMs = storedAtMs + rule.ttlMs
    const staleUntilMs = freshUntilMs + Math.max(rule.staleWhileRevalidateMs ?? 0, rule.staleIfErrorMs ?? 0)
    const [scope = 'pod'] = scopeText(rule, this.#deps.names).split(' ')
    const facts = { storedAtMs, freshUntilMs, staleUntilMs, route: masked.routed.route.name, scope }
    this.#deps.store.set(plan.key, { facts, value }, reachOf(plan))
    return 'stored'
  }
}

/** Signed parts are for callers with the very same placeholders. */
function isFor(slots: Slots, { head }: StoredAnswer): boolean {
  return head.isSigned ? areSameSlots(head.slots, slots) : head.slots.length === slots.length
}

function reachOf({ asking }: Plan): string | null {
  return asking.rule.shared ?? null
}
