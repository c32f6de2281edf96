// Where calls get their facts (call-facts.ts): loaded with the first table that has something which asks for them. The
// weights and tables are 1 MB of memory that other pods, most of them, do not pay. While they cannot be loaded, calls
// go without: rules that look at what a call is or how long take none, and no target is too small.
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
  #loading: Promise<void> | null = null
  #source: FactsSource | null = null

  constructor(deps: FactsOnDemandDeps) {
    this.#deps = deps
  }

  /** The call with its facts. No promise once they are loaded. */
  of(call: Call): Call | Promise<Call> {
    return this.#source === null ? this.#load().then(() => this.#withFacts(call)) : this.#withFacts(call)
  }

  /** A new table: what it needs is here before its first call, or soon after. */
  prepare(table: RoutingTable): void {
    if (needsFacts(table)) void this.#load()
  }

  close(): void {
    this.#source?.close()
  }

  #withFacts(call: Call): Call {
    return this.#source === null ? call : { ...call, facts: this.#source.factsOf(call) }
  }

  #load(): Promise<void> {
    this.#loading ??= this.#deps.load().then(
      (source) => {
        this.#source = source
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
