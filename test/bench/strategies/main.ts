// The tables of docs/strategies.md: regret of each strategy in each scenario, what the sharpness of Latency does, and
// whether a hundred proxies stampede. The same figures in each run: node test/bench/strategies/main.ts
import { rankByLatency, SHARPNESS } from '../../../proxy/strategy/latency.ts'
import { STRATEGY_RULES, type Candidate } from '../../../proxy/strategy/strategy.ts'
import { seeded } from './random.ts'
import { SCENARIOS, type Scenario } from './scenarios.ts'
import { type Rank, type Result, simulate } from './simulation.ts'

const MINUTE_MS = 60_000
const JOINS_MS = 5 * MINUTE_MS
const SERVER = { firstTokenMs: 500, tokenMs: 10, failing: 0, capacity: 90 }
const SEED = 20_261_122

const RANKS: Readonly<Record<string, Rank>> = {
  Weight: STRATEGY_RULES.Weight.rank,
  Load: STRATEGY_RULES.Load.rank,
  Latency: STRATEGY_RULES.Latency.rank,
  'the fastest known, always': fastestKnown,
}

/** What Latency would be without its care, for comparison: what nobody has tried comes first, then the fastest. */
function fastestKnown(...[candidates]: Parameters<Rank>): ReturnType<Rank> {
  return candidates
    .map((candidate) => ({ candidate, score: knownTime(candidate) }))
    .toSorted((one, other) => one.score - other.score)
}

function knownTime({ facts }: Candidate): number {
  if (facts === null || facts.firstTokenMs.weight === 0) return 0
  return facts.firstTokenMs.mean + facts.outputTokens.mean * facts.tokenMs.mean
}

const withSharpness =
  (sharpness: number): Rank =>
  (candidates, draw) =>
    rankByLatency(candidates, draw, sharpness)

function run({ targets }: Pick<Scenario, 'targets'>, rank: Rank, proxies: number, callsPerSecond: number): Result {
  return simulate({ targets, proxies, callsPerSecond, durationMs: 21 * MINUTE_MS, random: seeded(SEED) }, rank)
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line), ''].join('\n')
}

const percent = (value: number) => `${value.toFixed(1)} %`

function regretTable(proxies: number, callsPerSecond: number): string {
  const rows = Object.entries(RANKS).map(([name, rank]) => [
    name,
    ...SCENARIOS.map((scenario) => {
      const { regretPercent, failed } = run(scenario, rank, proxies, callsPerSecond)
      return percent(regretPercent) + (failed > 0 ? ` (${failed} failed)` : '')
    }),
  ])
  return table(['strategy', ...SCENARIOS.map(({ name }) => name)], rows)
}

/**
 * Two servers, and after five minutes a third one that is twice as fast and a third as large. With 60 answers at once it
 * is as fast as the others, and what a call takes is then the same wherever it goes.
 */
const NEWCOMER: Pick<Scenario, 'targets'> = {
  targets: [
    () => SERVER,
    () => SERVER,
    (atMs) =>
      atMs < JOINS_MS ? { ...SERVER, failing: 1 } : { firstTokenMs: 250, tokenMs: 5, failing: 0, capacity: 30 },
  ],
}

function stampedeTable(): string {
  const rows = Object.entries(RANKS).map(([name, rank]) => {
    const { meanMs, peaks, shares } = run(NEWCOMER, rank, 100, 50)
    return [name, `${Math.round(meanMs)} ms`, String(peaks[2]), percent((shares[2] ?? 0) * 100)]
  })
  return table(['strategy', 'mean time of a call', 'most answers at once on the newcomer', 'its share'], rows)
}

function sharpnessTable(): string {
  const values = [1, 2, 4, 6, SHARPNESS, 12, 24]
  const rows = values.map((value) => [
    value === SHARPNESS ? `**${value}**` : String(value),
    ...SCENARIOS.map((scenario) => percent(run(scenario, withSharpness(value), 1, 10).regretPercent)),
    String(run(NEWCOMER, withSharpness(value), 100, 50).peaks[2]),
  ])
  return table(['sharpness', ...SCENARIOS.map(({ name }) => name), 'newcomer: most at once'], rows)
}

process.stdout.write(
  [
    'One proxy, 10 calls a second:\n',
    regretTable(1, 10),
    'A hundred proxies, 0.1 calls a second each:\n',
    regretTable(100, 10),
    'A hundred proxies, and a server that joins:\n',
    stampedeTable(),
    'Sharpness of Latency:\n',
    sharpnessTable(),
  ].join('\n'),
)
