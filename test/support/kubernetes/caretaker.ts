// Cleans up after a cluster, even when the test process is killed:
//   test process -- undo steps, one line each --> caretaker process; its input ends -> steps undone, last first
// The normal stop is the same path: close the pipe and wait, so what a crash does is what every run tests.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { ProcessIdentity } from './process-identity.ts'

export type UndoStep =
  | { readonly kind: 'kill'; readonly identity: ProcessIdentity }
  | { readonly kind: 'remove'; readonly path: string }
  | { readonly kind: 'run'; readonly command: string; readonly parameters: readonly string[] }
  /** Removes a tree of folders that hold no files of their own, as control groups are. */
  | { readonly kind: 'prune'; readonly path: string }

export interface Caretaker {
  remember(step: UndoStep): void
  /** Undoes every step, last first, and resolves when all is gone. */
  finish(): Promise<void>
}

export function hireCaretaker(): Caretaker {
  const program = fileURLToPath(new URL('caretaker-process.ts', import.meta.url))
  const child = spawn(process.execPath, [program], { detached: true, stdio: ['pipe', 'ignore', 'inherit'] })
  const ended = once(child, 'exit')
  child.unref()
  child.stdin.on('error', () => undefined) // A caretaker that was killed; finish() reports its exit code.
  return {
    remember(step) {
      child.stdin.write(`${JSON.stringify(step)}\n`)
    },
    async finish() {
      child.ref()
      child.stdin.end()
      const [code, signal] = (await ended) as [number | null, string | null]
      if (code !== 0) throw new Error(`The caretaker ended with ${code ?? signal}; processes may be left behind.`)
    },
  }
}
