// What the same call costs the proxy under other conditions: a table of a hundred rules, and an application that speaks
// another dialect than the provider, so that requests, answers and each event of a stream are read and written anew.
// Interleaved with the plain call and with nginx, as everything here.
import { join } from 'node:path'
import { median } from './load/samples.ts'
import { loader, type Load, type Timing } from './measure.ts'
import { startAgain } from './subjects/modelroute.ts'
import { startNginxSubject } from './subjects/nginx.ts'
import type { Stage, Subject } from './subjects/subject.ts'
import { plainCall, streamCall, translatedCall, translatedStream } from './workloads.ts'

export interface Condition {
  readonly name: string
  readonly unit: 'request' | 'delta'
  readonly cpuUs: number
  /** Of nginx's for the plain call or delta, in the same rounds. */
  readonly ratio: number
}

const RULES = 100
const DELTAS = 200

interface Case {
  readonly name: string
  readonly unit: Condition['unit']
  readonly subject: Subject
  readonly load: Omit<Load, 'durationMs'>
  /** What nginx did instead; null: this is nginx. */
  readonly beside: Case | null
}

export async function measureConditions(stage: Stage, plan: { rounds: number; timing: Timing }): Promise<Condition[]> {
  const subjects: Subject[] = []
  try {
    subjects.push(await startNginxSubject({ ...stage, folder: join(stage.folder, 'conditions') }))
    subjects.push(await startAgain(stage, { name: 'conditions' }))
    subjects.push(await startAgain(stage, { name: 'many-rules', otherRules: RULES }))
    subjects.push(await startAgain(stage, { name: 'looking', otherRules: RULES, areLooking: true }))
    return await compareCases(casesOf(subjects), plan)
  } finally {
    for (const subject of subjects.toReversed()) await subject.stop()
  }
}

function casesOf([nginx, ours, withRules, looking]: readonly Subject[]): Case[] {
  if (!nginx || !ours || !withRules || !looking) throw new Error('a subject is missing')
  const call = (workload: Load['workload']) => ({ workload, connections: 32 })
  const stream = (workload: Load['workload']) => ({ workload, connections: 16 })
  const plain: Case = { name: 'nginx', unit: 'request', subject: nginx, load: call(plainCall(1024)), beside: null }
  const large: Case = { ...plain, load: call(plainCall(64 * 1024)) }
  const delta: Case = { name: 'nginx', unit: 'delta', subject: nginx, load: stream(streamCall(DELTAS)), beside: null }
  return [
    plain,
    delta,
    { ...plain, name: 'passed on', subject: ours, beside: plain },
    { ...plain, name: `${RULES} rules more`, subject: withRules, beside: plain },
    { ...plain, name: `${RULES} rules by content and length`, subject: looking, beside: plain },
    large,
    { ...large, name: 'passed on, 64 KiB', subject: ours, beside: large },
    { ...large, name: `${RULES} rules by content and length, 64 KiB`, subject: looking, beside: large },
    { ...plain, name: 'translated', subject: ours, load: call(translatedCall()), beside: plain },
    { ...delta, name: 'passed on', subject: ours, beside: delta },
    { ...delta, name: 'read and translated', subject: ours, load: stream(translatedStream(DELTAS)), beside: delta },
  ]
}

async function compareCases(
  cases: readonly Case[],
  { rounds, timing }: { readonly rounds: number; readonly timing: Timing },
): Promise<Condition[]> {
  const figures = new Map<Case, number[]>(cases.map((one) => [one, []]))
  for (const one of cases) await runCase(one, one.beside === null ? timing.streamMs : timing.warmUpMs / 2)
  for (let round = 0; round < rounds; round += 1) {
    for (const one of cases) figures.get(one)?.push(await runCase(one, timing.streamMs))
  }
  const cpuUsOf = (one: Case) => median(figures.get(one) ?? [])
  return cases.flatMap((one) => {
    if (one.beside === null) return []
    return [{ name: one.name, unit: one.unit, cpuUs: cpuUsOf(one), ratio: cpuUsOf(one) / cpuUsOf(one.beside) }]
  })
}

async function runCase({ subject, load, unit }: Case, durationMs: number): Promise<number> {
  const result = await loader(subject)({ ...load, durationMs })
  return result.cpuUs / (unit === 'request' ? result.answers : result.events)
}
