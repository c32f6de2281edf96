// A call that no entry answers: asked once for all who ask the same, kept when it has ended well. The same in the
// background for an entry that was served although its time was over.
//
//   take (single-flight) -> lead: ask the targets | join another's -> each its own values
//                                '-- the end of the answer -> keep
import { sharedForCaller } from '../answer-for-caller.ts'
import type { Caller } from '../caller.ts'
import type { CacheReport, Exchange, RoutedCall } from '../exchange.ts'
import type { Logger } from '../telemetry/log.ts'
import type { Timers } from '../upstream/timers.ts'
import { NO_ATTEMPT, type Asking, type LedCall, type Served } from './asking.ts'
import type { Entries, Plan } from './entries.ts'
import { acrossPods, type SharedLocks } from './flight/across-pods.ts'
import type { Entrant, Led, Share } from './flight/entrant.ts'
import type { RecordingEnd } from './flight/recording.ts'
import type { SingleFlight } from './flight/single-flight.ts'
import type { StoreVerdict } from './policy.ts'
import { Refreshes } from './refreshes.ts'
import { toldOf } from './told.ts'
import { restorationFor, type Slots } from './slots.ts'

export interface AskedAnewDeps {
  readonly entries: Entries
  readonly flights: SingleFlight<Slots>
  /** Null: there is no shared cache to hold them. */
  readonly locks: SharedLocks | null
  readonly now: () => number
  readonly timers: Timers
  /** Never the same. */
  readonly newToken: () => string
  readonly logger: Pick<Logger, 'error'>
  /** Told of calls that no caller waits for. */
  readonly report: (exchange: Exchange) => void
}

interface Asked {
  readonly share: Share<Slots>
  readonly served: Served
}

export const MISS: CacheReport = { outcome: 'miss', level: null, reason: null, ageMs: null, saved: null, kept: null }

export class AskedAnew {
  readonly #deps: AskedAnewDeps
  readonly #refreshes = new Refreshes()

  constructor(deps: AskedAnewDeps) {
    this.#deps = deps
  }

  async ask(plan: Plan): Promise<Asked> {
    const { masked } = plan.asking
    const cache: CacheReport = { ...MISS, reason: plan.controls.mayLook ? null : 'control' }
    let batch: LedCall['batch']
    const share = await this.#take(plan, cache, (led) => (batch = led.batch))
    const { attempt, records, role, result, marks } = share
    if (result.kind === 'failure') cache.kept = 'failed'
    const { routed } = masked
    const isOwn = marks === plan.slots
    const restoration = isOwn ? masked.restoration : restorationFor(marks, { masked, slots: plan.slots })
    const answer = result.kind === 'failure' ? result : sharedForCaller(result, { routed, restoration })
    const told = role === 'led' && batch !== undefined ? { batch } : {}
    return { share, served: { attempt, records, result: answer, cache, flight: role, ...told } }
  }

  /** A call of the proxy's own, which is told like any other. */
  inBackground(plan: Plan): void {
    const startedAtMs = this.#deps.now()
    const cache: CacheReport = { ...MISS, reason: 'revalidation' }
    const ask = (caller: Caller) => this.#take(withCaller(plan, caller, startedAtMs), cache, () => {})
    this.#refreshes.begin(plan.key, ask, (led) => {
      const durationMs = this.#deps.now() - startedAtMs
      this.#deps.report(toldOf(plan, led, { cache, startedAtMs, durationMs }))
    })
  }

  #take(plan: Plan, cache: CacheReport, onLed: (led: LedCall) => void): Promise<Share<Slots>> {
    const { asking, key, slots, controls } = plan
    const { routed } = asking.masked
    const { received } = routed.call
    const { totalMs } = routed.route.timeouts
    const entrant: Entrant<Slots> = {
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
        cache.kept = this.#keepSafely(plan, led, end)
      },
    }
    const isShared = asking.rule.singleFlight !== 'Off' && controls.mayLook
    return this.#deps.flights.take(isShared ? key : null, isShared ? this.#acrossPods(plan, entrant) : entrant)
  }

  /** Where the rule says so and there is a shared cache to meet at. */
  #acrossPods(plan: Plan, entrant: Entrant<Slots>): Entrant<Slots> {
    const { locks, timers, now, newToken } = this.#deps
    const { shared, singleFlight } = plan.asking.rule
    if (singleFlight !== 'Shared' || shared === undefined || locks === null) return entrant
    const lock = { shared, key: plan.key, token: newToken() }
    return acrossPods(entrant, { lock, find: () => this.#foundForFlight(plan) }, { locks, timers, now })
  }

  /** What another pod has stored in the meantime. */
  async #foundForFlight(plan: Plan): Promise<Led<Slots> | null> {
    const usable = await this.#deps.entries.find(plan)
    if (usable?.outcome !== 'hit') return null
    const { answered, head } = usable.stored
    return { ...NO_ATTEMPT, result: answered, marks: head.slots }
  }

  #keepSafely(plan: Plan, led: Led<Slots>, end: RecordingEnd): StoreVerdict {
    try {
      return this.#deps.entries.keep(plan, led, end)
    } catch (error) {
      logFault(this.#deps.logger, plan.asking, error)
      return 'failed'
    }
  }
}

function withCaller(plan: Plan, caller: Caller, receivedAtMs: number): Plan {
  const { masked } = plan.asking
  const { call } = masked.routed
  const routed = { ...masked.routed, call: { ...call, received: { ...call.received, caller, receivedAtMs } } }
  return { ...plan, asking: { ...plan.asking, masked: { ...masked, routed } } }
}

/** Its message may hold text of the call, so nobody sees it. */
export function logFault(logger: AskedAnewDeps['logger'], { masked: { routed } }: Asking, error: unknown): void {
  const fault = error instanceof Error ? error.name : 'unknown'
  const { call, route } = routed
  logger.error({ id: call.received.id, route: route.name, fault }, 'the cache met a fault of its own')
}

/** The call as it goes out for all who wait: whole answers must be readable, and each caller keeps its own time. */
function sendingOf({ call, route, ...routed }: RoutedCall, caller: Caller): RoutedCall {
  const { totalMs, ...timeouts } = route.timeouts
  return {
    ...routed,
    call: { ...call, isAnswerRead: true, received: { ...call.received, caller } },
    route: totalMs === undefined ? route : { ...route, timeouts },
  }
}
