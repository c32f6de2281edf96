// The figures as text: first what was promised, as ratios of one run, then the table they come from.
import type { Measured } from './comparison.ts'
import type { Condition } from './conditions.ts'
import { goalsOf, type Goal } from './goals.ts'
import type { Machine } from './machine.ts'
import type { OpenStreams } from './open-streams.ts'
import { selfByFunction, selfByOwner } from './profile-sums.ts'
import type { CpuProfile, ProfileLine } from './profile-sums.ts'
import type { Start } from './start.ts'
import type { Swap } from './swap.ts'

const TOP_OWNERS = 25
const TOP_FUNCTIONS = 40

export interface Results {
  readonly machine: Machine
  readonly rounds: number
  readonly measured: readonly Measured[]
  readonly start: Start | null
  readonly swap: Swap | null
  readonly conditions: readonly Condition[]
  readonly openStreams: OpenStreams | null
  readonly skipped: readonly string[]
}

export function toText(results: Results): string {
  const parts = [
    `${results.machine.cpu}; ${conditions(results)}`,
    ...tablesOf(results).map(columns),
    ...sentencesOf(results),
    ...results.skipped.map((reason) => `SKIPPED: ${reason}`),
  ]
  return parts.join('\n\n')
}

/** The same tables for docs/performance.md. The machine is told by its kind: its name says nothing to a reader. */
export function toMarkdown(results: Results): string {
  const parts = [`${conditions(results)}.`, ...tablesOf(results).map(markdownTable), ...sentencesOf(results)]
  return parts.join('\n\n')
}

function conditions({ machine, rounds }: Results): string {
  const versions = `Node ${machine.node}, nginx ${machine.nginx ?? 'absent'}`
  return `${machine.cores} cores, ${versions}; medians of ${rounds} interleaved rounds`
}

function tablesOf(results: Results): string[][][] {
  const goals = goalsOf(results).map((entry) => {
    const sign = entry.bound === 'at least' ? '>=' : '<='
    const bare = entry.bare === null ? '' : `${entry.bare.toFixed(1)}${entry.unit}`
    return [
      entry.what,
      `${entry.value.toFixed(1)}${entry.unit}`,
      `${sign} ${entry.limit}${entry.unit}`,
      verdict(entry),
      bare,
    ]
  })
  return [
    ...(goals.length > 0 ? [[['promised', 'measured', 'bound', '', 'bare hop'], ...goals]] : []),
    ...(results.measured.length > 0
      ? [plainRows(results.measured), largeRows(results.measured), streamRows(results.measured)]
      : []),
    ...(results.conditions.length > 0 ? [conditionRows(results.conditions)] : []),
  ]
}

function sentencesOf({ start, swap, openStreams }: Results): string[] {
  return [
    ...(openStreams === null ? [] : [openStreamsText(openStreams)]),
    ...(start === null ? [] : [startText(start)]),
    ...(swap === null ? [] : [swapText(swap)]),
  ]
}

export function profileText(profile: CpuProfile): string {
  const table = (title: string, lines: readonly ProfileLine[]) =>
    columns([[title, 'self'], ...lines.map((line) => [line.name, `${(line.share * 100).toFixed(1)} %`])])
  const owners = selfByOwner(profile).slice(0, TOP_OWNERS)
  const functions = selfByFunction(profile).slice(0, TOP_FUNCTIONS)
  return `${table('owner', owners)}\n\n${table('function', functions)}`
}

function verdict(entry: Goal): string {
  return entry.isMet ? 'met' : 'MISSED'
}

function plainRows(measured: readonly Measured[]): string[][] {
  const direct = measured.find((entry) => entry.name === 'direct')?.medians
  const nginx = measured.find((entry) => entry.name === 'nginx')?.medians
  const head = ['1 KiB calls', 'x nginx CPU', 'CPU us', 'req/s', 'core use', '+p50 us', '+p99 us']
  const rows = measured.map(({ name, medians, idleMb }) => [
    name,
    ratio(medians.cpuUsPerRequest, nginx?.cpuUsPerRequest),
    name === 'direct' ? '' : medians.cpuUsPerRequest.toFixed(1),
    medians.requestsPerSecond.toFixed(0),
    name === 'direct' ? '' : medians.coreUse.toFixed(2),
    added(medians.p50Us, direct?.p50Us),
    added(medians.p99Us, direct?.p99Us),
    added(medians.busyP50Us, direct?.busyP50Us),
    added(medians.busyP99Us, direct?.busyP99Us),
    name === 'direct' ? '' : idleMb.toFixed(0),
    name === 'direct' ? '' : medians.residentMb.toFixed(0),
  ])
  return [[...head, '+p50 c=32', '+p99 c=32', 'idle MB', 'loaded MB'], ...rows]
}

