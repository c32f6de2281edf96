// The promises of docs/performance.md, as ratios of one run, and beside each what the bare hop stands at where it can: the
// floor of the runtime.
import type { Measured } from './comparison.ts'
import type { Figures } from './measure.ts'
import type { Results } from './report.ts'

export interface Goal {
  readonly what: string
  readonly value: number
  readonly unit: string
  readonly bound: 'at least' | 'at most'
  readonly limit: number
  readonly isMet: boolean
  /** The same figure of the bare hop; null: it has none. */
  readonly bare: number | null
}

type GoalEntry = Omit<Goal, 'isMet' | 'bare'> & { readonly bare?: number | undefined }

/** Those that this run could check. */
export function goalsOf(results: Results): Goal[] {
  return [...comparedGoals(results.measured), ...ownGoals(results)].map(judged)
}

function judged({ bare = Number.NaN, ...entry }: GoalEntry): Goal {
  const isMet = entry.bound === 'at least' ? entry.value >= entry.limit : entry.value <= entry.limit
  return { ...entry, isMet, bare: Number.isNaN(bare) ? null : bare }
}

interface Sides {
  readonly ours: Figures
  readonly bare: Figures | undefined
}

function comparedGoals(measured: readonly Measured[]): GoalEntry[] {
  const find = (name: string) => measured.find((entry) => entry.name === name)?.medians
  const [ours, bare, direct, nginx, portkey] = ['modelroute', 'bare', 'direct', 'nginx', 'portkey'].map(find)
  if (ours === undefined) return []
  const sides = { ours, bare }
  return [
    ...(portkey === undefined ? [] : [besidePortkey(sides, portkey)]),
    ...(nginx === undefined ? [] : besideNginx(sides, nginx)),
    ...(nginx === undefined || direct === undefined ? [] : addedLatency(sides, { nginx, direct })),
  ]
}

function besidePortkey({ ours, bare }: Sides, portkey: Figures): GoalEntry {
  const of = (figures: Figures | undefined) => portkey.cpuUsPerRequest / (figures?.cpuUsPerRequest ?? Number.NaN)
  return {
    what: "requests/s a core, x Portkey's",
    value: of(ours),
    unit: 'x',
    bound: 'at least',
    limit: 15,
    bare: of(bare),
  }
}

function besideNginx({ ours, bare }: Sides, nginx: Figures): GoalEntry[] {
  const atMost = (what: string, name: 'cpuUsPerRequest' | 'cpuUsPerDelta', limit: number): GoalEntry => {
    const of = (figures: Figures | undefined) => (figures?.[name] ?? Number.NaN) / nginx[name]
    return { what, value: of(ours), unit: 'x', bound: 'at most', limit, bare: of(bare) }
  }
  return [
    atMost("CPU a request, x nginx's", 'cpuUsPerRequest', 4),
    atMost("CPU a delta passed on, x nginx's", 'cpuUsPerDelta', 2.4),
  ]
}

function addedLatency(
  { ours, bare }: Sides,
  { nginx, direct }: { readonly nginx: Figures; readonly direct: Figures },
): GoalEntry[] {
  const added = (figures: Figures | undefined, name: 'p50Us' | 'p99Us' | 'firstTokenP99Us') =>
    (figures?.[name] ?? Number.NaN) - direct[name]
  const besideNginx = (name: 'p50Us' | 'p99Us', limit: number): GoalEntry => {
    const of = (figures: Figures | undefined) => added(figures, name) / added(nginx, name)
    const what = `added ${name.slice(0, 3)} of one caller, x nginx's`
    return { what, value: of(ours), unit: 'x', bound: 'at most', limit, bare: of(bare) }
  }
  const firstToken = (figures: Figures | undefined) => added(figures, 'firstTokenP99Us') / 1000
  const what = 'added time to the first token, p99'
  return [
    besideNginx('p50Us', 1.6),
    besideNginx('p99Us', 2.5),
    { what, value: firstToken(ours), unit: ' ms', bound: 'at most', limit: 1, bare: firstToken(bare) },
  ]
}

function ownGoals({ start, conditions, openStreams }: Results): GoalEntry[] {
  const atMost = (what: string, value: number | undefined, rest: { unit: string; limit: number }): GoalEntry[] =>
    value === undefined ? [] : [{ what, value, bound: 'at most', ...rest }]
  const read = conditions.find(({ name, unit }) => unit === 'delta' && name.startsWith('read'))
  return [
    ...atMost("CPU a delta read and translated, x nginx's", read?.ratio, { unit: 'x', limit: 3 }),
    ...atMost(`memory with ${openStreams?.streams ?? 0} open streams`, openStreams?.openMb, {
      unit: ' MB',
      limit: 150,
    }),
    ...atMost('idle memory', start?.idleMb, { unit: ' MB', limit: 80 }),
    ...atMost('start to ready', start?.startToReadyMs, { unit: ' ms', limit: 250 }),
  ]
}
