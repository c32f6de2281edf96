// Where calls get their facts (call-facts.ts): loaded with the first table that has something which asks for them. The
// weights and tables are 1 MB of memory that other pods, most of them, do not pay.
import type { Call } from '../exchange.ts'
import type { CallFacts } from './facts.ts'
import type { RoutingTable } from '../table/schema.ts'
import type { Logger } from '../telemetry/log.ts'
import type { Timers } from '../upstream/timers.ts'

export interface FactsOnDemandDeps {
  readonly logger: Pick<Logger, 'error'>
  readonly timers: Timers
}

type FactsOf = (call: Call) => CallFacts

export class FactsOnDemand {
  readonly #deps: FactsOnDemandDeps
  #loading: Promise<void> | null = null
  #factsOf: FactsOf | null = null
  #endCounts: (() => void) | null = null

  constructor(deps: FactsOnDemandDeps) {
    this.#deps = deps
  }

  /** The call with its facts. No promise once they are loaded; rejects when they cannot be. */
  of(call: Call): Call | Promise<Call> {
    if (this.#factsOf !== null) return { ...call, facts: this.#factsOf(call) }
    return this.#load().then(() => {
      if (this.#factsOf === null) throw new Error('the classification of calls cannot be loaded')
      return { ...call, facts: this.#factsOf(call) }
    })
  }

  /** A new table: what it needs is here before its first call, or soon after. */
  prepare(table: RoutingTable): void {
    if (needsFacts(table)) void this.#load()
  }

  /** Ends the thread that counts, where there is one. */
  close(): void {
    this.#endCounts?.()
  }

  #load(): Promise<void> {
    this.#loading ??= Promise.all([
      import('./classifier.ts'),
      import('./call-facts.ts'),
      import('./tokens/estimate.ts'),
      import('./exact/exact-counter.ts'),
    ]).then(
      ([{ createClassifier }, { factsOf }, { TokenEstimator }, { ExactCounter }]) => {
        const { timers } = this.#deps
        const exact = new ExactCounter({ timers })
        this.#endCounts = () => exact.close()
        const deps = { classifier: createClassifier(), estimator: new TokenEstimator(), exact }
        this.#factsOf = (call) => factsOf(call, deps)
      },
      (error: unknown) => this.#deps.logger.error({ err: error }, 'the classification of calls cannot be loaded'),
    )
    return this.#loading
  }
}

/** True when a rule, a target or a strategy of the table looks at what a call is or how long. */
export function needsFacts({ routes, targets }: Pick<RoutingTable, 'routes' | 'targets'>): boolean {
  const isAsked = routes.some(
    ({ match: { content, contextTokens }, strategy }) =>
      content !== undefined || contextTokens !== undefined || strategy === 'Cost',
  )
  return isAsked || Object.values(targets).some(({ contextTokens }) => contextTokens !== undefined)
}
