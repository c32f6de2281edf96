// Starts a process on one core, waits until it answers, and ends it for certain. Nothing outlives the bench: main.ts
// stops every launched process, also after a fault.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

export interface Launch {
  readonly name: string
  readonly command: readonly string[]
  readonly cpu: number
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** A file descriptor for its standard output; without one it is thrown away. */
  readonly stdout?: number
}

export interface Launched {
  readonly name: string
  readonly pid: number
  readonly child: ChildProcess
  /** The last lines of its standard error, for a fault's sentence. */
  readonly lastWords: () => string
  readonly stop: () => Promise<void>
}

const READY_WITHIN_MS = 30_000
const STOP_WITHIN_MS = 5_000
const LAST_WORDS_BYTES = 2_000

/** `taskset` replaces itself by the command, so the pid is the command's own. */
export function launch(plan: Launch): Launched {
  const child = spawn('taskset', ['-c', String(plan.cpu), ...plan.command], {
    stdio: ['ignore', plan.stdout ?? 'ignore', 'pipe'],
    ...(plan.env === undefined ? {} : { env: { ...plan.env } }),
    ...(plan.cwd === undefined ? {} : { cwd: plan.cwd }),
  })
  if (child.pid === undefined) throw new Error(`${plan.name}: could not be started; is taskset (util-linux) installed?`)
  let words = ''
  child.stderr?.on('data', (bytes: Buffer) => (words = (words + bytes.toString('utf8')).slice(-LAST_WORDS_BYTES)))
  return { name: plan.name, pid: child.pid, child, lastWords: () => words, stop: () => stop(child) }
}

/** Polls until the URL answers 200. A process that ended is reported at once, with its last words. */
export async function waitUntilReady(process: Launched, url: string, everyMs = 20): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS
  while (performance.now() < deadline) {
    if (hasEnded(process.child)) throw new Error(`${process.name} ended while starting: ${process.lastWords()}`)
    const status = await fetch(url).then(
      async (answer) => (await answer.arrayBuffer(), answer.status),
      () => 0,
    )
    if (status === 200) return
    await delay(everyMs)
  }
  throw new Error(`${process.name}: ${url} was not ready within ${READY_WITHIN_MS} ms: ${process.lastWords()}`)
}

/** A loopback port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function stop(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS)
  await ended
  clearTimeout(timer)
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}
