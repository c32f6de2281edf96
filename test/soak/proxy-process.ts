// The real proxy as a process of its own, with a table in a file, and what the system says of it: memory, open files,
// sockets. Linux only (/proc). Used by the soak and by its small form in the unit tests.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { RoutingTable } from '../../proxy/table/schema.ts'

const MAIN = fileURLToPath(new URL('../../proxy/main.ts', import.meta.url))

/** How much of something the process holds. */
export interface Reading {
  readonly residentMb: number
  readonly files: number
  readonly sockets: number
  readonly callsUnderWay: number
  readonly connectionsOpen: number
  readonly bodyBytesHeld: number
}

export interface ProxyProcess {
  readonly port: number
  readonly read: () => Promise<Reading>
  /** Calls that were reported, by error code; an empty code is an answer. */
  readonly calls: () => Promise<ReadonlyMap<string, number>>
  readonly stop: () => Promise<void>
}

export async function startProxyProcess(table: RoutingTable): Promise<ProxyProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'modelroute-soak-'))
  const tableFile = join(folder, 'table.json')
  writeFileSync(tableFile, JSON.stringify(table))
  const env = {
    MODELROUTE_LISTEN: '127.0.0.1:0',
    MODELROUTE_ADMIN_LISTEN: '127.0.0.1:0',
    MODELROUTE_TABLE_FILE: tableFile,
  }
  const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (bytes: Buffer) => {
    // One line a call comes here as well: only the first ones say where it listens.
    if (output.length < 64 * 1024) output += bytes.toString()
  })
  while (!output.includes('"msg":"listening"') || !output.includes('in force')) await once(child.stdout, 'data')
  const portOf = (name: string) => Number(new RegExp(`"${name}":"[^"]+:(\\d+)"`).exec(output)?.[1])
  const metrics = () => metricsAt(`http://127.0.0.1:${portOf('admin')}/metrics`)
  const { pid = 0 } = child
  return {
    port: portOf('proxy'),
    read: async () => readingOf(pid, await metrics()),
    calls: async () => callsByError(await metrics()),
    stop: async () => {
      child.kill('SIGTERM')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      rmSync(folder, { recursive: true })
    },
  }
}

/** Over a connection of its own, which is closed with the answer. */
async function metricsAt(url: string): Promise<string> {
  const [answer] = (await once(get(url, { agent: false }), 'response')) as [IncomingMessage]
  return text(answer)
}

function readingOf(pid: number, metrics: string): Reading {
  const links = readdirSync(`/proc/${pid}/fd`).flatMap((file) => linkOf(`/proc/${pid}/fd/${file}`))
  const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  const gauge = (name: string) => Number(new RegExp(`^modelroute_proxy_${name} (\\d+)`, 'm').exec(metrics)?.[1])
  return {
    residentMb: Number(kilobytes) / 1024,
    files: links.length,
    sockets: links.filter((link) => link.startsWith('socket:')).length,
    callsUnderWay: gauge('calls_under_way'),
    connectionsOpen: gauge('connections_open'),
    bodyBytesHeld: gauge('body_bytes_held'),
  }
}

/** A file that is closed between two looks is none. */
function linkOf(path: string): string[] {
  try {
    return [readlinkSync(path)]
  } catch {
    return []
  }
}

function callsByError(metrics: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const [, error = '', count] of metrics.matchAll(
    /^modelroute_proxy_calls_total\{.*error="([^"]*)".*\} (\d+)/gm,
  )) {
    counts.set(error, (counts.get(error) ?? 0) + Number(count))
  }
  return counts
}
