// Where calls get their facts (call-facts.ts): loaded with the first table that has something which asks for them. The
// weights and tables are 1 MB of memory that other pods, most of them, do not pay.
import type { Call } from '../exchange.ts'
import type { CallFacts } from './facts.ts'
import type { RoutingTable } from '../table/schema.ts'
import type { Logger } from '../telemetry/log.ts'

type FactsOf = (call: Call) => CallFacts

export class FactsOnDemand {
  readonly #logger: Pick<Logger, 'error'>
  #loading: Promise<void> | null = null
  #factsOf: FactsOf | null = null

  constructor(logger: Pick<Logger, 'error'>) {
    this.#logger = logger
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

  #load(): Promise<void> {
    this.#loading ??= Promise.all([
      import('./classifier.ts'),
      import('./call-facts.ts'),
      import('./tokens/estimate.ts'),
    ]).then(
      ([{ createClassifier }, { factsOf }, { TokenEstimator }]) => {
        const deps = { classifier: createClassifier(), estimator: new TokenEstimator() }
        this.#factsOf = (call) => factsOf(call, deps)
      },
      (error: unknown) => this.#logger.error({ err: error }, 'the classification of calls cannot be loaded'),
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
