// Where the proxy's CPU goes: its source (not the bundle, for the names) under load with V8's sampling profiler, summed
// by function. The file opens in any Chrome-style profile viewer.
import { mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { LoadResult } from './load/run-load.ts'
import { loader } from './measure.ts'
import type { Load } from './measure.ts'
import { proxySource, startProxy } from './subjects/modelroute.ts'
import type { Stage, Subject } from './subjects/subject.ts'
import { plainCall, streamCall } from './workloads.ts'

const LOAD_MS = 10_000
const FOLDER = fileURLToPath(new URL('../../dist/profile', import.meta.url))
export const TOP = 40

export interface ProfileLine {
  readonly name: string
  readonly place: string
  readonly share: number
}

export interface Profile {
  readonly file: string
  readonly lines: readonly ProfileLine[]
  readonly cpuUsPerRequest: number
}

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

export async function profileProxy(stage: Stage, load: 'plain' | 'stream'): Promise<Profile> {
  rmSync(FOLDER, { recursive: true, force: true })
  mkdirSync(FOLDER, { recursive: true })
  const nodeFlags = ['--cpu-prof', `--cpu-prof-dir=${FOLDER}`, '--cpu-prof-interval=200']
  const proxy = await startProxy({ stage, entry: proxySource(), name: 'profile', nodeFlags })
  const subject: Subject = {
    name: 'modelroute',
    pid: proxy.launched.pid,
    endpoint: () => ({ port: proxy.port, path: '/openai/v1/chat/completions', headers: {} }),
    stop: proxy.stop,
  }
  const workload = load === 'plain' ? plainCall(1024) : streamCall(200)
  const run = { workload, connections: 32, durationMs: LOAD_MS }
  const result = await loadThenStop(subject, run)
  const [name] = readdirSync(FOLDER).filter((file) => file.endsWith('.cpuprofile'))
  if (name === undefined) throw new Error(`no profile in ${FOLDER}: did the proxy end by itself on SIGTERM?`)
  const file = join(FOLDER, name)
  const lines = selfTimes(JSON.parse(readFileSync(file, 'utf8')) as CpuProfile)
  return { file, lines, cpuUsPerRequest: result.cpuUs / Math.max(1, result.answers) }
}

// The profile is written when the process ends, so it is stopped before its file is looked for.
async function loadThenStop(subject: Subject, load: Load): Promise<LoadResult> {
  try {
    return await loader(subject)(load)
  } finally {
    await subject.stop()
  }
}

/** Share of the busy time that each function itself took, largest first. */
export function selfTimes(profile: CpuProfile): ProfileLine[] {
  const byId = new Map(profile.nodes.map((node) => [node.id, node.callFrame]))
  const totals = new Map<string, number>()
  let busy = 0
  for (const [index, id] of profile.samples.entries()) {
    const frame = byId.get(id)
    if (frame === undefined || frame.functionName === '(idle)' || frame.functionName === '(root)') continue
    const spent = profile.timeDeltas[index] ?? 0
    const key = `${frame.functionName || '(anonymous)'}\t${placeOf(frame)}`
    totals.set(key, (totals.get(key) ?? 0) + spent)
    busy += spent
  }
  const lines = [...totals].map(([key, spent]) => {
    const [name = '', place = ''] = key.split('\t')
    return { name, place, share: spent / busy }
  })
  return lines.sort((left, right) => right.share - left.share).slice(0, TOP)
}

function placeOf(frame: { readonly url: string; readonly lineNumber: number }): string {
  if (frame.url === '') return ''
  const short = frame.url.replace(/^file:\/\//, '').replace(/^.*\/(?=node_modules\/|proxy\/)/, '')
  return `${short}:${frame.lineNumber + 1}`
}