function largeRows(measured: readonly Measured[]): string[][] {
  const nginx = measured.find((entry) => entry.name === 'nginx')?.medians
  const rows = measured
    .filter(({ name }) => name !== 'direct')
    .map(({ name, medians }) => [
      name,
      ratio(medians.cpuUsPerMedium, nginx?.cpuUsPerMedium),
      medians.cpuUsPerMedium.toFixed(0),
      ratio(medians.cpuUsPerLarge, nginx?.cpuUsPerLarge),
      medians.cpuUsPerLarge.toFixed(0),
    ])
  return [['larger requests', '64 KiB, x nginx CPU', 'CPU us', '1 MiB, x nginx CPU', 'CPU us'], ...rows]
}

function conditionRows(conditions: readonly Condition[]): string[][] {
  const rows = conditions.map(({ name, unit, cpuUs, ratio: ofNginx }) => [
    `${name}, a ${unit}`,
    ofNginx.toFixed(2),
    cpuUs.toFixed(1),
  ])
  return [['modelroute, other conditions', 'x nginx CPU', 'CPU us'], ...rows]
}

function streamRows(measured: readonly Measured[]): string[][] {
  const direct = measured.find((entry) => entry.name === 'direct')?.medians
  const nginx = measured.find((entry) => entry.name === 'nginx')?.medians
  const head = ['streams', 'x nginx CPU', 'CPU us a delta', 'events a read', '+first token p50 us', '+p99 us']
  const rows = measured.map(({ name, medians }) => [
    name,
    ratio(medians.cpuUsPerDelta, nginx?.cpuUsPerDelta),
    name === 'direct' ? '' : medians.cpuUsPerDelta.toFixed(1),
    medians.eventsPerRead.toFixed(2),
    added(medians.firstTokenP50Us, direct?.firstTokenP50Us),
    added(medians.firstTokenP99Us, direct?.firstTokenP99Us),
  ])
  return [head, ...rows]
}

function openStreamsText({ streams, idleMb, openMb, eventsPerSecond }: OpenStreams): string {
  const memory = `${openMb.toFixed(0)} MB, ${idleMb.toFixed(0)} MB before`
  return `open streams: ${streams} at once (${eventsPerSecond.toFixed(0)} events/s) hold ${memory}`
}

function startText(start: Start): string {
  const size = `${(start.entryBytes / 1024).toFixed(0)} KiB`
  const details = `slowest ${start.slowestMs.toFixed(0)} ms, CPU time ${start.cpuMs.toFixed(0)} ms`
  const times = `${start.startToReadyMs.toFixed(0)} ms (${details})`
  return `start: ${start.entry} (${size}) is ready after ${times}, then holds ${start.idleMb.toFixed(0)} MB`
}

function swapText(swap: Swap): string {
  const effect = `a new table is in force within ${swap.slowestMs.toFixed(0)} ms`
  return `table swap: ${swap.swaps} swaps under ${swap.calls} calls, none lost; ${effect}`
}

function ratio(value: number, yardstick: number | undefined): string {
  return yardstick === undefined || value === 0 ? '' : `${(value / yardstick).toFixed(2)}`
}

function added(value: number, base: number | undefined): string {
  return base === undefined ? value.toFixed(0) : (value - base).toFixed(0)
}

function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const lines = rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  '),
  )
  return lines.map((line) => line.trimEnd()).join('\n')
}

function markdownTable([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const rule = `|${head.map((_, index) => (index === 0 ? '---' : '---:')).join('|')}|`
  return [line(head), rule, ...rows.map(line)].join('\n')
}
