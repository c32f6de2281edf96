// The parts of deferred calls put together: the file's thread, what sends, what the pipeline asks. Loaded by
// deferring-on-demand.ts, so that nothing of it is in proxies without such rules.
import { join } from 'node:path'
import type { CompiledTables } from '../compiled-table.ts'
import type { TableHolder } from '../table/holder.ts'
import type { Logger } from '../telemetry/log.ts'
import type { ProviderDeps } from '../upstream/provider-request.ts'
import { Batches } from './batches.ts'
import type { CallDeps } from './calls-later.ts'
import { Deferring } from './deferring.ts'
import type { Loaded } from './deferring-on-demand.ts'
import { JobStore } from './job-store.ts'
import { Runner } from './runner.ts'

export const JOBS_FILE = 'deferred.sqlite'

export interface DeferringParts extends ProviderDeps, CallDeps {
  readonly folder: string
  readonly tables: Pick<TableHolder, 'current'>
  readonly compiledTables: CompiledTables
  readonly logger: Pick<Logger, 'error' | 'warn'>
}

export function createDeferring({ folder, tables, compiledTables, ...deps }: DeferringParts): Loaded {
  const store = new JobStore(join(folder, JOBS_FILE), deps)
  const table = () => tables.current()
  const compiled = () => {
    const current = table()
    return current === null ? null : compiledTables.of(current)
  }
  const runner = new Runner({ ...deps, store, table, batches: new Batches({ ...deps, store, tables: compiled }) })
  return {
    deferring: new Deferring({ ...deps, store, runner }),
    start: () => runner.wake(),
    close: async () => {
      runner.stop()
      await store.close()
    },
  }
}
