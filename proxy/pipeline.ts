// A model call from end to end: the first file to read. Every stage in execution order; the only loop is failover.
//
//   received -> read -> match -> plan -> (send -> judge)* -> answer
//
// A stage that cannot go on returns a Failure, which becomes an answer in the caller's dialect; nothing here throws for
// a caller's or a provider's mistake. The table is read once, so that one call never sees two.
import { deliver, emptyTrail, refuse, reply } from './answer.ts'
import { conversationOf } from './dialect/conversation.ts'
import { EventGuard } from './dialect/event-guard.ts'
import { listModels } from './dialect/models.ts'
import { failure } from './errors.ts'
import type { Answer, Answered, AnswerBody, Attempt, Call, Received, RoutedCall, Trail } from './exchange.ts'
import type { CompiledTable, CompiledTables } from './compiled-table.ts'
import type { TableHolder } from './table/holder.ts'
import { matchRoute } from './table/match.ts'
import { failover, type FailoverDeps } from './upstream/failover.ts'
import { planAttempts } from './upstream/plan.ts'

export interface PipelineDeps extends FailoverDeps {
  readonly tables: Pick<TableHolder, 'current'>
  readonly compiledTables: CompiledTables
}

export async function handle(received: Received, deps: PipelineDeps): Promise<Answer> {
  const { place } = received
  const table = deps.tables.current()
  if (table === null)
    return refuse(failure('no_table', 'This proxy has no routing table yet.'), place, emptyTrail(place))
  const compiled = deps.compiledTables.of(table)
  const start = emptyTrail(place, table.version)

  if (place.operation === 'Models') {
    return reply(place.dialect.modelList(listModels(table, compiled.matcher)), start)
  }
  const call = place.dialect.readCall(received)
  if (call.kind === 'failure') return refuse(call, place, start)

  const routed = matchRoute(call, table, compiled.matcher)
  if (routed.kind === 'failure') return refuse(routed, place, { ...start, model: call.model })

  const attempts = plan(routed, compiled)
  const settled = await failover(routed, attempts, deps)

  const { result } = settled
  const trail: Trail = {
    operation: place.operation,
    model: call.model,
    route: routed.route.name,
    targetId: settled.attempt?.targetId ?? null,
    attempts: settled.records,
    isStreaming: call.isStreaming,
    tableVersion: table.version,
  }
  if (result.kind === 'failure') return refuse(result, place, trail)
  return deliver(result, guarded(result, call), trail)
}

/** The conversation is read only where a choice depends on it. */
function plan({ call, route }: RoutedCall, compiled: CompiledTable): readonly Attempt[] {
  return compiled.fixedPlans.get(route) ?? planAttempts(route, compiled, conversationOf(call))
}

/** A stream whose bytes can be read is watched to its end; everything else passes as it is. */
function guarded({ body, isEventStream, headers }: Answered, { received }: Call): AnswerBody {
  const isReadable = isEventStream && (headers['content-encoding'] ?? 'identity') === 'identity'
  return isReadable && 'start' in body ? new EventGuard(body, received.place.dialect) : body
}
