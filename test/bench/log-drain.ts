// A pipe for the proxy's log that is read and thrown away on the load's core, as a container runtime would read it.
// A file or /dev/null would make a log line look cheaper than it is in a pod.
import { spawn, spawnSync } from 'node:child_process'
import { closeSync, constants, openSync } from 'node:fs'
import { join } from 'node:path'

export interface LogDrain {
  /** Blocking on the writer's side, as a container's standard output is. */
  readonly writeEnd: number
  readonly close: () => void
}

export interface DrainPlan {
  readonly folder: string
  readonly name: string
  readonly cpu: number
}

export function openLogDrain(plan: DrainPlan): LogDrain {
  const path = join(plan.folder, plan.name)
  const made = spawnSync('mkfifo', [path])
  if (made.status !== 0) throw new Error(`mkfifo ${path}: ${made.stderr.toString('utf8')}`)
  const reader = spawn('taskset', ['-c', String(plan.cpu), 'cat', path], { stdio: 'ignore' })
  // Opened for both directions, because opening a pipe for writing alone waits for its reader.
  const writeEnd = openSync(path, constants.O_RDWR)
  const close = () => {
    closeSync(writeEnd)
    reader.kill('SIGKILL')
  }
  return { writeEnd, close }
}
