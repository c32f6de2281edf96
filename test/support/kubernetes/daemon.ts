// Starts a process that lives as long as a cluster does: its output goes to a file,
// the caretaker ends it when the test process dies, and its early end is an error with the log's last lines.
import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Caretaker } from './caretaker.ts'
import { identify, isRunning } from './process-identity.ts'
import { GiveUp, waitUntil } from './wait-until.ts'

export interface DaemonOptions {
  readonly name: string
  readonly command: string
  readonly parameters: readonly string[]
  /** The log is `FOLDER/logs/NAME.log`. */
  readonly folder: string
  readonly caretaker: Caretaker
  readonly environment?: NodeJS.ProcessEnv
}

export interface Daemon {
  readonly pid: number
  readonly logPath: string
  /** Waits until the probe holds; gives up at once when the process has ended. */
  ready(probe: () => Promise<boolean>, timeoutMs: number): Promise<void>
  stop(signal?: NodeJS.Signals): Promise<void>
}

export function startDaemon(options: DaemonOptions): Daemon {
  const { name, caretaker } = options
  mkdirSync(join(options.folder, 'logs'), { recursive: true })
  const logPath = join(options.folder, 'logs', `${name}.log`)
  const log = openSync(logPath, 'a')
  // In a process group of its own: Ctrl-C at the terminal reaches the test runner alone, which stops us in order.
  const child = spawn(options.command, options.parameters, {
    detached: true,
    stdio: ['ignore', log, log],
    env: options.environment ?? process.env,
  })
  closeSync(log)
  child.on('error', () => undefined) // Seen below as a process without a number.
  child.unref()
  if (child.pid === undefined) throw new Error(`${name} could not be started: ${options.command}`)
  const identity = identify(child.pid)
  caretaker.remember({ kind: 'kill', identity })
  return {
    pid: child.pid,
    logPath,
    async ready(probe, timeoutMs) {
      await waitUntil(
        `${name} is ready`,
        async () => {
          if (!isRunning(identity)) throw new GiveUp(`${name} ended by itself. ${lastLines(logPath)}`)
          return probe()
        },
        { timeoutMs },
      )
    },
    async stop(signal = 'SIGTERM') {
      if (!isRunning(identity)) return
      process.kill(identity.pid, signal)
      await waitUntil(`${name} has ended`, () => !isRunning(identity), { timeoutMs: 70_000, intervalMs: 20 })
    },
  }
}

function lastLines(logPath: string): string {
  const lines = readFileSync(logPath, 'utf8').trimEnd().split('\n')
  return `Last lines of ${logPath}:\n${lines.slice(-15).join('\n')}`
}
