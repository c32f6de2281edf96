// Which route serves a call: the first whose every condition holds.
//
//   model, operation      the same for every call that asks so: remembered by model
//   all else              looked at for each call, on rules that have it (conditions.ts, candidate-index.ts)
//
// A matcher belongs to one table. A call costs one look-up however long the table is, and the conditions of its own
// circumstances on the rules that are left. Shadow rules take no call; they are asked apart, where a table has any.
import { failure, type Failure } from '../errors.ts'
import type { Call, RoutedCall } from '../exchange.ts'
import { CandidateIndex } from './candidate-index.ts'
import { compileConditions, type Condition } from './conditions.ts'
import { matchesGlob } from './glob.ts'
import { type Circumstances, Look } from './look.ts'
import { routeForModel } from './named.ts'
import type { CallOperation, Route, RoutingTable } from './schema.ts'

/** Answers remembered per table and operation; more different models than this are matched anew. */
export const MAX_REMEMBERED_MODELS = 1024
/** A refusal names at most this many of the rules that were tried. */
const MAX_RULES_NAMED = 8

export interface RouteMatcher {
  /** The first route that takes the model for this operation, or for any when it is null; null: none does. */
  routeFor(asked: Asked, circumstances: Circumstances): Route | null
  /** The routes that may take it, in order, up to the first that takes whatever fits its model and operation. */
  candidatesFor(asked: Asked): readonly Candidate[]
  /** Shadow rules that would take it if they took calls: those before the route that does. */
  shadowsFor(asked: Asked, circumstances: Circumstances): readonly Route[]
  /** Every route in order, up to and with the one that takes it, and why the others do not. */
  trace(asked: Asked, circumstances: Circumstances): readonly RuleTrace[]
}

export interface Candidate {
  readonly route: Route
  /** Empty: it looks at model and operation alone. */
  readonly conditions: readonly Condition[]
}

export interface RuleTrace {
  readonly route: Route
  /** The first thing that does not hold, a sentence without text of the call; null: everything does. */
  readonly refusal: string | null
}

export function matchRoute(call: Call, table: RoutingTable, matcher: RouteMatcher): RoutedCall | Failure {
  const asked = askedBy(call)
  const route = matcher.routeFor(asked, circumstancesOf(call))
  if (route === null) return failure('no_route', describeTried(asked, table))
  if (route.backends.length === 0) {
    const reason = route.unavailable ?? 'it has no backend'
    return failure('no_backend', `Rule ${route.name} cannot serve model "${modelToTell(call.model, table)}": ${reason}`)
  }
  return { kind: 'routed', call, route }
}

export interface Asked {
  readonly model: string
  /** No rule can name `Other`: it fits those that take every operation. */
  readonly operation: CallOperation | 'Other' | null
}

export function circumstancesOf({ received, model, facts }: Call): Circumstances {
  const { rawHeaders, receivedAtMs } = received
  return { rawHeaders, receivedAtMs, facts, model }
}

export function askedBy({ model, received }: Call): Asked {
  const { operation } = received.place
  return { model, operation: operation === 'Models' ? null : operation }
}

function describeTried({ model: asked, operation }: Asked, table: RoutingTable): string {
  const { routes } = table
  const model = modelToTell(asked, table)
  if (routes.length === 0) return `No rule takes model "${model}": no ModelRoute selects this pod.`
  const tried = routes.slice(0, MAX_RULES_NAMED).map((route) => `${route.name} (${conditionsOf(route)})`)
  const more = routes.length > MAX_RULES_NAMED ? ` and ${routes.length - MAX_RULES_NAMED} more` : ''
  const what = operation === null || operation === 'Chat' ? '' : ` for operation ${operation}`
  return `No rule takes model "${model}"${what}. Tried: ${tried.join('; ')}${more}.`
}

/** What models are called by: `claude-sonnet-4@20250514`, `ft:gpt-4o:acme::x`. */
const MODEL_NAME = /^[\w.:/+-]*(?:@\d[\w.-]*)?$/
const LONG_DIGITS = /(?:^|[^A-Za-z0-9])\d{9,}(?:$|[^A-Za-z0-9])/

