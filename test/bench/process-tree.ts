// What a process and its descendants have cost so far, from the scheduler's own accounting (Linux /proc). Nanoseconds
// on a CPU are exact; the ticks of /proc/PID/stat are too coarse for a request of 20 us.
import { readFileSync, readdirSync } from 'node:fs'

/** The process and its descendants, as they are now. */
export function pidsOf(rootPid: number): number[] {
  const found = [rootPid]
  for (let at = 0; at < found.length; at += 1) {
    const pid = found[at] ?? rootPid
    for (const thread of threadsOf(pid)) {
      const children = readOrEmpty(`/proc/${pid}/task/${thread}/children`).trim()
      if (children !== '') found.push(...children.split(' ').map(Number))
    }
  }
  return found
}

/** Nanoseconds on a CPU of every live thread of these processes. */
export function cpuNs(pids: readonly number[]): number {
  let total = 0
  for (const pid of pids) {
    for (const thread of threadsOf(pid)) {
      total += Number(readOrEmpty(`/proc/${pid}/task/${thread}/schedstat`).split(' ')[0] ?? 0)
    }
  }
  return total
}

/** Resident memory; pages shared between the processes of a tree count once each. */
export function residentMb(pids: readonly number[]): number {
  const kilobytes = pids.map((pid) => Number(/VmRSS:\s+(\d+)/.exec(readOrEmpty(`/proc/${pid}/status`))?.[1] ?? 0))
  return kilobytes.reduce((sum, value) => sum + value, 0) / 1024
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch (cause) {
    if (isGone(cause)) return []
    throw cause
  }
}

// A thread or process that ends between two reads is no fault of the measurement.
function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    if (isGone(cause)) return ''
    throw cause
  }
}

function isGone(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ESRCH')
}
