// The models that this pod may call, for the model list: every name that a rule spells out (`auto` too), and every
// model of a provider that a rule's patterns let through; aliases are names too. Each name listed leads to a rule with
// a backend.
import type { RouteMatcher } from './table/match.ts'
import { isGlob } from './table/glob.ts'
import type { RoutingTable } from './table/schema.ts'
import type { ListedModel } from './dialect/dialect.ts'

/** The list ends here; tables may name more patterns than a list is of use for. */
export const MAX_LISTED_MODELS = 1000

export function listModels(table: RoutingTable, matcher: RouteMatcher): readonly ListedModel[] {
  const listed = new Map<string, ListedModel>()
  for (const id of candidates(table)) {
    if (listed.size >= MAX_LISTED_MODELS) break
    const first = matcher.candidatesFor({ model: id, operation: null })[0]?.route.backends[0]
    const provider = first === undefined ? undefined : table.targets[first.target]?.provider
    if (provider !== undefined) listed.set(id, { id, ownedBy: provider })
  }
  return [...listed.values()]
}

function* candidates(table: RoutingTable): Generator<string> {
  for (const route of table.routes) {
    yield* route.match.models.filter((pattern) => !isGlob(pattern))
    for (const { models } of route.named ?? []) yield* models
    for (const { target } of route.backends) {
      const { model, models = [] } = table.targets[target] ?? {}
      if (model === undefined) yield* models
      else yield model
    }
  }
}
