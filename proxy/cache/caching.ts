// The cache as the pipeline sees it: a masked call in, its answer out, from an entry or from a target.
//
//   judge the call -> key -> look -> fresh: the entry, with this call's own values
//        |                     '---> stale: the entry, and a new answer in the background (refreshes.ts)
//        |                     '---> none, or only good for a failure -> ask (one call for all who ask the same)
//        '-- bypass -> ask         the answer's end -> judge the answer -> store
//
// Whatever goes wrong in here costs the saving and not the call: then it is asked as if there were no cache.
import { restoredForCaller, sharedForCaller, type AnswerForCaller } from '../answer-for-caller.ts'
import type { Logger } from '../telemetry/log.ts'
import type { CacheReport, RoutedCall } from '../exchange.ts'
import { NO_ATTEMPT, type Asking, type LedCall, type Served } from './asking.ts'
import { controlsOf, type CallControls } from './controls.ts'
import { EntryReader, encodeEntry, type StoredAnswer } from './entry.ts'
import { Envelope } from './envelope.ts'
import type { Led } from './flight/entrant.ts'
import type { RecordingEnd } from './flight/recording.ts'
import type { SingleFlight } from './flight/single-flight.ts'
import { KeyMaker, scopeText, type KeyedCall, type ScopeNames } from './key.ts'
import { isDown, judgeCall, judgeEnd, judgeFront, useOf, type BypassReason, type StoreVerdict } from './policy.ts'
import { policyReadingOf } from './policy-tables.ts'
import { Refreshes } from './refreshes.ts'
import { savedBy } from './saved.ts'
import { areSameSlots, restorationFor, type Slots } from './slots.ts'
import type { CacheStore, FoundEntry } from './store.ts'

export interface CachingDeps {
  readonly store: CacheStore
  readonly flights: SingleFlight<Slots>
  readonly names: ScopeNames
  readonly now: () => number
  readonly logger: Pick<Logger, 'error'>
}

/** A call that the policy lets in. */
export interface Plan extends KeyedCall {
  readonly asking: Asking
  readonly controls: CallControls
}

interface Usable {
  readonly outcome: 'hit' | 'stale' | 'ifError'
  readonly ageMs: number
  readonly found: FoundEntry
  readonly stored: StoredAnswer
}

export class Caching {
  readonly #deps: CachingDeps
  readonly #keys: KeyMaker
  readonly #entries = new EntryReader()
  readonly #refreshes = new Refreshes()

  constructor(deps: CachingDeps) {
    this.#deps = deps
    this.#keys = new KeyMaker(deps.names)
  }

  /** No promise for what is in memory. */
  serve(asking: Asking): Served | Promise<Served> {
    const plan = this.#planSafely(asking)
    if (typeof plan === 'string') return bypassed(asking, plan)
    if (!plan.controls.mayLook) return this.#ask(plan, null)
    const found = this.#deps.store.get(plan.key, reachOf(asking))
    return found instanceof Promise ? found.then((entry) => this.#looked(plan, entry)) : this.#looked(plan, found)
  }

  #planSafely(asking: Asking): Plan | BypassReason {
    try {
      return this.#plan(asking)
    } catch (error) {
      this.#fault(asking, error)
      return 'failed'
    }
  }

  #plan(asking: Asking): Plan | BypassReason {
    const { masked, rule, table, rawHeaders } = asking
    const { place, body } = masked.routed.call.received
    const { operation, dialect } = place
    if (operation === null || operation === 'Models' || operation === 'Other') return 'operation'
    if (masked.report?.outcome === 'passed') return 'notMasked'
    const controls = controlsOf(rawHeaders)
    if (!controls.mayStore) return 'control'
    const reason = judgeCall(new Envelope(body), policyReadingOf(operation, dialect.name), rule)
    return reason ?? { asking, controls, ...this.#keys.keyOf({ masked, rule, table }) }
  }

