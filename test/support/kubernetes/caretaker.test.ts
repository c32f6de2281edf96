// A test run that is killed must leave neither processes nor folders behind.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { hireCaretaker } from './caretaker.ts'
import { startDaemon } from './daemon.ts'
import { isRunning } from './process-identity.ts'
import { waitUntil } from './wait-until.ts'

const foreverProgram = ['--eval', 'setInterval(() => undefined, 60_000)']

test('undoes everything when the process that hired it is killed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'modelroute-caretaker-'))
  const program = `
    import { hireCaretaker } from '${new URL('caretaker.ts', import.meta.url).href}'
    import { startDaemon } from '${new URL('daemon.ts', import.meta.url).href}'
    const [folder] = process.argv.slice(1)
    const caretaker = hireCaretaker()
    caretaker.remember({ kind: 'remove', path: folder })
    const parameters = ${JSON.stringify(foreverProgram)}
    const daemon = startDaemon({ name: 'forever', command: process.execPath, parameters, folder, caretaker })
    console.log(daemon.pid)
    setInterval(() => undefined, 60_000)
  `
  const parameters = ['--input-type=module', '--eval', program, folder]
  const run = spawn(process.execPath, parameters, { stdio: ['ignore', 'pipe', 'inherit'] })
  let daemonPid = 0
  for await (const line of createInterface({ input: run.stdout })) {
    daemonPid = Number(line)
    break
  }
  expect(isRunning({ pid: daemonPid })).toBe(true)
  run.kill('SIGKILL')
  await waitUntil('the daemon has ended', () => !isRunning({ pid: daemonPid }))
  await waitUntil('the folder is gone', () => !existsSync(folder))
})

test('undoes the last step first, goes on after one that fails, and says that it failed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'modelroute-caretaker-'))
  const caretaker = hireCaretaker()
  caretaker.remember({ kind: 'remove', path: folder })
  caretaker.remember({ kind: 'run', command: 'modelroute-has-no-such-command', parameters: [] })
  const move = `require('fs').renameSync(${JSON.stringify(join(folder, 'a'))}, ${JSON.stringify(`${folder}-moved`)})`
  caretaker.remember({ kind: 'remove', path: `${folder}-moved` })
  caretaker.remember({ kind: 'run', command: process.execPath, parameters: ['--eval', move] })
  writeFileSync(join(folder, 'a'), '')
  await expect(caretaker.finish()).rejects.toThrow('may be left behind')
  expect([existsSync(folder), existsSync(`${folder}-moved`)]).toEqual([false, false])
})

test('gives up waiting for a daemon that ended by itself, with what it printed last', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'modelroute-caretaker-'))
  const caretaker = hireCaretaker()
  caretaker.remember({ kind: 'remove', path: folder })
  const parameters = ['--eval', 'console.error("the port is taken"); process.exit(3)']
  const daemon = startDaemon({ name: 'failing', command: process.execPath, parameters, folder, caretaker })
  await expect(daemon.ready(async () => false, 20_000)).rejects.toThrow(/ended by itself[^]*the port is taken/)
  await caretaker.finish()
})
