// The promises: which figure is divided by which, and on which side of a bound they are met.
import { describe, expect, it } from 'vitest'
import { goalsOf } from './goals.ts'
import type { Figures } from './measure.ts'
import { results, subject } from './made-results.ts'

const met = (change: Parameters<typeof results>[0]) =>
  Object.fromEntries(goalsOf(results(change)).map(({ what, isMet }) => [what, isMet]))

type Changes = Readonly<Record<'ours' | 'nginx' | 'portkey' | 'direct', Partial<Figures>>>

const AT_BOUND: Changes = {
  portkey: { cpuUsPerRequest: 1500 },
  nginx: { cpuUsPerRequest: 25, cpuUsPerDelta: 20, p50Us: 150, p99Us: 300 },
  direct: { p50Us: 50, p99Us: 100, firstTokenP99Us: 100 },
  ours: { cpuUsPerRequest: 100, cpuUsPerDelta: 48, p50Us: 210, p99Us: 600, firstTokenP99Us: 1100 },
}

const compared = (changes: Changes) => ({
  measured: [
    subject('direct', changes.direct),
    subject('nginx', changes.nginx),
    subject('portkey', changes.portkey),
    subject('modelroute', changes.ours),
  ],
})

describe('promises about a call beside others', () => {
  it('are met at their bounds', () => {
    expect(met(compared(AT_BOUND))).toEqual({
      "requests/s a core, x Portkey's": true,
      "CPU a request, x nginx's": true,
      "CPU a delta passed on, x nginx's": true,
      "added p50 of one caller, x nginx's": true,
      "added p99 of one caller, x nginx's": true,
      'added time to the first token, p99': true,
    })
  })

  it.each([
    ["requests/s a core, x Portkey's", { portkey: { cpuUsPerRequest: 1499 } }],
    ["CPU a request, x nginx's", { nginx: { ...AT_BOUND.nginx, cpuUsPerRequest: 24.9 } }],
    ["CPU a delta passed on, x nginx's", { ours: { ...AT_BOUND.ours, cpuUsPerDelta: 48.1 } }],
    ["added p50 of one caller, x nginx's", { ours: { ...AT_BOUND.ours, p50Us: 211 } }],
    ["added p99 of one caller, x nginx's", { ours: { ...AT_BOUND.ours, p99Us: 601 } }],
    ['added time to the first token, p99', { ours: { ...AT_BOUND.ours, firstTokenP99Us: 1101 } }],
  ])('%s is missed beyond its bound, and no other is', (what, change) => {
    const all = met(compared({ ...AT_BOUND, ...change }))
    expect(Object.keys(all).filter((name) => all[name] !== true)).toEqual([what])
  })

  it('have the figure of the bare hop beside them', () => {
    const measured = [subject('nginx', { cpuUsPerRequest: 10 }), subject('bare', { cpuUsPerRequest: 25 })]
    const goals = goalsOf(results({ measured: [...measured, subject('modelroute', { cpuUsPerRequest: 35 })] }))
    expect(goals[0]).toMatchObject({ value: 3.5, bare: 2.5 })
  })

  it('are left out where this run did not measure both sides', () => {
    expect(goalsOf(results({ measured: [subject('modelroute')] }))).toEqual([])
  })
})

describe('promises about the proxy alone', () => {
  it.each([
    [{ idleMb: 80, startToReadyMs: 250, openMb: 150, ratio: 3 }, true],
    [{ idleMb: 80.1, startToReadyMs: 250.1, openMb: 150.1, ratio: 3.01 }, false],
  ])('%j', ({ idleMb, startToReadyMs, openMb, ratio }, isMet) => {
    const start = { entry: 'proxy.mjs', entryBytes: 1024, slowestMs: 300, cpuMs: 150, idleMb, startToReadyMs }
    const openStreams = { streams: 1000, idleMb: 70, openMb, eventsPerSecond: 1000 }
    const conditions = [{ name: 'read and translated', unit: 'delta', cpuUs: 100, ratio }] as const
    expect(Object.values(met({ start, openStreams, conditions }))).toEqual([isMet, isMet, isMet, isMet])
  })
})
