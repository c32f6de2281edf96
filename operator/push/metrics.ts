// The figures of the push half, on the operator's registry. Labels are bounded: codes and results, never names of
// pods, namespaces or Secrets.
import { Counter, Gauge, Histogram } from 'prom-client'
import type { Registry } from 'prom-client'

export interface PushMetrics {
  readonly streams: Gauge
  readonly streamEnds: Counter<'reason'>
  readonly pushes: Counter<'result'>
  readonly refusals: Counter<'reason'>
  readonly convergence: Histogram
  readonly keyReads: Counter<'kind' | 'result'>
  readonly keyInterval: Gauge
  readonly reports: Counter<'result'>
  readonly refusedTables: Counter
}

export function createPushMetrics(registry: Registry): PushMetrics {
  const registers = [registry]
  const counter = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Counter({ name: `modelroute_operator_${name}_total`, help, labelNames, registers })
  const gauge = (name: string, help: string) => new Gauge({ name: `modelroute_operator_${name}`, help, registers })
  return {
    streams: gauge('push_streams', 'Streams of proxies that are open now.'),
    streamEnds: counter('push_stream_ends', 'Streams that ended, by reason.', 'reason'),
    pushes: counter('pushes', 'Tables pushed, by what became of them: sent, acked, nacked or stale.', 'result'),
    refusals: counter('push_refusals', 'Requests refused at the push port, by reason.', 'reason'),
    convergence: new Histogram({
      name: 'modelroute_operator_push_convergence_seconds',
      help: 'From publishing a table to the ack of a proxy that was connected then.',
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    }),
    keyReads: counter('key_reads', 'GETs of Secrets, by kind (version or body) and result.', 'kind', 'result'),
    keyInterval: gauge('key_interval_seconds', 'How often each Secret is looked at.'),
    reports: counter('replica_reports', 'Reports between replicas, by result: sent, failed or received.', 'result'),
    refusedTables: counter('refused_tables', 'Published tables that no proxy could read and that were not sent.'),
  }
}
