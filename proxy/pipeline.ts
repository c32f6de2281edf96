// A model call from end to end: the first file to read. Every stage in execution order; the only loop is failover.
//
//   received -> read -> match -> mask -> [cache] -> plan -> (send -> judge)* -> answer for the caller
//
// A call that the cache can answer goes no further; rules without one know nothing of it.
// A stage that cannot go on returns a Failure, which becomes an answer in the caller's dialect; nothing here throws for
// a caller's or a provider's mistake. The table is read once, so that one call never sees two.
import { deliver, emptyTrail, refuse, reply } from './answer.ts'
import { answerForCaller, saidToCaller } from './answer-for-caller.ts'
import type { Served } from './cache/asking.ts'
import type { CachingOnDemand } from './cache/caching-on-demand.ts'
import { listModels } from './model-list.ts'
import { failure } from './errors.ts'
import type { Answer, Received, RoutedCall, Trail } from './exchange.ts'
import type { CompiledTable, CompiledTables } from './compiled-table.ts'
import type { BatchingOnDemand } from './batch/batching-on-demand.ts'
import type { TableHolder } from './table/holder.ts'
import { shadowsOf } from './shadows.ts'
import { matchRoute } from './table/match.ts'
import type { Meters } from './strategy/meters.ts'
import { planAttempts, type PlannerDeps } from './strategy/planner.ts'
import type { MaskedCall } from './redact/masking.ts'
import type { MaskingOnDemand } from './redact/masking-on-demand.ts'
import type { TranslationDeps } from './translation/answer.ts'
import type { FailoverDeps } from './upstream/failover.ts'

export interface PipelineDeps extends FailoverDeps, TranslationDeps, PlannerDeps {
  readonly tables: Pick<TableHolder, 'current'>
  readonly compiledTables: CompiledTables
  readonly meters: Pick<Meters, 'begin' | 'factsOf'>
  readonly masking: Pick<MaskingOnDemand, 'mask' | 'prepare' | 'close'>
  readonly caching: Pick<CachingOnDemand, 'serve' | 'prepare'>
  readonly batching: Pick<BatchingOnDemand, 'settle'>
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
  const call = readCall(received)
  if (call.kind === 'failure') return refuse(call, place, start)

  const routed = matchRoute(call, table, compiled.matcher)
  if (routed.kind === 'failure') return refuse(routed, place, { ...start, model: call.model })

  const masking = deps.masking.mask(routed)
  const masked = masking instanceof Promise ? await masking : masking
  // The name of its model was not masked either, so the log goes without it.
  if (masked.kind === 'failure') return refuse(masked, place, { ...start, route: routed.route.name })

  const served = await serveCall({ routed, masked, compiled }, deps)
  const { result, attempt, records, batch, cache, flight } = served
  const shadows = shadowsOf(routed, compiled, deps)
  const trail: Trail = {
    operation: place.operation,
    model: masked.routed.call.model,
    route: routed.route.name,
    targetId: attempt?.targetId ?? null,
    attempts: records,
    isStreaming: call.isStreaming,
    tableVersion: table.version,
    ...(masked.report !== null && { redaction: masked.report }),
    ...(batch !== undefined && { batch }),
    ...(cache !== undefined && { cache }),
    ...(flight !== undefined && { flight }),
    ...(shadows !== null && { shadows }),
  }
  if (result.kind === 'failure') return refuse(result, place, trail)
  return deliver(result.answered, result.body, trail)
}

interface InHand {
  /** As the caller said it: a conversation is told by its own words. */
  readonly routed: RoutedCall
  readonly masked: MaskedCall
  readonly compiled: CompiledTable
}

async function serveCall(inHand: InHand, deps: PipelineDeps): Promise<Served> {
  const { routed, masked, compiled } = inHand
  const { cache: rule } = routed.route
  if (rule !== undefined) {
    const { rawHeaders } = routed.call.received
    const lead = async (sending: RoutedCall) => {
      const asked = await askTargets(inHand, sending, deps)
      return { ...asked, result: saidToCaller(asked.result, sending.call, deps) }
    }
    const served = await deps.caching.serve({ masked, rule, table: compiled.table, rawHeaders, lead })
    if (served !== null) return served
  }
  const asked = await askTargets(inHand, masked.routed, deps)
  return { ...asked, result: answerForCaller(asked.result, masked, deps) }
}

/** `sending`: the masked call, for its own caller or for several. */
function askTargets({ routed, masked, compiled }: InHand, sending: RoutedCall, deps: PipelineDeps) {
  const attempts = planAttempts(routed, compiled.plans, deps)
  return deps.batching.settle(sending === masked.routed ? masked : { ...masked, routed: sending }, attempts, deps)
}
