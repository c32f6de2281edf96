// The cache as the pipeline sees it: a masked call in, its answer out, from an entry or from a target.
//
//   judge the call -> key -> look -> fresh: the entry, with this call's own values
//        |                     '---> stale: the entry, and a new answer in the background
//        |                     '---> none, or only good for a failure -> ask (asked-anew.ts)
//        '-- bypass -> ask as if there were no cache
//
// Whatever goes wrong in here costs the saving and not the call.
import { restoredForCaller } from '../answer-for-caller.ts'
import type { Logger } from '../telemetry/log.ts'
import { type AskedAnew, logFault, MISS } from './asked-anew.ts'
import { NO_ATTEMPT, type Asking, type Served } from './asking.ts'
import type { Entries, Plan, Usable } from './entries.ts'
import { KeyMaker, type ScopeNames } from './key.ts'
import { isDown, type BypassReason } from './policy.ts'
import { savedBy } from './saved.ts'
import { restorationFor } from './slots.ts'
import { verdictOf } from './verdict.ts'

export interface CachingDeps {
  readonly entries: Entries
  readonly asked: AskedAnew
  readonly names: ScopeNames
  readonly logger: Pick<Logger, 'error'>
}

export class Caching {
  readonly #deps: CachingDeps
  readonly #keys: KeyMaker

  constructor(deps: CachingDeps) {
    this.#deps = deps
    this.#keys = new KeyMaker(deps.names)
  }

  /** No promise for what is in memory. */
  serve(asking: Asking): Served | Promise<Served> {
    const plan = this.#planSafely(asking)
    if (typeof plan === 'string') return bypassed(asking, plan)
    if (!plan.controls.mayLook) return this.#ask(plan, null)
    const usable = this.#findSafely(plan)
    return usable instanceof Promise ? usable.then((found) => this.#looked(plan, found)) : this.#looked(plan, usable)
  }

  #plan(asking: Asking): Plan | BypassReason {
    const verdict = verdictOf(asking)
    if (typeof verdict === 'string') return verdict
    const { envelope, controls } = verdict
    const { key, slots } = this.#keys.keyOf({ ...asking, envelope })
    return { asking, controls, key, slots }
  }

  #planSafely(asking: Asking): Plan | BypassReason {
    try {
      return this.#plan(asking)
    } catch (error) {
      logFault(this.#deps.logger, asking, error)
      return 'failed'
    }
  }

  #findSafely(plan: Plan): Usable | null | Promise<Usable | null> {
    const missed = (error: unknown) => {
      logFault(this.#deps.logger, plan.asking, error)
      return null
    }
    try {
      const usable = this.#deps.entries.find(plan)
      return usable instanceof Promise ? usable.catch(missed) : usable
    } catch (error) {
      return missed(error)
    }
  }

  #looked(plan: Plan, usable: Usable | null): Served | Promise<Served> {
    if (usable === null || usable.outcome === 'ifError') return this.#ask(plan, usable)
    const served = this.#servedSafely(plan, usable)
    if (served === null) return this.#ask(plan, null)
    if (usable.outcome === 'stale') this.#deps.asked.inBackground(plan)
    return served
  }

  async #ask(plan: Plan, fallback: Usable | null): Promise<Served> {
    const { share, served } = await this.#deps.asked.ask(plan)
    const old = fallback !== null && isDown(share.result) ? this.#servedSafely(plan, fallback) : null
    return old === null ? served : { ...old, records: share.records }
  }

  /** Null: this entry cannot be given to this call. */
  #servedSafely(plan: Plan, usable: Usable): Served | null {
    try {
      return servedFrom(plan, usable)
    } catch (error) {
      logFault(this.#deps.logger, plan.asking, error)
      return null
    }
  }
}

function servedFrom({ asking, slots }: Plan, { outcome, ageMs, level, stored }: Usable): Served {
  const { masked } = asking
  const { head, answered } = stored
  const restoration = restorationFor(head.slots, { masked, slots })
  const result = restoredForCaller(answered, { routed: masked.routed, restoration })
  const told = {
    outcome: outcome === 'hit' ? outcome : 'stale',
    reason: outcome === 'ifError' ? 'error' : null,
  } as const
  return { ...NO_ATTEMPT, result, cache: { ...told, level, ageMs, saved: savedBy(head, asking), kept: null } }
}

async function bypassed(asking: Asking, reason: BypassReason): Promise<Served> {
  const { masked } = asking
  const { attempt, records, result, batch } = await asking.lead(masked.routed)
  const answer = result.kind === 'failure' ? result : restoredForCaller(result, masked)
  const cache = { ...MISS, outcome: 'bypass', reason } as const
  return { attempt, records, result: answer, cache, ...(batch !== undefined && { batch }) }
}
