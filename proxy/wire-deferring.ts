// Deferred calls put together with what they need of the proxy: the pipeline itself among it, because a call that no
// batch takes is made as any other. Nothing of it is loaded before a table has a rule with them.
import type { CompiledTables } from './compiled-table.ts'
import { DeferringOnDemand } from './deferred/deferring-on-demand.ts'
import type { Exchange } from './exchange.ts'
import { handle, type PipelineDeps } from './pipeline.ts'
import type { Logger } from './telemetry/log.ts'

export interface DeferringWiringDeps extends PipelineDeps {
  readonly compiledTables: CompiledTables
  readonly logger: Logger
  readonly report: (exchange: Exchange) => void
  readonly newId: () => string
}

/** `deps` are asked for when the first call is deferred. Null: there is no folder for the file. */
export function wireDeferring(
  stateDir: string | null,
  logger: Logger,
  deps: () => DeferringWiringDeps,
): DeferringOnDemand {
  if (stateDir === null) return new DeferringOnDemand({ load: null, logger })
  const load = async () => {
    const { createDeferring } = await import('./deferred/create-deferring.ts')
    const parts = deps()
    return createDeferring({ ...parts, folder: stateDir, handle: (received) => handle(received, parts) })
  }
  return new DeferringOnDemand({ load, logger })
}
