// Which route serves a call: the first whose every condition holds: the model asked for, and the operation.
// A matcher belongs to one table and remembers its answers by model, so that a call costs one look-up however long the
// table is.
import { failure, type Failure } from '../errors.ts'
import type { Call, RoutedCall } from '../exchange.ts'
import type { CallOperation, Route, RoutingTable } from './schema.ts'

/** Answers remembered per table and operation; more different models than this are matched anew. */
export const MAX_REMEMBERED_MODELS = 1024
/** A refusal names at most this many of the rules that were tried. */
const MAX_RULES_NAMED = 8

export interface RouteMatcher {
  /** The first route that takes this model for this operation, or for any when it is null; null: none does. */
  routeFor(model: string, operation: CallOperation | null): Route | null
}

export function matchRoute(call: Call, table: RoutingTable, matcher: RouteMatcher): RoutedCall | Failure {
  const operation = operationOf(call)
  const route = matcher.routeFor(call.model, operation)
  if (route === null) return failure('no_route', describeTried({ model: call.model, operation }, table.routes))
  if (route.backends.length === 0) {
    const reason = route.unavailable ?? 'it has no backend'
    return failure('no_backend', `Rule ${route.name} cannot serve model "${call.model}": ${reason}`)
  }
  return { kind: 'routed', call, route }
}

function operationOf({ received }: Call): CallOperation | null {
  const { operation } = received.place
  return operation === 'Models' ? null : operation
}

interface Asked {
  readonly model: string
  readonly operation: CallOperation | null
}

function describeTried({ model, operation }: Asked, routes: readonly Route[]): string {
  if (routes.length === 0) return `No rule takes model "${model}": no ModelRoute selects this pod.`
  const tried = routes.slice(0, MAX_RULES_NAMED).map((route) => `${route.name} (${conditionsOf(route)})`)
  const more = routes.length > MAX_RULES_NAMED ? ` and ${routes.length - MAX_RULES_NAMED} more` : ''
  const what = operation === null || operation === 'Chat' ? '' : ` for operation ${operation}`
  return `No rule takes model "${model}"${what}. Tried: ${tried.join('; ')}${more}.`
}

function conditionsOf({ match: { models, operations = [] } }: Route): string {
  return [...operations, ...models].join(', ')
}

export function compileMatcher(table: RoutingTable): RouteMatcher {
  const remembered = new Map<CallOperation | null, Map<string, Route | null>>()
  return {
    routeFor: (model, operation) => {
      const byModel = remembered.get(operation) ?? new Map<string, Route | null>()
      const known = byModel.get(model)
      if (known !== undefined) return known
      const route = table.routes.find((candidate) => takes(candidate, { model, operation })) ?? null
      if (byModel.size >= MAX_REMEMBERED_MODELS) byModel.clear()
      byModel.set(model, route)
      remembered.set(operation, byModel)
      return route
    },
  }
}

function takes(route: Route, { model, operation }: Asked): boolean {
  const { models, operations = [] } = route.match
  const isOperation = operation === null || operations.length === 0 || operations.includes(operation)
  return isOperation && (models.length === 0 || models.some((pattern) => matchesGlob(pattern, { text: model })))
}

/** True when the name holds a wildcard. */
export function isGlob(pattern: string): boolean {
  return pattern.includes('*') || pattern.includes('?')
}

/**
 * `*` stands for any run of characters and `?` for one UTF-16 unit; all else for itself, case included. Two pointers
 * instead of a regular expression: patterns come from users, and `*a*a*a*` must not take exponential time.
 */
export function matchesGlob(pattern: string, { text }: { readonly text: string }): boolean {
  let patternAt = 0
  let textAt = 0
  let starAt = -1
  let resumeAt = 0
  while (textAt < text.length) {
    const symbol = pattern[patternAt]
    if (symbol === '*') {
      starAt = patternAt++
      resumeAt = textAt
    } else if (symbol === '?' || symbol === text[textAt]) {
      patternAt += 1
      textAt += 1
    } else if (starAt !== -1) {
      patternAt = starAt + 1
      textAt = ++resumeAt
    } else {
      return false
    }
  }
  while (pattern[patternAt] === '*') patternAt += 1
  return patternAt === pattern.length
}
