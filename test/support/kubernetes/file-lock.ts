// Lets one process at a time do a piece of work, such as building the same binary.
// The lock is a file with its owner's process number; one whose owner has died is taken over.
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { isRunning } from './process-identity.ts'
import { waitUntil } from './wait-until.ts'

const longestWaitMs = 40 * 60_000 // A first build of the Kubernetes binaries on a slow machine.

export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(path), { recursive: true })
  await waitUntil(`the lock ${path} is free`, () => tryLock(path), { timeoutMs: longestWaitMs, intervalMs: 200 })
  try {
    return await work()
  } finally {
    rmSync(path, { force: true })
  }
}

/** link(2) fails when the name exists, and the file appears with its content: no moment without an owner. */
function tryLock(path: string): boolean {
  const own = `${path}.${process.pid}`
  writeFileSync(own, String(process.pid))
  try {
    linkSync(own, path)
    return true
  } catch {
    removeIfAbandoned(path)
    return false
  } finally {
    rmSync(own, { force: true })
  }
}

function removeIfAbandoned(path: string): void {
  try {
    const owner = Number(readFileSync(path, 'utf8'))
    if (isRunning({ pid: owner })) return
    const aside = `${path}.abandoned.${process.pid}`
    renameSync(path, aside)
    rmSync(aside)
  } catch {
    // Another process released or took over the lock in between; the next attempt sees the new state.
  }
}
