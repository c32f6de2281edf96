// Where calls get their facts (call-facts.ts): loaded with the first table that has something which asks for them. The
// weights and tables are 1 MB of memory that other pods, most of them, do not pay. While they cannot be loaded, calls
// are refused: the rule that would have masked one may be a rule that looks at what it is.
import type { Call } from '../exchange.ts'
import type { CallFacts } from './facts.ts'
import type { RoutingTable } from '../table/schema.ts'
import type { Logger } from '../telemetry/log.ts'

export interface FactsSource {
  readonly factsOf: (call: Call) => CallFacts
  /** Ends the thread that counts, where there is one. */
  readonly close: () => void
}

export interface FactsOnDemandDeps {
  readonly load: () => Promise<FactsSource>
  readonly logger: Pick<Logger, 'error'>
}

export class FactsOnDemand {
  readonly #deps: FactsOnDemandDeps
  #loading: Promise<FactsSource> | null = null
  #source: FactsSource | null = null

  constructor(deps: FactsOnDemandDeps) {
    this.#deps = deps
  }

  /** The call with its facts. No promise once they are loaded; rejects when they cannot be. */
  of(call: Call): Call | Promise<Call> {
    if (this.#source !== null) return { ...call, facts: this.#source.factsOf(call) }
    return this.#load().then(({ factsOf }) => ({ ...call, facts: factsOf(call) }))
  }

  /** A new table: what it needs is here before its first call, or soon after. */
  prepare(table: RoutingTable): void {
    if (!needsFacts(table)) return
    this.#load().catch((error: unknown) => {
      this.#deps.logger.error({ err: error }, 'the classification of calls cannot be loaded')
    })
  }

  close(): void {
    this.#source?.close()
  }

  #load(): Promise<FactsSource> {
    this.#loading ??= this.#deps.load().then((source) => (this.#source = source))
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
