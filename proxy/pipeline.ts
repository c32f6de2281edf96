// A model call from end to end: the first file to read. Every stage in execution order; the only loop is failover.
//
//   received -> read -> match -> plan -> (send -> judge)* -> answer
//
// A stage that cannot go on returns a Failure, which becomes an answer in the caller's dialect; nothing here throws for
// a caller's or a provider's mistake. The table is read once, so that one call never sees two.
import { EventGuard } from './dialect/event-guard.ts'
import { conversationOf } from './dialect/conversation.ts'
import { listModels } from './dialect/models.ts'
import { deliver, refuse, reply, type Known } from './answer.ts'
import { failure } from './errors.ts'
import type { Answer, Call, Received } from './exchange.ts'
import { matchRoute } from './table/match.ts'
import type { CompiledTable, CompiledTables } from './table/compiled.ts'
import type { TableHolder } from './table/holder.ts'
import { failover, type FailoverDeps } from './upstream/failover.ts'
import { planAttempts } from './upstream/plan.ts'

export interface PipelineDeps extends Omit<FailoverDeps, 'compiled'> {
  readonly tables: Pick<TableHolder, 'current'>
  readonly compiledTables: CompiledTables
}

export async function handle(received: Received, deps: PipelineDeps): Promise<Answer> {
  const { dialect, operation } = received.place
  const table = deps.tables.current()
  const known: Known = { dialect, operation, tableVersion: table?.version ?? null }
  if (table === null) return refuse(failure('no_table', 'This proxy has no routing table yet.'), known)
  const compiled = deps.compiledTables.of(table)

  if (operation === 'Models') return reply(dialect.modelList(listModels(table, compiled.matcher)), known)
  const call = dialect.readCall(received)
  if (call.kind === 'failure') return refuse(call, known)
  return route(call, known, { ...deps, compiled })
}

async function route(call: Call, known: Known, deps: FailoverDeps & { readonly compiled: CompiledTable }) {
  const asked = { ...known, model: call.model, isStreaming: call.isStreaming }
  const { table, matcher } = deps.compiled

  const routed = matchRoute(call, table, matcher)
  if (routed.kind === 'failure') return refuse(routed, asked)

  const attempts = planAttempts(routed.route, table, () => conversationOf(call))
  const settled = await failover(routed, attempts, deps)

  const reached = {
    ...asked,
    route: routed.route.name,
    targetId: settled.attempt?.targetId ?? null,
    attempts: settled.records,
  }
  if (settled.result.kind === 'failure') return refuse(settled.result, reached)
  const { body, isEventStream } = settled.result
  const isGuarded = isEventStream && 'start' in body && settled.result.headers['content-encoding'] === undefined
  return deliver(settled.result, isGuarded ? new EventGuard(body, known.dialect) : body, reached)
}
