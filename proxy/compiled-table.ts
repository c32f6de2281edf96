// What is worked out once per table and not once per call: the matcher, where each target is reached, and what each
// rule chooses among. Kept for the newest table only; a call that began with an older one may compile it again, which
// costs it a little time and no one else anything.
import type { TargetEndpoint } from './exchange.ts'
import { dialectOf } from './dialect/dialects.ts'
import { needsFacts } from './classify/facts-on-demand.ts'
import { RulePlans } from './strategy/rule-plan.ts'
import { compileMatcher, type RouteMatcher } from './table/match.ts'
import type { RoutingTable, Target } from './table/schema.ts'

export interface CompiledTable {
  readonly table: RoutingTable
  readonly matcher: RouteMatcher
  readonly endpoints: ReadonlyMap<string, TargetEndpoint>
  readonly plans: RulePlans
  /** Something of it asks what a call is or how long (classify/). */
  readonly needsFacts: boolean
}

export function compileTable(table: RoutingTable): CompiledTable {
  const endpoints = new Map(Object.entries(table.targets).map(([id, target]) => [id, endpointOf(target)]))
  const plans = new RulePlans({ table, endpoints })
  return { table, matcher: compileMatcher(table), endpoints, plans, needsFacts: needsFacts(table) }
}

function endpointOf({ url: text, dialect }: Target): TargetEndpoint {
  const url = new URL(text)
  return { origin: url.origin, basePath: dialectOf(dialect).basePathOf(url.pathname.replace(/\/+$/, '')) }
}

export class CompiledTables {
  #newest: CompiledTable | null = null

  of(table: RoutingTable): CompiledTable {
    if (this.#newest?.table !== table) this.#newest = compileTable(table)
    return this.#newest
  }
}
