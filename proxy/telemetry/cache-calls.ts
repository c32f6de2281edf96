// What the cache did with calls and what it saved, counted by rule when a call has ended. The levels count for
// themselves (cache-metrics.ts).
import type { CacheReport, Exchange } from '../exchange.ts'
import type { Tally } from './tally.ts'

type MakeTally = (name: string, help: string, labels: readonly string[]) => Tally

export type CacheCallTallies = ReturnType<typeof cacheCallTallies>

export function cacheCallTallies(tally: MakeTally) {
  return {
    cacheCalls: tally(
      'cache_calls_total',
      'Calls of rules with a cache, by rule, outcome (hit, stale, miss, bypass), level of the entry and reason.',
      ['route', 'outcome', 'level', 'reason'],
    ),
    cacheKept: tally(
      'cache_kept_total',
      'Answers that were asked for and might have been stored, by rule and verdict: stored, or why not.',
      ['route', 'verdict'],
    ),
    flights: tally(
      'single_flight_calls_total',
      "Calls that others might join, by rule and role: led (asked a provider), joined (got another's answer).",
      ['route', 'role'],
    ),
    savedTokens: tally(
      'saved_tokens_total',
      'Tokens that a provider need not count once more, by rule and kind (input, output), as it counted them before.',
      ['route', 'kind'],
    ),
    savedCost: tally('saved_cost_total', 'What these would have cost, in the currency of the prices, by rule.', [
      'route',
    ]),
  }
}

export function reportCache(
  cache: CacheReport,
  { route: name, flight }: Pick<Exchange, 'route' | 'flight'>,
  tallies: CacheCallTallies,
): void {
  const route = name ?? ''
  const { outcome, level, reason, kept, saved } = cache
  tallies.cacheCalls.add(route, outcome, level ?? '', reason ?? '')
  if (kept !== null) tallies.cacheKept.add(route, kept)
  if (flight !== undefined) tallies.flights.add(route, flight)
  if (saved === null) return
  tallies.savedTokens.addCount(saved.inputTokens, route, 'input')
  tallies.savedTokens.addCount(saved.outputTokens, route, 'output')
  // A sum over many calls: here a float is good enough.
  if (saved.cost !== null) tallies.savedCost.addCount(Number(saved.cost), route)
}
