// The proxy of `npm start` as a child process: its lines, its restarts with back-off, and that stop() ends it.
import { spawn } from 'node:child_process'
import { afterEach, expect, test } from 'vitest'
import { MAX_RESTART_MS, ProxyProcess, STEADY_MS, STOP_MS } from '../../../operator/local/proxy-process.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const running: ProxyProcess[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((proxy) => proxy.stop()))
})

/** Lines as they come; `next` waits for the first one that matches and has not been returned yet. */
class Lines {
  readonly #lines: string[] = []
  #wake: () => void = () => undefined

  readonly add = (line: string): void => {
    this.#lines.push(line)
    this.#wake()
  }

  async next(pattern: RegExp): Promise<string> {
    for (;;) {
      const position = this.#lines.findIndex((line) => pattern.test(line))
      if (position !== -1) return this.#lines.splice(position, 1)[0] ?? ''
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}

function run(program: string, command = process.execPath) {
  const lines = new Lines()
  const clock = new ManualClock()
  const pids: (number | undefined)[] = []
  const proxy = new ProxyProcess({
    spawn: () => {
      const child = spawn(command, ['-e', program], { stdio: ['ignore', 'pipe', 'pipe'] })
      pids.push(child.pid)
      return child
    },
    print: lines.add,
    clock,
  })
  running.push(proxy)
  proxy.start()
  return { proxy, lines, clock, pids }
}

const LIVES = 'console.log("up"); setInterval(() => {}, 60000)'

test('lines of both outputs are printed', async () => {
  const { lines } = run(`console.error("complaint"); ${LIVES}`)
  expect(await lines.next(/up/)).toBe('up')
  expect(await lines.next(/complaint/)).toBe('complaint')
})

test('a proxy that dies starts again, later and later, up to a bound', async () => {
  const { lines, clock } = run('process.exit(3)')
  for (const waitMs of [250, 500, 1000, 2000, 4000, 8000, MAX_RESTART_MS, MAX_RESTART_MS]) {
    expect(await lines.next(/ended/)).toBe(`ended (exit code 3), starts again in ${waitMs} ms`)
    clock.advance(waitMs)
  }
})

test('a proxy that lived long starts its back-off anew', async () => {
  const { lines, clock, pids } = run(LIVES)
  const killNewest = async () => {
    await lines.next(/up/)
    process.kill(pids.at(-1) ?? 0, 'SIGKILL')
  }
  await killNewest()
  expect(await lines.next(/ended/)).toBe('ended (SIGKILL), starts again in 250 ms')
  clock.advance(250)
  await killNewest()
  expect(await lines.next(/ended/)).toBe('ended (SIGKILL), starts again in 500 ms')
  clock.advance(500)
  await lines.next(/up/)
  clock.advance(STEADY_MS)
  process.kill(pids.at(-1) ?? 0, 'SIGKILL')
  expect(await lines.next(/ended/)).toBe('ended (SIGKILL), starts again in 250 ms')
})

test('stop ends the process and no other is started', async () => {
  const { proxy, lines, clock, pids } = run(LIVES)
  await lines.next(/up/)
  await proxy.stop()
  expect(() => process.kill(pids[0] ?? 0, 0)).toThrow('ESRCH')
  clock.advance(MAX_RESTART_MS)
  expect(pids).toHaveLength(1)
})

test('a process that does not heed SIGTERM is killed', async () => {
  const { proxy, lines, clock, pids } = run(`process.on("SIGTERM", () => console.log("no")); ${LIVES}`)
  await lines.next(/up/)
  const stopped = proxy.stop()
  await lines.next(/no/)
  clock.advance(STOP_MS)
  await stopped
  expect(() => process.kill(pids[0] ?? 0, 0)).toThrow('ESRCH')
})

test('stop while a restart waits calls it off', async () => {
  const { proxy, lines, clock, pids } = run('process.exit(1)')
  await lines.next(/ended/)
  await proxy.stop()
  clock.advance(MAX_RESTART_MS)
  expect(pids).toHaveLength(1)
})

test('a program that cannot be started is told and tried again', async () => {
  const { lines, clock, pids } = run('', '/nowhere/node')
  expect(await lines.next(/cannot/)).toContain('cannot be started: spawn /nowhere/node ENOENT')
  await lines.next(/ended/)
  clock.advance(250)
  expect(pids).toHaveLength(2)
})
