// What works out the facts of calls, put together from its parts: classifier, estimates, exact counts in a thread that
// lives while it is needed. Loaded by facts-on-demand.ts with the first table that has something which asks.
import type { Call } from '../exchange.ts'
import type { Timers } from '../upstream/timers.ts'
import { factsOf } from './call-facts.ts'
import { createClassifier } from './classifier.ts'
import { ExactCounter } from './exact/exact-counter.ts'
import type { FactsSource } from './facts-on-demand.ts'
import { TokenEstimator } from './tokens/estimate.ts'

export function createFacts({ timers }: { readonly timers: Timers }): FactsSource {
  const exact = new ExactCounter({ timers })
  const deps = { classifier: createClassifier(), estimator: new TokenEstimator(), exact }
  return { factsOf: (call: Call) => factsOf(call, deps), close: () => exact.close() }
}
