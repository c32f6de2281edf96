// Which route serves a call: the first whose every condition holds.
//
//   model, operation      the same for every call that asks so: remembered by model
//   headers, schedule     looked at for each call, on rules that have them
//
// A matcher belongs to one table. A call costs one look-up however long the table is, and the conditions of its own
// headers and moment on the rules that are left.
import { failure, type Failure } from '../errors.ts'
import type { Call, RoutedCall } from '../exchange.ts'
import { headerOf } from '../raw-headers.ts'
import { createScheduleCheck } from './schedule.ts'
import type { CallOperation, HeaderCondition, Route, RoutingTable } from './schema.ts'

/** Answers remembered per table and operation; more different models than this are matched anew. */
export const MAX_REMEMBERED_MODELS = 1024
/** A refusal names at most this many of the rules that were tried. */
const MAX_RULES_NAMED = 8

/** What of a call changes from one to the next, for the conditions that look at it. */
export interface Circumstances {
  readonly rawHeaders: readonly string[]
  readonly receivedAtMs: number
}

export interface RouteMatcher {
  /** The first route that takes the model for this operation, or for any when it is null; null: none does. */
  routeFor(asked: Asked, circumstances: Circumstances): Route | null
  /** The routes that may take it, in order, up to the first that takes whatever fits its model and operation. */
  candidatesFor(asked: Asked): readonly Candidate[]
}

export interface Candidate {
  readonly route: Route
  /** Null: it looks at neither headers nor the time. */
  readonly holds: ((circumstances: Circumstances) => boolean) | null
}

export function matchRoute(call: Call, table: RoutingTable, matcher: RouteMatcher): RoutedCall | Failure {
  const asked = { model: call.model, operation: operationOf(call) }
  const route = matcher.routeFor(asked, call.received)
  if (route === null) return failure('no_route', describeTried(asked, table.routes))
  if (route.backends.length === 0) {
    const reason = route.unavailable ?? 'it has no backend'
    return failure('no_backend', `Rule ${route.name} cannot serve model "${call.model}": ${reason}`)
  }
  return { kind: 'routed', call, route }
}

function operationOf({ received }: Call): Asked['operation'] {
  const { operation } = received.place
  return operation === 'Models' ? null : operation
}

export interface Asked {
  readonly model: string
  /** No rule can name `Other`: it fits those that take every operation. */
  readonly operation: CallOperation | 'Other' | null
}

function describeTried({ model, operation }: Asked, routes: readonly Route[]): string {
  if (routes.length === 0) return `No rule takes model "${model}": no ModelRoute selects this pod.`
  const tried = routes.slice(0, MAX_RULES_NAMED).map((route) => `${route.name} (${conditionsOf(route)})`)
  const more = routes.length > MAX_RULES_NAMED ? ` and ${routes.length - MAX_RULES_NAMED} more` : ''
  const what = operation === null || operation === 'Chat' ? '' : ` for operation ${operation}`
  return `No rule takes model "${model}"${what}. Tried: ${tried.join('; ')}${more}.`
}

function conditionsOf({ match: { models, operations = [], headers = [], schedule } }: Route): string {
  const times = schedule ? [`by schedule, ${schedule.timeZone}`] : []
  return [...operations, ...models, ...headers.map(({ name }) => `header ${name}`), ...times].join(', ')
}

export function compileMatcher(table: RoutingTable): RouteMatcher {
  const compiled = table.routes.map((route): Candidate => ({ route, holds: compileConditions(route) }))
  const candidatesFor = rememberCandidates(compiled)
  return {
    candidatesFor,
    routeFor: (asked, circumstances) => {
      const first = candidatesFor(asked).find(({ holds }) => holds === null || holds(circumstances))
      return first?.route ?? null
    },
  }
}

function rememberCandidates(compiled: readonly Candidate[]): RouteMatcher['candidatesFor'] {
  const remembered = new Map<Asked['operation'], Map<string, readonly Candidate[]>>()
  return ({ model, operation }) => {
    const byModel = remembered.get(operation) ?? new Map<string, readonly Candidate[]>()
    const known = byModel.get(model)
    if (known !== undefined) return known
    const fitting = compiled.filter(({ route }) => takes(route, { model, operation }))
    const last = fitting.findIndex(({ holds }) => holds === null)
    const candidates = last === -1 ? fitting : fitting.slice(0, last + 1)
    if (byModel.size >= MAX_REMEMBERED_MODELS) byModel.clear()
    byModel.set(model, candidates)
    remembered.set(operation, byModel)
    return candidates
  }
}

/** Null for a route that looks at neither headers nor the time, which is most of them. */
function compileConditions({ match: { headers = [], schedule } }: Route): Candidate['holds'] {
  if (headers.length === 0 && schedule === undefined) return null
  const isOn = schedule ? createScheduleCheck(schedule) : () => true
  return ({ rawHeaders, receivedAtMs }) =>
    isOn(receivedAtMs) && headers.every((condition) => holdsHeader(condition, headerOf(rawHeaders, condition.name)))
}

function holdsHeader({ value, prefix }: HeaderCondition, sent: string | null): boolean {
  if (sent === null) return false
  if (value !== undefined) return sent === value
  return prefix === undefined || sent.startsWith(prefix)
}

function takes(route: Route, { model, operation }: Asked): boolean {
  const { models, operations = [] } = route.match
  const isOperation = operation === null || operations.length === 0 || operations.some((one) => one === operation)
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
