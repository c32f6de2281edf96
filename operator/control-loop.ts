// The middle of the operator, the same for a cluster and for a folder of yaml:
//
//   source --change--> tables(namespace): reconcile -> publish
//                               \-> statuses(namespace): write, at the API server's pace
//   push --reports, key states--> tables(namespace)
//
// Nothing is reconciled before everything was listed once: half a list would take routes away from proxies.
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Logger } from '../proxy/telemetry/log.ts'
import type { NamespaceStatuses } from './describe.ts'
import { LastGoodSpecs } from './gather.ts'
import { KeyedQueue } from './kube/queue.ts'
import type { ResourceSource } from './kube/source.ts'
import { BehindClock } from './progress.ts'
import { reconcile, type ReconcileDeps } from './reconcile.ts'
import type { StatusWriter } from './status-writer.ts'

type MadeHere = 'source' | 'lastGood' | 'behindClock' | 'onReconciled' | 'previousOf'

export interface ControlLoopDeps extends Omit<ReconcileDeps, MadeHere> {
  readonly source: ResourceSource
  readonly statusWriter: StatusWriter
  readonly onReconciled?: ReconcileDeps['onReconciled']
  readonly logger: Logger
  /** Uniform in [0, 1). */
  readonly random: () => number
  /** Called after each pass, with its duration; for metrics. */
  readonly onPass?: (pass: { readonly durationMs: number; readonly isFailure: boolean }) => void
}

export interface ControlLoop {
  /** Resolves when everything was listed once and the first passes are under way. */
  start(): Promise<void>
  /** Something about this namespace changed: its resources, its proxies' reports or its keys. */
  enqueue(namespace: string): void
  /** After becoming leader: every status may need a write. */
  enqueueAll(): void
  /** Namespaces that wait or are worked on. */
  depth(): number
  stop(): Promise<void>
}

export function createControlLoop(deps: ControlLoopDeps): ControlLoop {
  const { source } = deps
  const statuses = createStatusQueue(deps)
  const tables = createTableQueue(deps, (described) => statuses.submit(described))
  const enqueueAll = () => source.namespaces().forEach((namespace) => tables.add(namespace))
  return {
    start: async () => {
      await source.start((namespace) => tables.add(namespace))
      enqueueAll()
      statuses.queue.start()
      tables.start()
    },
    enqueue: (namespace) => tables.add(namespace),
    enqueueAll,
    depth: () => tables.size + statuses.queue.size,
    stop: async () => {
      await source.stop()
      await tables.stop()
      await statuses.queue.stop()
    },
  }
}

function createTableQueue(deps: ControlLoopDeps, submit: (described: NamespaceStatuses) => void): KeyedQueue {
  const passDeps: ReconcileDeps = {
    ...deps,
    previousOf: deps.statusWriter.previousOf,
    onReconciled: deps.onReconciled ?? (() => undefined),
    lastGood: new LastGoodSpecs(),
    behindClock: new BehindClock(),
  }
  return new KeyedQueue({
    ...deps,
    work: async (namespace) => {
      // A burst of namespaces must leave room for streams and health checks in between.
      await nextTurn()
      const described = timed(() => reconcile(namespace, passDeps), deps)
      submit(described)
      return described.recheckAfterMs
    },
    onFailure: (namespace, { error, retryAfterMs }) =>
      deps.logger.error({ namespace, retryAfterMs, error: String(error) }, 'a pass over a namespace failed'),
  })
}

/** The newest statuses of each namespace that are not written yet; an older one is never written after a newer one. */
function createStatusQueue(deps: ControlLoopDeps) {
  const newest = new Map<string, NamespaceStatuses>()
  const queue = new KeyedQueue({
    ...deps,
    work: async (namespace) => {
      const described = newest.get(namespace)
      if (!described) return null
      const againAfterMs = await deps.statusWriter.write(described)
      if (againAfterMs === null && newest.get(namespace) === described) newest.delete(namespace)
      return againAfterMs
    },
    onFailure: (namespace, { error, retryAfterMs }) =>
      deps.logger.warn({ namespace, retryAfterMs, error: String(error) }, 'writing status failed'),
  })
  const submit = (described: NamespaceStatuses) => {
    newest.set(described.namespace, described)
    queue.add(described.namespace)
  }
  return { queue, submit }
}

function timed<T>(pass: () => T, { clock, onPass }: ControlLoopDeps): T {
  const startedMs = clock.now()
  let isFailure = true
  try {
    const result = pass()
    isFailure = false
    return result
  } finally {
    onPass?.({ durationMs: clock.now() - startedMs, isFailure })
  }
}
