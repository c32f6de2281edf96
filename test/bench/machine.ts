// Which core does what: the subject has one for itself, the load and the providers share the other. The bench pins
// itself, so that every process it starts can be placed apart from it.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cpus } from 'node:os'

export interface Cores {
  readonly subjectCpu: number
  readonly loadCpu: number
}

export interface Machine {
  readonly cores: number
  readonly cpu: string
  readonly node: string
  readonly nginx: string | null
}

/** Null when this machine can be measured on; else the reason, as a sentence. */
export function whyUnfit(): string | null {
  if (!existsSync('/proc/self/schedstat')) return 'npm run bench needs Linux: it reads CPU time from /proc'
  if (spawnSync('taskset', ['-V'], { stdio: 'ignore' }).status !== 0) return 'npm run bench needs taskset (util-linux)'
  if (cpus().length < 2) return 'npm run bench needs two cores: one for the subject, one for the load'
  return null
}

/** Pins the process `pid` (the bench itself) to the load's core. */
export function pinToLoadCore(pid: number): Cores {
  const cores = { subjectCpu: 0, loadCpu: 1 }
  const pinned = spawnSync('taskset', ['-a', '-c', '-p', String(cores.loadCpu), String(pid)], { encoding: 'utf8' })
  if (pinned.status !== 0) throw new Error(`taskset: ${pinned.stderr}`)
  return cores
}

export function describeMachine(nodeVersion: string): Machine {
  const nginx = /nginx\/(\S+)/.exec(spawnSync('nginx', ['-v'], { encoding: 'utf8' }).stderr ?? '')
  const all = cpus()
  return { cores: all.length, cpu: all[0]?.model ?? 'unknown', node: nodeVersion, nginx: nginx?.[1] ?? null }
}
