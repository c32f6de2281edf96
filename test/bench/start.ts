// Start of the proxy as a pod sees it: from the process's creation to the first 200 of /readyz, on one core, and what
// it holds in memory while nobody calls. Each start is a new process.
import { statSync } from 'node:fs'
import { basename } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { waitUntilReady } from './launch.ts'
import { median } from './load/samples.ts'
import { cpuNs, pidsOf, residentMb } from './process-tree.ts'
import { proxyEntry, spawnProxy } from './subjects/modelroute.ts'
import type { Stage } from './subjects/subject.ts'

const SETTLE_MS = 1_000
const POLL_MS = 2

export interface Start {
  readonly entry: string
  readonly entryBytes: number
  readonly startToReadyMs: number
  readonly slowestMs: number
  /** CPU time until ready: what the start costs on a machine that does nothing else. */
  readonly cpuMs: number
  readonly idleMb: number
}

export async function measureStart(stage: Stage, starts: number): Promise<Start> {
  const entry = proxyEntry()
  const times: number[] = []
  const cpu: number[] = []
  const memory: number[] = []
  for (let ordinal = 1; ordinal <= starts; ordinal += 1) {
    const startedAt = performance.now()
    const proxy = await spawnProxy({ stage, entry, name: `start-${ordinal}`, nodeFlags: [] })
    await waitUntilReady(proxy.launched, `http://127.0.0.1:${proxy.adminPort}/readyz`, POLL_MS)
    times.push(performance.now() - startedAt)
    cpu.push(cpuNs(pidsOf(proxy.launched.pid)) / 1e6)
    // Not a wait for an event: memory is read after the time in which a start's garbage would be collected.
    await delay(SETTLE_MS)
    memory.push(residentMb(pidsOf(proxy.launched.pid)))
    await proxy.stop()
  }
  return {
    entry: basename(entry),
    entryBytes: statSync(entry).size,
    startToReadyMs: median(times),
    slowestMs: Math.max(...times),
    cpuMs: median(cpu),
    idleMb: median(memory),
  }
}
