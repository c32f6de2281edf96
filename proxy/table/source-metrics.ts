// The figures a TableSource keeps, of either kind. createTableSource registers them once on the proxy's registry; a
// source only counts.
import { Counter, Gauge } from 'prom-client'
import type { Registry } from 'prom-client'

export interface SourceMetrics {
  readonly tables: Counter<'result'>
  readonly keys: Gauge
  readonly connected: Gauge
  readonly connects: Counter<'result'>
  readonly stateFile: Counter<'result'>
}

export function createSourceMetrics(registry: Registry): SourceMetrics {
  const registers = [registry]
  return {
    tables: new Counter({
      name: 'modelroute_proxy_tables_total',
      help: 'Routing tables received, by result: accepted, unchanged or refused (the last good one stays).',
      labelNames: ['result'],
      registers,
    }),
    keys: new Gauge({
      name: 'modelroute_proxy_keys',
      help: 'Provider keys at hand.',
      registers,
    }),
    connected: new Gauge({
      name: 'modelroute_proxy_operator_connected',
      help: '1 while the stream to the operator is open.',
      registers,
    }),
    connects: new Counter({
      name: 'modelroute_proxy_operator_connects_total',
      help: 'Attempts to open the stream to the operator, by result: opened, refused or failed.',
      labelNames: ['result'],
      registers,
    }),
    stateFile: new Counter({
      name: 'modelroute_proxy_state_file_total',
      help: 'Uses of the private state file, by result: loaded, absent, ignored, written or failed.',
      labelNames: ['result'],
      registers,
    }),
  }
}
