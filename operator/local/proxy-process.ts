// The proxy of `npm start`: a child process with the same entry point and settings as in a pod, so that what runs on a
// laptop is what runs in the cluster.
//
//   start -> running -> died -> (250 ms, 500 ms ... 10 s) -> running -> ... -> stop: SIGTERM, SIGKILL after 3 s
//
// Its lines come out of `print`, one call a line. An IPC channel ends it should this process be killed outright.
import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Clock } from '../../proxy/telemetry/clock.ts'

export const FIRST_RESTART_MS = 250
export const MAX_RESTART_MS = 10_000
/** A proxy that lived this long starts its back-off anew. */
export const STEADY_MS = 30_000
export const STOP_MS = 3_000

export interface ProxyProcessDeps {
  /** Starts one process with piped stdout and stderr. */
  readonly spawn: () => ChildProcess
  readonly print: (line: string) => void
  readonly clock: Clock
}

export class ProxyProcess {
  readonly #deps: ProxyProcessDeps
  #child: ChildProcess | null = null
  #cancelRestart: () => void = () => undefined
  #restartMs = FIRST_RESTART_MS
  #isStopping = false

  constructor(deps: ProxyProcessDeps) {
    this.#deps = deps
  }

  start(): void {
    const child = this.#deps.spawn()
    const startedAtMs = this.#deps.clock.now()
    this.#child = child
    for (const output of [child.stdout, child.stderr]) {
      if (output !== null) createInterface({ input: output }).on('line', (line) => this.#deps.print(line))
    }
    child.once('error', (cause) => this.#deps.print(`cannot be started: ${cause.message}`))
    child.once('close', (code, signal) => this.#onClose(signal ?? `exit code ${code}`, startedAtMs))
  }

  /** Resolves when the process is gone. */
  async stop(): Promise<void> {
    this.#isStopping = true
    this.#cancelRestart()
    const child = this.#child
    if (child === null) return
    const gone = new Promise<void>((resolve) => child.once('close', () => resolve()))
    child.kill('SIGTERM')
    const cancel = this.#deps.clock.after(STOP_MS, () => child.kill('SIGKILL'))
    await gone
    cancel()
  }

  #onClose(how: string, startedAtMs: number): void {
    this.#child = null
    if (this.#isStopping) return
    const { clock, print } = this.#deps
    if (clock.now() - startedAtMs >= STEADY_MS) this.#restartMs = FIRST_RESTART_MS
    print(`ended (${how}), starts again in ${this.#restartMs} ms`)
    this.#cancelRestart = clock.after(this.#restartMs, () => this.start())
    this.#restartMs = Math.min(this.#restartMs * 2, MAX_RESTART_MS)
  }
}
