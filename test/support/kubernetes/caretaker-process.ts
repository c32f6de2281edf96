// The program behind caretaker.ts: reads undo steps until its input ends, then undoes them, last first.
// A step that fails is printed and the others still run; the exit code tells.
import { readdirSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { UndoStep } from './caretaker.ts'
import { isRunning, type ProcessIdentity } from './process-identity.ts'
import { mustRun } from './run-command.ts'
import { waitUntil } from './wait-until.ts'

const forcedMs = 10_000
const commandMs = 120_000

// The test runner's signals are not ours: the end of the input is the only order to leave.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)

process.stderr.on('error', () => undefined) // The terminal may be gone as well.

const steps: UndoStep[] = []
for await (const line of createInterface({ input: process.stdin })) steps.push(JSON.parse(line) as UndoStep)
for (const step of steps.reverse()) {
  try {
    await undo(step)
  } catch (error) {
    process.exitCode = 1
    process.stderr.write(`caretaker: ${JSON.stringify(step)}: ${String(error)}\n`)
  }
}

async function undo(step: UndoStep): Promise<void> {
  switch (step.kind) {
    case 'kill':
      return end(step.identity)
    case 'remove':
      return rmSync(step.path, { recursive: true, force: true, maxRetries: 5 })
    case 'run':
      return mustRun(step.command, step.parameters, { timeoutMs: commandMs }).then(() => undefined)
    case 'prune':
      return waitUntil(`${step.path} is empty`, () => prune(step.path), { timeoutMs: forcedMs }).then(() => undefined)
  }
}

/** Not a polite stop: nothing that a test cluster would still write is worth waiting for. */
async function end(identity: ProcessIdentity): Promise<void> {
  if (!isRunning(identity)) return
  process.kill(identity.pid, 'SIGKILL')
  const isGone = () => !isRunning(identity)
  await waitUntil(`process ${identity.pid} has ended`, isGone, { timeoutMs: forcedMs, intervalMs: 10 })
}

function prune(path: string): true {
  let entries: { name: string; isDirectory(): boolean }[]
  try {
    entries = readdirSync(path, { withFileTypes: true })
  } catch {
    return true // Already gone.
  }
  for (const entry of entries) if (entry.isDirectory()) prune(join(path, entry.name))
  rmdirSync(path)
  return true
}
