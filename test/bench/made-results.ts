// Results of a run that never was, for the tests of what is made of them.
import type { Measured } from './comparison.ts'
import type { Figures } from './measure.ts'
import type { Results } from './report.ts'

export const FIGURES: Figures = {
  requestsPerSecond: 1000,
  cpuUsPerRequest: 100,
  coreUse: 1,
  p50Us: 200,
  p99Us: 400,
  busyP50Us: 2000,
  busyP99Us: 4000,
  firstTokenP50Us: 300,
  firstTokenP99Us: 600,
  cpuUsPerMedium: 500,
  cpuUsPerLarge: 9000,
  cpuUsPerDelta: 40,
  eventsPerRead: 1,
  residentMb: 100,
}

export function subject(name: string, change: Partial<Figures> = {}): Measured {
  return { name, idleMb: 50, medians: { ...FIGURES, ...change }, rounds: [] }
}

export function results(change: Partial<Results>): Results {
  const machine = { cores: 2, cpu: 'a CPU', node: 'v26', nginx: '1.22' }
  const nothing = { measured: [], conditions: [], openStreams: null, start: null, swap: null, skipped: [] }
  return { machine, rounds: 5, ...nothing, ...change }
}