  #looked(plan: Plan, found: FoundEntry | null): Served | Promise<Served> {
    const usable = found === null ? null : this.#usable(plan, found)
    if (usable === null || usable.outcome === 'ifError') return this.#ask(plan, usable)
    const served = this.#servedSafely(plan, usable)
    if (served === null) return this.#ask(plan, null)
    if (usable.outcome === 'stale') this.#refresh(plan)
    return served
  }

  #usable({ asking, key, slots, controls }: Plan, found: FoundEntry): Usable | null {
    const stored = this.#entries.read(found.value)
    if (stored === null) {
      this.#deps.store.delete(key, reachOf(asking))
      return null
    }
    const { head } = stored
    const isForThis = head.isSigned ? areSameSlots(head.slots, slots) : head.slots.length === slots.length
    const nowMs = this.#deps.now()
    const use = isForThis ? useOf({ facts: found.facts, nowMs, controls }, asking.rule) : null
    if (use === null) return null
    const ageMs = Math.max(0, nowMs - found.facts.storedAtMs)
    return { outcome: OUTCOMES[use], ageMs, found, stored }
  }

  /** Null: this entry cannot be given to this call. */
  #servedSafely(plan: Plan, { outcome, ageMs, found, stored }: Usable): Served | null {
    try {
      const { asking } = plan
      const saved = savedBy(stored.head, asking)
      const isOld = outcome !== 'hit'
      const reason = outcome === 'ifError' ? 'error' : null
      const base = { outcome: isOld ? 'stale' : 'hit', level: found.level, reason, ageMs, saved } as const
      return { ...NO_ATTEMPT, result: this.#answerOf(plan, stored), cache: { ...base, kept: null } }
    } catch (error) {
      this.#fault(plan.asking, error)
      return null
    }
  }

  #answerOf({ asking: { masked }, slots }: Plan, { head, answered }: StoredAnswer): AnswerForCaller {
    const restoration = restorationFor(head.slots, { masked, slots })
    return restoredForCaller(answered, { routed: masked.routed, restoration })
  }

  async #ask(plan: Plan, fallback: Usable | null): Promise<Served> {
    const { asking, slots, controls } = plan
    const { masked } = asking
    const cache: CacheReport = { ...MISS, reason: controls.mayLook ? null : 'control' }
    let batch: LedCall['batch']
    const share = await this.#take(plan, cache, (led) => (batch = led.batch))
    if (share.result.kind === 'failure') cache.kept = 'failed'
    if (fallback !== null && isDown(share.result)) {
      const served = this.#servedSafely(plan, fallback)
      if (served !== null) return { ...served, records: share.records }
    }
    const { attempt, records, role, result, marks } = share
    const { routed } = masked
    const restoration = marks === slots ? masked.restoration : restorationFor(marks, { masked, slots })
    const answer = result.kind === 'failure' ? result : sharedForCaller(result, { routed, restoration })
    const told = role === 'led' && batch !== undefined ? { batch } : {}
    return { attempt, records, result: answer, cache, flight: role, ...told }
  }

  #take(plan: Plan, cache: CacheReport, onLed: (led: LedCall) => void) {
    const { asking, key, slots, controls } = plan
    const { routed } = asking.masked
    const { received } = routed.call
    const { totalMs } = routed.route.timeouts
    const isShared = asking.rule.singleFlight !== 'Off' && controls.mayLook
    return this.#deps.flights.take(isShared ? key : null, {
      caller: received.caller,
      body: received.body,
      leftMs: () => (totalMs === undefined ? null : totalMs - (this.#deps.now() - received.receivedAtMs)),
      marks: slots,
      lead: async (caller) => {
        const led = await asking.lead(sendingOf(routed, caller))
        onLed(led)
        return led
      },
      onEnded: (led, end) => {
        cache.kept = this.#storeSafely(plan, led, end)
      },
    })
  }

  #storeSafely(plan: Plan, led: Led<Slots>, end: RecordingEnd): StoreVerdict {
    try {
      return this.#store(plan, led, end)
    } catch (error) {
      this.#fault(plan.asking, error)
      return 'failed'
    }
  }

  #store({ asking, key, slots }: Plan, { attempt, result }: Led<Slots>, end: RecordingEnd): StoreVerdict {
    if (result.kind === 'failure') return 'failed'
    if (end.kind === 'overflowed') return 'tooLarge'
    const { rule, masked } = asking
    const fault = end.kind === 'cut' ? end.fault : null
    const verdict = judgeFront(result) ?? judgeEnd({ fault, finish: result.finish?.reason ?? null }, rule)
    if (verdict !== 'stored' || end.kind !== 'complete') return verdict
    const value = encodeEntry({ answered: result, body: end.read(), slots, targetId: attempt?.targetId ?? null })
    const storedAtMs = this.#deps.now()
    const freshUntilMs = storedAtMs + rule.ttlMs
    const staleUntilMs = freshUntilMs + Math.max(rule.staleWhileRevalidateMs ?? 0, rule.staleIfErrorMs ?? 0)
    const [scope = 'pod'] = scopeText(rule, this.#deps.names).split(' ')
    const facts = { storedAtMs, freshUntilMs, staleUntilMs, route: masked.routed.route.name, scope }
    this.#deps.store.set(key, { facts, value }, reachOf(asking))
    return 'stored'
  }

  #refresh(plan: Plan): void {
    const { key } = plan
    this.#refreshes.begin(key, (caller) => {
      const { masked } = plan.asking
      const { call } = masked.routed
      const received = { ...call.received, caller, receivedAtMs: this.#deps.now() }
      const routed = { ...masked.routed, call: { ...call, received } }
      const asking = { ...plan.asking, masked: { ...masked, routed } }
      return this.#take({ ...plan, asking }, { ...MISS }, () => {})
    })
  }

  #fault({ masked: { routed } }: Asking, error: unknown): void {
    const fault = error instanceof Error ? error.name : 'unknown'
    const { call, route } = routed
    this.#deps.logger.error({ id: call.received.id, route: route.name, fault }, 'the cache met a fault of its own')
  }
}

const MISS: CacheReport = { outcome: 'miss', level: null, reason: null, ageMs: null, saved: null, kept: null }

const OUTCOMES = { fresh: 'hit', whileRevalidating: 'stale', ifError: 'ifError' } as const

async function bypassed(asking: Asking, reason: BypassReason): Promise<Served> {
  const { masked } = asking
  const { attempt, records, result, batch } = await asking.lead(masked.routed)
  const answer = result.kind === 'failure' ? result : restoredForCaller(result, masked)
  const cache: CacheReport = { ...MISS, outcome: 'bypass', reason }
  return { attempt, records, result: answer, cache, ...(batch !== undefined && { batch }) }
}

/** The call as it goes out for all who wait: whole answers must be readable, and each caller keeps its own time. */
function sendingOf(
  { call, route, ...routed }: RoutedCall,
  caller: RoutedCall['call']['received']['caller'],
): RoutedCall {
  const { totalMs, ...timeouts } = route.timeouts
  return {
    ...routed,
    call: { ...call, isAnswerRead: true, received: { ...call.received, caller } },
    route: totalMs === undefined ? route : { ...route, timeouts },
  }
}

function reachOf({ rule }: Asking): string | null {
  return rule.shared ?? null
}
