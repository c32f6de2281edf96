// The promises: which figure is divided by which, and on which side of a bound they are met.
import { describe, expect, it } from 'vitest'
import type { Measured } from './comparison.ts'
import type { Figures } from './measure.ts'
import { goalsOf, toText } from './report.ts'
import type { Results } from './report.ts'

const FIGURES: Figures = {
  requestsPerSecond: 1000,
  cpuUsPerRequest: 100,
  coreUse: 1,
  p50Us: 200,
  p99Us: 400,
  busyP50Us: 2000,
  busyP99Us: 4000,
  firstTokenP50Us: 300,
  firstTokenP99Us: 600,
  cpuUsPerDelta: 40,
  eventsPerRead: 1,
  residentMb: 100,
}

function subject(name: string, cpuUsPerRequest: number): Measured {
  return { name, idleMb: 50, medians: { ...FIGURES, cpuUsPerRequest }, rounds: [] }
}

function results(change: Partial<Results>): Results {
  const machine = { cores: 2, cpu: 'a CPU', node: 'v26', nginx: '1.22' }
  return { machine, rounds: 5, measured: [], start: null, swap: null, skipped: [], ...change }
}

describe('promises', () => {
  it.each([
    ['both kept at the bound', { nginx: 20, ours: 100, portkey: 800 }, [true, true]],
    ['too little ahead of Portkey', { nginx: 20, ours: 100, portkey: 799 }, [false, true]],
    ['too far behind nginx', { nginx: 19.9, ours: 100, portkey: 800 }, [true, false]],
  ])('%s', (_, cpu, expected) => {
    const measured = [subject('nginx', cpu.nginx), subject('portkey', cpu.portkey), subject('modelroute', cpu.ours)]
    expect(goalsOf(results({ measured })).map((goal) => goal.isMet)).toEqual(expected)
  })

  it('are left out where this run did not measure both sides', () => {
    expect(goalsOf(results({ measured: [subject('modelroute', 100)] }))).toEqual([])
  })

  it.each([
    [80, 250, [true, true]],
    [80.1, 250.1, [false, false]],
  ])('about %d MB and %d ms', (idleMb, startToReadyMs, expected) => {
    const start = { entry: 'proxy.mjs', entryBytes: 1024, slowestMs: 300, cpuMs: 150, idleMb, startToReadyMs }
    expect(goalsOf(results({ start })).map((goal) => goal.isMet)).toEqual(expected)
  })
})

it('prints a miss in capitals, what was skipped, and figures of a hop as added to the direct call', () => {
  const direct = { ...subject('direct', 0), medians: { ...FIGURES, cpuUsPerRequest: 0, p50Us: 50 } }
  const measured = [direct, subject('nginx', 10), subject('modelroute', 100)]
  const text = toText(results({ measured, skipped: ['Portkey could not be installed'] }))
  expect(text).toMatch(/CPU a request, x nginx's +10\.0x +<= 5x +MISSED/)
  expect(text).toMatch(/^modelroute +10\.00 +100\.0 +1000 +1\.00 +150 /m)
  expect(text).toMatch(/SKIPPED: Portkey could not be installed/)
})
