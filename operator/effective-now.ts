// Which rules of a ModelRoute its schedules let take calls at this moment, who answers them, and until when that holds.
// Pure. It is written when it changes, which is when a window begins or ends, and said of routes with a schedule alone:
// a status that moved with the clock would be a write a minute for each of them.
import type { ModelRouteRule, ModelRouteSpec } from '../crds/model-route.ts'
import type { ModelRouteStatus } from '../crds/status.ts'
import { isWithin, nextChange } from '../proxy/table/schedule.ts'
import { toMatch } from './rules/match.ts'

export interface EffectiveNow {
  readonly status: Pick<ModelRouteStatus, 'effectiveNow'>
  /** When to look again; null: nothing of it changes with time. */
  readonly recheckAfterMs: number | null
}

/** A clock that is set, or a machine that slept, must not leave a status wrong for a day. */
const MAX_RECHECK_MS = 60 * 60_000

const NOTHING: EffectiveNow = { status: {}, recheckAfterMs: null }

export function describeEffectiveNow(spec: ModelRouteSpec | null, nowMs: number): EffectiveNow {
  const scheduled = (spec?.rules ?? []).flatMap((rule) => toMatch(rule.match).schedule ?? [])
  if (spec === null || scheduled.length === 0) return NOTHING
  const changes = scheduled.flatMap((schedule) => nextChange(schedule, nowMs) ?? [])
  const untilMs = changes.length === 0 ? null : Math.min(...changes)
  const until = untilMs === null ? {} : { until: new Date(untilMs).toISOString().replace('.000Z', 'Z') }
  const rules = spec.rules.filter((rule) => isInForce(rule, nowMs)).map(toRule)
  return {
    status: { effectiveNow: { rules, ...until } },
    recheckAfterMs: untilMs === null ? null : Math.min(untilMs - nowMs, MAX_RECHECK_MS),
  }
}

function isInForce({ match }: ModelRouteRule, nowMs: number): boolean {
  const { schedule } = toMatch(match)
  return schedule === undefined || isWithin(schedule, nowMs)
}

/** In the order in which tiers are asked. */
function toRule({ name, backends }: ModelRouteRule) {
  const inOrder = backends.toSorted((one, other) => one.tier - other.tier)
  return {
    name,
    backends: inOrder.map(({ providerRef, model }) =>
      model === undefined ? providerRef.name : `${providerRef.name}/${model}`,
    ),
  }
}
