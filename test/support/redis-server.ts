// A real Redis server on a free port, started and stopped by a test. Where none is installed the tests that need one say
// so on the console and are skipped.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const PROGRAM = ['redis-server', 'valkey-server'].find((name) => spawnSync(name, ['--version']).status === 0) ?? null

export const hasRedis = PROGRAM !== null
if (!hasRedis)
  console.warn('NEITHER redis-server NOR valkey-server IS INSTALLED: the tests of the shared cache are skipped')

export interface RedisServer {
  readonly port: number
  readonly process: ChildProcess
  stop(): Promise<void>
}

export async function startRedis(port = 0, options: readonly string[] = []): Promise<RedisServer> {
  if (PROGRAM === null) throw new Error('neither redis-server nor valkey-server is installed')
  const own = port === 0 ? await freePort() : port
  const folder = mkdtempSync(join(tmpdir(), 'redis-'))
  const settings = ['--port', String(own), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder]
  const child = spawn(PROGRAM, [...settings, ...options], { stdio: ['ignore', 'pipe', 'inherit'] })
  await untilReady(child)
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    rmSync(folder, { recursive: true, force: true })
  }
  return { port: own, process: child, stop }
}

function untilReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      if (/ready to accept connections/i.test(text)) resolve()
    })
    child.on('exit', (code) => reject(new Error(`redis-server ended with ${code}: ${text}`)))
  })
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
