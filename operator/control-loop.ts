// The middle of the operator, the same for a cluster and for a folder of yaml:
//
//   source --change--> queue(namespace) -> reconcile -> publish + status
//   push --reports, key states--> queue(namespace)
//
// Nothing is reconciled before everything was listed once: half a list would take routes away from proxies.
import type { Logger } from '../proxy/telemetry/log.ts'
import { LastGoodSpecs } from './gather.ts'
import { KeyedQueue } from './kube/queue.ts'
import type { ResourceSource } from './kube/source.ts'
import { BehindClock } from './progress.ts'
import { reconcile, type ReconcileDeps } from './reconcile.ts'

export interface ControlLoopDeps extends Omit<ReconcileDeps, 'source' | 'lastGood' | 'behindClock' | 'onReconciled'> {
  readonly source: ResourceSource
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
  const { source, logger, clock } = deps
  const passDeps: ReconcileDeps = {
    ...deps,
    onReconciled: deps.onReconciled ?? (() => undefined),
    lastGood: new LastGoodSpecs(),
    behindClock: new BehindClock(),
  }
  const queue = new KeyedQueue({
    clock,
    random: deps.random,
    work: (namespace) => timed(() => reconcile(namespace, passDeps), deps),
    onFailure: (namespace, { error, retryAfterMs }) =>
      logger.warn({ namespace, retryAfterMs, error: String(error) }, 'a pass over a namespace failed'),
  })
  const enqueueAll = () => source.namespaces().forEach((namespace) => queue.add(namespace))
  return {
    start: async () => {
      await source.start((namespace) => queue.add(namespace))
      enqueueAll()
      queue.start()
    },
    enqueue: (namespace) => queue.add(namespace),
    enqueueAll,
    depth: () => queue.size,
    stop: async () => {
      await source.stop()
      await queue.stop()
    },
  }
}

async function timed<T>(pass: () => Promise<T>, { clock, onPass }: ControlLoopDeps): Promise<T> {
  const startedMs = clock.now()
  let isFailure = true
  try {
    const result = await pass()
    isFailure = false
    return result
  } finally {
    onPass?.({ durationMs: clock.now() - startedMs, isFailure })
  }
}
