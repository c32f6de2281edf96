// Tells whether a recorded process still runs, without being fooled by a number given out again:
// a process is its number and, where the system tells it (Linux), the moment it was started.
import { readFileSync } from 'node:fs'

export interface ProcessIdentity {
  readonly pid: number
  readonly startTime?: string
}

export function identify(pid: number): ProcessIdentity {
  const startTime = readStat(pid)?.startTime
  return startTime === undefined ? { pid } : { pid, startTime }
}

/** One that has ended but was not collected by its parent counts as gone, once its last thread has left its sockets. */
export function isRunning(identity: ProcessIdentity): boolean {
  try {
    process.kill(identity.pid, 0)
  } catch {
    return false
  }
  const stat = readStat(identity.pid)
  if (stat === undefined) return identity.startTime === undefined
  const isLeftover = stat.state === 'Z' && stat.threads <= 1
  return !isLeftover && (identity.startTime === undefined || stat.startTime === identity.startTime)
}

/** Fields 3, 20 and 22 of proc_pid_stat(5); the command name before them may itself hold spaces and brackets. */
function readStat(pid: number): { state: string; threads: number; startTime: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const [state, threads, startTime] = [fields[0], fields[17], fields[19]]
    return state === undefined || startTime === undefined ? undefined : { state, threads: Number(threads), startTime }
  } catch {
    return undefined
  }
}
