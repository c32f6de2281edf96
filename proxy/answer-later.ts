// The pipeline's stage for calls that may be answered later: taken in and told where to look, or declined with a reason
// and served at once. Rules without it, and calls that do not ask for it, pass by.
import { refuse } from './answer.ts'
import { attemptsThatHold } from './classify/holding.ts'
import type { CompiledTable } from './compiled-table.ts'
import type { DeferringOnDemand } from './deferred/deferring-on-demand.ts'
import { asksForLater } from './deferred/preference.ts'
import type { Answer, Trail } from './exchange.ts'
import type { MaskedCall } from './redact/masking.ts'
import type { DeferredReport } from './reports.ts'
import { planAttempts, type PlannerDeps } from './strategy/planner.ts'

export interface LaterDeps {
  readonly deferring: Pick<DeferringOnDemand, 'offer'>
}

export interface Later {
  readonly masked: MaskedCall
  /** As the caller sent them: what it says to the proxy does not leave a pod that masks. */
  readonly rawHeaders: readonly string[]
  readonly compiled: CompiledTable
  /** What is known of the call by now. */
  readonly trail: Trail
}

/** Null: nobody asks for it. */
export function answerLater(later: Later, deps: LaterDeps & PlannerDeps): Promise<Answer | DeferredReport> | null {
  const { routed } = later.masked
  const isAsked = routed.route.deferred !== undefined && asksForLater(later.rawHeaders)
  return isAsked ? offer(later, deps) : null
}

async function offer(
  { masked, rawHeaders, compiled, trail }: Later,
  deps: LaterDeps & PlannerDeps,
): Promise<Answer | DeferredReport> {
  const { routed } = masked
  const { deferred: rule } = routed.route
  if (rule === undefined) return { outcome: 'declined', reason: null }
  const holding = await attemptsThatHold(planAttempts(routed, compiled.plans, deps), routed)
  const attempts = 'kind' in holding ? [] : holding
  const offered = await deps.deferring.offer({ masked, rule, rawHeaders, attempts })
  if (offered.kind === 'declined') return { outcome: 'declined', reason: offered.reason }
  if (offered.kind === 'failure') return refuse(offered, routed.call.received.place, trail)
  const { reply } = offered
  const told: Trail = { ...trail, deferred: { outcome: 'accepted', reason: null } }
  return { kind: 'answer', source: 'proxy', ...reply, error: null, trail: told }
}
