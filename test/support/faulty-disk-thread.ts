// The disk level's thread on a disk that fails on demand: the faults are put where SQLite meets the disk, below all that
// is ours. Which one, a file says that the test writes: `slow`, `full`, `read-only`, `device` or `die`; empty: none.
import { readFileSync } from 'node:fs'
import { StatementSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'

const CODES: Readonly<Record<string, readonly [number, string]>> = {
  full: [13, 'database or disk is full'],
  'read-only': [8, 'attempt to write a readonly database'],
  device: [10, 'disk I/O error'],
}
const SLOW_MS = 40

/** What to start the thread with. */
export function faultyThreadUrl(control: string): URL {
  const own = pathToFileURL(import.meta.filename).href
  const code = `const { beginFaulty } = await import('${own}'); await beginFaulty(${JSON.stringify(control)})`
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`)
}

/** In the thread itself. */
export async function beginFaulty(control: string): Promise<void> {
  for (const name of ['run', 'get'] as const) {
    const whole = StatementSync.prototype[name] as () => unknown
    const faulty = function faultyCall(this: unknown, ...values: unknown[]): unknown {
      meetFault(readFileSync(control, 'utf8'), name === 'run')
      return Reflect.apply(whole, this, values)
    }
    Reflect.set(StatementSync.prototype, name, faulty)
  }
  await import('../../proxy/cache/levels/disk-thread.ts')
}

function meetFault(fault: string, isWrite: boolean): void {
  if (fault === 'slow') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, SLOW_MS)
  if (fault === 'die') process.exit(9)
  const code = CODES[fault]
  if (code === undefined || (!isWrite && fault !== 'device')) return
  throw Object.assign(new Error(code[1]), { code: 'ERR_SQLITE_ERROR', errcode: code[0] })
}
