// What the operator's middle counts: watches, passes, status writes, who leads. One table; push and inject have their
// own beside their code. No label has a name of a user's object, so cardinality is fixed.
import { collectDefaultMetrics, Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { ReflectorSign } from './kube/reflector.ts'

export interface OperatorMetrics {
  sign(kind: string, sign: ReflectorSign): void
  pass(pass: { readonly durationMs: number; readonly isFailure: boolean }): void
  statusWrite(httpStatus: number): void
}

export interface Observed {
  readonly sizes: () => Readonly<Record<string, number>>
  readonly queueDepth: () => number
  readonly isLeader: () => boolean
  readonly isFresh: () => boolean
}

const PREFIX = 'modelroute_operator_'

export function createOperatorMetrics(registry: Registry): OperatorMetrics {
  const registers = [registry]
  collectDefaultMetrics({ register: registry, prefix: PREFIX })
  const signs = new Counter({
    name: `${PREFIX}watch_signs_total`,
    help: 'Lists, watches, events, bookmarks, silences and failures, by kind of object.',
    labelNames: ['kind', 'sign'],
    registers,
  })
  const passes = new Histogram({
    name: `${PREFIX}reconcile_seconds`,
    help: 'Duration of a pass over one namespace, by result.',
    labelNames: ['result'],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
    registers,
  })
  const writes = new Counter({
    name: `${PREFIX}status_writes_total`,
    help: 'Status writes, by HTTP status.',
    labelNames: ['code'],
    registers,
  })
  return {
    sign: (kind, sign) => signs.inc({ kind, sign }),
    pass: ({ durationMs, isFailure }) =>
      passes.observe({ result: isFailure ? 'failure' : 'success' }, durationMs / 1000),
    statusWrite: (httpStatus) => writes.inc({ code: httpStatus }),
  }
}

/** Gauges that are asked when somebody scrapes. */
export function observe(registry: Registry, observed: Observed): void {
  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({
      name: PREFIX + name,
      help,
      registers: [registry],
      collect() {
        this.set(value())
      },
    })
  gauge('queue_depth', 'Namespaces that wait or are worked on.', observed.queueDepth)
  gauge('is_leader', '1 on the replica that writes status.', () => Number(observed.isLeader()))
  gauge('is_fresh', '1 while every watch is open.', () => Number(observed.isFresh()))
  const objects: Gauge = new Gauge({
    name: `${PREFIX}objects`,
    help: 'Objects known, by kind.',
    labelNames: ['kind'],
    registers: [registry],
    collect() {
      for (const [kind, size] of Object.entries(observed.sizes())) objects.set({ kind }, size)
    },
  })
}
