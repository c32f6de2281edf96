// The proxy as a process: its settings, its ready line, its end.
import { once } from 'node:events'
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it, test } from 'vitest'
import { makeTable } from '../support/proxy-rig.ts'
import { chunk, DONE, Upstream } from '../support/upstream.ts'

const MAIN = fileURLToPath(new URL('../../proxy/main.ts', import.meta.url))

type Child = ChildProcessByStdio<null, Readable, Readable>

let folder: string
let upstream: Upstream
const children: Child[] = []

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'modelroute-main-'))
  upstream = await Upstream.start()
})

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await upstream.stop()
  rmSync(folder, { recursive: true })
})

interface Running {
  readonly child: Child
  readonly url: string
  readonly output: () => string
  readonly until: (words: string) => Promise<void>
}

function run(environment: Record<string, string>): Omit<Running, 'url'> {
  const child = spawn(process.execPath, [MAIN], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
  children.push(child)
  let output = ''
  child.stdout.on('data', (data) => (output += String(data)))
  child.stderr.on('data', (data) => (output += String(data)))
  const until = async (words: string) => {
    while (!output.includes(words)) await once(child.stdout, 'data')
  }
  return { child, output: () => output, until }
}

async function start(environment: Record<string, string> = {}): Promise<Running> {
  const tableFile = join(folder, 'table.json')
  writeFileSync(
    tableFile,
    JSON.stringify(makeTable({ targets: { a: { url: upstream.url } }, routes: [{ backends: ['a'] }] })),
  )
  const running = run({
    MODELROUTE_LISTEN: '127.0.0.1:0',
    MODELROUTE_ADMIN_LISTEN: '127.0.0.1:0',
    MODELROUTE_TABLE_FILE: tableFile,
    ...environment,
  })
  await running.until('"msg":"listening"')
  await running.until('in force')
  const [, address] = /"proxy":"([^"]+)"/.exec(running.output()) ?? []
  return { ...running, url: `http://${address}` }
}

const exitOf = async (child: Child): Promise<unknown[]> =>
  child.exitCode === null && child.signalCode === null ? once(child, 'exit') : [child.exitCode, child.signalCode]

test('ends with every fault of its settings in words', async () => {
  const { child, output } = run({ MODELROUTE_DRAIN_MS: 'soon', MODELROUTE_LOG_LEVEL: 'loud' })
  const closed = once(child, 'close')
  expect(await closed).toEqual([1, null])
  expect(output()).toBe(
    'MODELROUTE_LOG_LEVEL must be one of debug, info, warn, error, silent.\n' +
      'MODELROUTE_DRAIN_MS must be a whole number from 0 to 86400000, not "soon".\n',
  )
})

test('ends with a sentence when its port is taken', async () => {
  const holder = createServer().listen(0, '127.0.0.1')
  await once(holder, 'listening')
  const { port } = holder.address() as AddressInfo
  const { child, output } = run({ MODELROUTE_LISTEN: `127.0.0.1:${port}`, MODELROUTE_TABLE_FILE: '/none.json' })
  expect(await once(child, 'close')).toEqual([1, null])
  expect(output()).toContain('the proxy cannot listen: listen EADDRINUSE')
  holder.close()
})

it.each(['SIGTERM', 'SIGINT'] as const)('ends with 0 on %s when nothing is under way', async (signal) => {
  const { child } = await start()
  child.kill(signal)
  expect(await exitOf(child)).toEqual([0, null])
})

test('lets a stream under way end on SIGTERM and takes no new connection', async () => {
  let finish: (() => void) | null = null
  upstream.usual = (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(chunk('a'))
    finish = () => response.end(chunk('b') + DONE)
  }
  const { child, url, until } = await start()
  const response = await fetch(`${url}/v1/chat/completions`, { method: 'POST', body: '{"model":"m","stream":true}' })
  child.kill('SIGTERM')
  await until('"draining"')
  await expect(fetch(`${url}/v1/models`)).rejects.toThrow('fetch failed')
  const finishStream: (() => void) | null = finish
  if (finishStream === null) throw new Error('the provider was not asked')
  ;(finishStream as () => void)()
  expect(await response.text()).toBe(chunk('a') + chunk('b') + DONE)
  expect(await exitOf(child)).toEqual([0, null])
})

test('delivers an answer that is still being written on SIGTERM to its last byte', async () => {
  const text = JSON.stringify({ long: 'z'.repeat(8_000_000) })
  upstream.usual = (response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': text.length })
    response.end(text)
  }
  const { child, url, until } = await start()
  const { port } = new URL(url)
  const socket = connect(Number(port), '127.0.0.1')
  const body = '{"model":"m"}'
  socket.write(`POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
  await once(socket, 'readable')
  child.kill('SIGTERM')
  await until('"draining"')
  let answer = ''
  for await (const data of socket as AsyncIterable<Buffer>) answer += data.toString('latin1')
  expect(answer.slice(answer.indexOf('\r\n\r\n') + 4)).toBe(text)
  expect(await exitOf(child)).toEqual([0, null])
})

it.each(['0', '50'])('ends after its %s ms although a stream is under way', async (drainMs) => {
  upstream.usual = (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(chunk('a'))
  }
  const { child, url } = await start({ MODELROUTE_DRAIN_MS: drainMs })
  const response = await fetch(`${url}/v1/chat/completions`, { method: 'POST', body: '{"model":"m","stream":true}' })
  child.kill('SIGTERM')
  expect(await exitOf(child)).toEqual([0, null])
  await expect(response.text()).rejects.toThrow('terminated')
})

test('writes one line a call, without the text of the call', async () => {
  const { url, output, until } = await start()
  await fetch(`${url}/v1/chat/completions?token=hidden`, {
    method: 'POST',
    headers: { authorization: 'Bearer sk-hidden' },
    body: '{"model":"m","messages":[{"role":"user","content":"hidden words"}]}',
  })
  await until('"msg":"call"')
  const lines = output().trim().split('\n')
  const [call] = lines.filter((line) => line.includes('"msg":"call"'))
  expect(JSON.parse(call ?? '')).toMatchObject({ level: 'info', name: 'modelroute-proxy', model: 'm', status: 200 })
  expect(output()).not.toContain('hidden')
})
