// The batches of a proxy, loaded with the first call of a rule that has them. Stands in front of failover: the calls of
// every other rule pass by.
import type { Attempt } from '../exchange.ts'
import type { MaskedCall } from '../redact/masking.ts'
import { failover } from '../upstream/failover.ts'
import type { BatchDeps } from './batch-run.ts'
import type { Batching } from './batching.ts'
import type { SettledCall } from './member.ts'

export class BatchingOnDemand {
  #batching: Promise<Batching> | null = null
  #loaded: Batching | null = null

  /** As failover() would, alone or with others. */
  settle(
    { routed, restoration }: Pick<MaskedCall, 'routed' | 'restoration'>,
    attempts: readonly Attempt[],
    deps: BatchDeps,
  ): Promise<SettledCall> {
    const { batch: rule } = routed.route
    if (rule === undefined || routed.call.isStreaming) return failover(routed, attempts, deps)
    const asked = { routed, attempts, rule, isMasked: restoration !== null }
    if (this.#loaded !== null) return this.#loaded.settle(asked, deps)
    return this.#load().then((batching) => batching.settle(asked, deps))
  }

  #load(): Promise<Batching> {
    this.#batching ??= import('./batching.ts').then(({ Batching: Loaded }) => {
      this.#loaded = new Loaded()
      return this.#loaded
    })
    return this.#batching
  }
}