/** For sentences and the log: where a rule masks, what is no name of a model may be text that nobody has looked at. */
export function modelToTell(model: string, { routes }: Pick<RoutingTable, 'routes'>): string {
  const isName = MODEL_NAME.test(model) && !LONG_DIGITS.test(model)
  return isName || !routes.some(({ redact }) => redact !== undefined) ? model : '(not told)'
}

function conditionsOf({ match }: Route): string {
  const { models, operations = [], headers = [], schedule, content = [], contextTokens } = match
  const times = schedule ? [`by schedule, ${schedule.timeZone}`] : []
  const lengths = contextTokens ? [`${contextTokens.min ?? 0} to ${contextTokens.max ?? 'any'} tokens`] : []
  const names = headers.map(({ name }) => `header ${name}`)
  return [...operations, ...models, ...content, ...lengths, ...names, ...times].join(', ')
}

export function compileMatcher(table: RoutingTable): RouteMatcher {
  const all = table.routes.map((route): Candidate => ({ route, conditions: compileConditions(route) }))
  const shadows = all.filter(({ route }) => route.mode === 'Shadow')
  const fittingFor = rememberCandidates(all.filter(({ route }) => route.mode !== 'Shadow'))
  const routeFor: RouteMatcher['routeFor'] = (asked, circumstances) =>
    fittingFor(asked).index.first(new Look(circumstances))?.route ?? null
  return {
    candidatesFor: (asked) => fittingFor(asked).candidates,
    routeFor,
    shadowsFor: (asked, circumstances) => {
      if (shadows.length === 0) return NONE
      const taken = routeFor(asked, circumstances)
      // By name: the one that takes it may be a variant for its model (named.ts).
      const end = taken === null ? table.routes.length : table.routes.findIndex(({ name }) => name === taken.name)
      return shadows
        .filter((shadow) => traceOf(shadow, { asked, look: new Look(circumstances) }).refusal === null)
        .map(({ route }) => route)
        .filter((route) => table.routes.indexOf(route) < end)
    },
    trace: (asked, circumstances) => {
      const look = new Look(circumstances)
      const traces = all.map((candidate) => traceOf(candidate, { asked, look }))
      const last = traces.findIndex(({ route, refusal }) => refusal === null && route.mode !== 'Shadow')
      return last === -1 ? traces : traces.slice(0, last + 1)
    },
  }
}

const NONE: readonly Route[] = []

interface Asking {
  readonly asked: Asked
  readonly look: Look
}

function traceOf({ route, conditions }: Candidate, { asked, look }: Asking): RuleTrace {
  if (!takesOperation(route, asked)) return { route, refusal: `operations: ${asked.operation} is not among them` }
  if (!takesModel(route, asked)) return { route, refusal: `models: ${route.match.models.join(', ')} do not match` }
  const failing = conditions.find(({ holds }) => !holds(look))
  return { route, refusal: failing === undefined ? null : failing.refusal(look) }
}

interface Fitting {
  readonly candidates: readonly Candidate[]
  readonly index: CandidateIndex<Candidate>
}

function rememberCandidates(compiled: readonly Candidate[]): (asked: Asked) => Fitting {
  const remembered = new Map<Asked['operation'], Map<string, Fitting>>()
  return ({ model, operation }) => {
    const byModel = remembered.get(operation) ?? new Map<string, Fitting>()
    const known = byModel.get(model)
    if (known !== undefined) return known
    const fitting = compiled
      .filter(({ route }) => takesOperation(route, { operation }) && takesModel(route, { model }))
      .map((candidate) => ({ ...candidate, route: routeForModel(candidate.route, model) }))
    const last = fitting.findIndex(({ conditions }) => conditions.length === 0)
    const candidates = last === -1 ? fitting : fitting.slice(0, last + 1)
    if (byModel.size >= MAX_REMEMBERED_MODELS) byModel.clear()
    const found = { candidates, index: new CandidateIndex(candidates) }
    byModel.set(model, found)
    remembered.set(operation, byModel)
    return found
  }
}

function takesOperation({ match: { operations = [] } }: Route, { operation }: Pick<Asked, 'operation'>): boolean {
  return operation === null || operations.length === 0 || operations.some((one) => one === operation)
}

function takesModel({ match: { models } }: Route, { model }: Pick<Asked, 'model'>): boolean {
  return models.length === 0 || models.some((pattern) => matchesGlob(pattern, { text: model }))
}
