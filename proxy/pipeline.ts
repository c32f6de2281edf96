// A model call from end to end: the first file to read. Every stage in execution order; the only loop is failover.
//
//   received -> read -> match -> mask -> [later] -> [cache] -> plan -> (send -> judge)* -> answer for the caller
//
// A call that the cache can answer goes no further; rules without one know nothing of it.
// A stage that cannot go on returns a Failure, which becomes an answer in the caller's dialect; nothing here throws for
// a caller's or a provider's mistake. The table is read once, so that one call never sees two.
import { deliver, emptyTrail, refuse, reply } from './answer.ts'
import { answerLater, type LaterDeps } from './answer-later.ts'
import { serveCall, type AskDeps } from './ask.ts'
import { listModels } from './model-list.ts'
import { failure } from './errors.ts'
import type { Answer, Received, Trail } from './exchange.ts'
import type { CompiledTables } from './compiled-table.ts'
import type { FactsOnDemand } from './classify/facts-on-demand.ts'
import { applyParameters } from './parameters/apply.ts'
import type { TableHolder } from './table/holder.ts'
import { shadowsOf } from './shadows.ts'
import { matchRoute, modelToTell } from './table/match.ts'
import type { MaskingOnDemand } from './redact/masking-on-demand.ts'

export interface PipelineDeps extends AskDeps, LaterDeps {
  readonly tables: Pick<TableHolder, 'current'>
  readonly compiledTables: CompiledTables
  readonly masking: Pick<MaskingOnDemand, 'mask' | 'prepare' | 'close'>
  readonly facts: Pick<FactsOnDemand, 'of' | 'prepare' | 'close'>
}

export async function handle(received: Received, deps: PipelineDeps): Promise<Answer> {
  const { place } = received
  const table = deps.tables.current()
  if (table === null)
    return refuse(failure('no_table', 'This proxy has no routing table yet.'), place, emptyTrail(place))
  const compiled = deps.compiledTables.of(table)
  const start = emptyTrail(place, table.version)

  const readCall = place.endpoint?.readCall ?? null
  if (readCall === null) return reply(place.dialect.modelList(listModels(table, compiled.matcher)), start)
  const read = readCall(received)
  if (read.kind === 'failure') return refuse(read, place, start)
  const call = compiled.needsFacts ? await deps.facts.of(read) : read

  const matched = matchRoute(call, table, compiled.matcher)
  const routed = matched.kind === 'failure' ? matched : applyParameters(matched)
  if (routed.kind === 'failure') return refuse(routed, place, { ...start, model: modelToTell(call.model, table) })

  const masking = deps.masking.mask(routed)
  const masked = masking instanceof Promise ? await masking : masking
  // The name of its model was not masked either, so the log goes without it.
  if (masked.kind === 'failure') return refuse(masked, place, { ...start, route: routed.route.name })

  const known = { ...start, model: masked.routed.call.model, route: routed.route.name, isStreaming: call.isStreaming }
  const later = answerLater({ masked, rawHeaders: received.rawHeaders, compiled, trail: known }, deps)
  const deferred = later === null ? null : await later
  if (deferred !== null && 'kind' in deferred) return deferred

  // With what is known of the targets now, as the call's own rule chooses: afterwards they have been measured anew.
  const shadows = shadowsOf(routed, compiled, deps)
  const served = await serveCall({ routed, masked, compiled }, deps)
  const { result, attempt, records, batch, cache, flight } = served
  const trail: Trail = {
    ...known,
    targetId: attempt?.targetId ?? null,
    attempts: records,
    ...(call.facts !== undefined && { facts: call.facts.report() }),
    ...(routed.call.adjusted !== undefined && { adjusted: routed.call.adjusted }),
    ...(masked.report !== null && { redaction: masked.report }),
    ...(batch !== undefined && { batch }),
    ...(cache !== undefined && { cache }),
    ...(flight !== undefined && { flight }),
    ...(deferred !== null && { deferred }),
    ...(shadows !== null && { shadows }),
  }
  if (result.kind === 'failure') return refuse(result, place, trail)
  return deliver(result.answered, result.body, trail)
}
