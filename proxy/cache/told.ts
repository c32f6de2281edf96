// The record of a call that the cache made by itself, in the background: what it asked and what that cost belongs into
// log and metrics as much as what applications ask. Its id is that of the call that brought it about, and a word.
import { statusOf } from '../errors.ts'
import type { CacheReport, Exchange } from '../exchange.ts'
import { costOf, formatCost } from '../strategy/cost.ts'
import type { Plan } from './entries.ts'
import type { Led } from './flight/entrant.ts'
import type { Slots } from './slots.ts'

export interface ToldBy {
  readonly cache: CacheReport
  readonly startedAtMs: number
  readonly durationMs: number
}

export function toldOf(
  { asking }: Plan,
  { attempt, records, result }: Led<Slots>,
  { cache, startedAtMs, durationMs }: ToldBy,
): Exchange {
  const { call, route } = asking.masked.routed
  const { received } = call
  const isFailure = result.kind === 'failure'
  return {
    operation: received.place.operation,
    model: call.model,
    route: route.name,
    targetId: attempt?.targetId ?? null,
    attempts: records,
    isStreaming: call.isStreaming,
    tableVersion: asking.table.version,
    cache,
    id: `${received.id}-refresh`,
    atMs: startedAtMs,
    status: isFailure ? statusOf(result.code) : result.status,
    error: isFailure ? result.code : null,
    finish: isFailure ? null : (result.finish?.reason ?? null),
    ...(isFailure ? {} : spentOn(result.finish)),
    firstByteMs: null,
    durationMs,
    requestBytes: received.body.length,
    answerBytes: 0,
  }
}

type Finish = Extract<Led<Slots>['result'], { readonly kind: 'answered' }>['finish']

function spentOn(finish: Finish): Pick<Exchange, 'usage' | 'cost'> {
  const usage = finish?.usage ?? null
  const price = finish?.price ?? null
  if (usage === null) return {}
  return price === null ? { usage } : { usage, cost: formatCost(costOf(usage, price)) }
}
