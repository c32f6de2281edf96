// `node test/bench/cache-hits.ts [--profile]`: what an answer from memory costs, on one core: an OpenAI chat call of
// 1 KiB, answered with 1 KiB. Beside it the floor: node:http that reads the same request and writes the same bytes.
//
//   one caller: latency, and what a hit adds to the floor's     32 callers: hits/s, and CPU a hit
//
// The provider answers each question once; whatever comes to it later is a fault of the run.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseTable } from '../../proxy/table/schema.ts'
import { freePort, launch, waitUntilReady, type Launched } from './launch.ts'
import { runLoad, type LoadResult } from './load/run-load.ts'
import { pinToLoadCore, whyUnfit } from './machine.ts'
import { cpuNs, pidsOf } from './process-tree.ts'
import { proxySource } from './subjects/modelroute.ts'
import { plainCall, toRequestBytes } from './workloads.ts'

const WARM_UP_MS = 6_000
const ROUND_MS = 3_000
const ROUNDS = 2
const MANY = 32
const PATH = '/openai/v1/chat/completions'
const COLD = { temperature: 0, seed: 7 }

const ANSWER = JSON.stringify({
  id: 'chatcmpl-bench',
  object: 'chat.completion',
  created: 1,
  model: 'bench',
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'x'.repeat(800) } }],
  usage: { prompt_tokens: 250, completion_tokens: 200, total_tokens: 450 },
})

const FLOOR = `
import { createServer } from 'node:http'
const body = Buffer.from(${JSON.stringify(ANSWER)})
const headers = ['content-type', 'application/json', 'content-length', String(body.length), 'age', '0']
createServer((request, response) => {
  const chunks = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => response.writeHead(200, headers).end(body))
}).listen(Number(process.argv[2]), '127.0.0.1')
process.on('SIGTERM', () => process.exit(0))
`

const unfit = whyUnfit()
if (unfit !== null) throw new Error(unfit)
await main()

async function main(): Promise<void> {
  const { subjectCpu } = pinToLoadCore(process.pid)
  const folder = mkdtempSync(join(tmpdir(), 'modelroute-hits-'))
  const provider = await startProvider()
  try {
    const floor = await measured(() => startFloor(folder, subjectCpu))
    const hits = await measured(() => startProxy(folder, { cpu: subjectCpu, providerPort: provider.port }))
    print(floor, hits)
    if (provider.answers() !== 1) throw new Error(`the provider was asked ${provider.answers()} times`)
  } finally {
    provider.stop()
    rmSync(folder, { recursive: true })
  }
}

interface Subject {
  readonly launched: Launched
  readonly port: number
}

interface Measured {
  readonly one: readonly LoadResult[]
  readonly many: readonly LoadResult[]
}

async function measured(start: () => Promise<Subject>): Promise<Measured> {
  const { launched, port } = await start()
  try {
    const load = (connections: number, durationMs: number) => runOn({ launched, port }, { connections, durationMs })
    await load(1, 500)
    await load(MANY, WARM_UP_MS)
    const [one, many]: [LoadResult[], LoadResult[]] = [[], []]
    for (let round = 0; round < ROUNDS; round += 1) {
      one.push(await load(1, ROUND_MS))
      many.push(await load(MANY, ROUND_MS))
    }
    return { one, many }
  } finally {
    await launched.stop()
  }
}

async function runOn(
  { launched, port }: Subject,
  { connections, durationMs }: { readonly connections: number; readonly durationMs: number },
): Promise<LoadResult> {
  const call = plainCall(1024)
  const body = JSON.stringify({ ...(JSON.parse(call.body) as object), ...COLD })
  const request = toRequestBytes({ port, path: PATH, headers: {} }, { ...call, body })
  const pids = pidsOf(launched.pid)
  const plan = {
    port,
    request,
    connections,
    leadInMs: 300,
    durationMs,
    readCpuNs: () => cpuNs(pids),
    isStreaming: false,
  }
  const result = await runLoad(plan)
  if (result.faultCount > 0) throw new Error(`${result.faultCount} faults: ${result.faults.join('; ')}`)
  return result
}

async function startFloor(folder: string, cpu: number): Promise<Subject> {
  const file = join(folder, 'floor.mjs')
  writeFileSync(file, FLOOR)
  const port = await freePort()
  const launched = launch({ name: 'floor', command: [process.execPath, file, String(port)], cpu })
  await waitUntilReady(launched, `http://127.0.0.1:${port}/`)
  return { launched, port }
}

async function startProxy(
  folder: string,
  { cpu, providerPort }: { readonly cpu: number; readonly providerPort: number },
): Promise<Subject> {
  const [port, adminPort] = [await freePort(), await freePort()]
  const tableFile = join(folder, 'table.json')
  writeFileSync(tableFile, JSON.stringify(tableOf(providerPort)))
  const launched = launch({
    name: 'modelroute',
    command: [process.execPath, proxySource()],
    cpu,
    env: {
      MODELROUTE_LISTEN: `127.0.0.1:${port}`,
      MODELROUTE_ADMIN_LISTEN: `127.0.0.1:${adminPort}`,
      MODELROUTE_TABLE_FILE: tableFile,
      MODELROUTE_DRAIN_MS: '1000',
    },
  })
  await waitUntilReady(launched, `http://127.0.0.1:${adminPort}/readyz`)
  return { launched, port }
}

function tableOf(providerPort: number): object {
  const store = { toolResults: 'Skip', truncated: 'Skip', filtered: 'Skip', sampled: 'Skip' }
  const times = { ttlMs: 3_600_000, maxTemperature: '0', ignoreHeaders: [], generation: 0 }
  const table = {
    schema: 1,
    requires: [],
    version: '0123456789abcdef',
    routes: [
      {
        name: 'bench/hits/all',
        match: { models: [] },
        backends: [{ target: 'provider', weight: 1, tier: 0 }],
        timeouts: { firstTokenMs: 30_000, idleMs: 60_000 },
        failover: { attempts: 1, on: [] },
        cache: { scope: 'Pod', singleFlight: 'Pod', ...times, ...store },
      },
    ],
    targets: { provider: { provider: 'bench/p', dialect: 'OpenAI', url: `http://127.0.0.1:${providerPort}/v1` } },
  }
  const parsed = parseTable(table)
  if (parsed.kind === 'faults') throw new Error(`the bench's table is out of date: ${JSON.stringify(parsed.faults)}`)
  return parsed.table
}

async function startProvider() {
  let answers = 0
  const server = createServer((request, response) => {
    request.resume()
    request.on('end', () => {
      answers += 1
      response.writeHead(200, { 'content-type': 'application/json' }).end(ANSWER)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { port, answers: () => answers, stop: () => server.close().closeAllConnections() }
}

function print(floor: Measured, hits: Measured): void {
  for (const [name, { one, many }] of [
    ['floor', floor],
    ['memory hit', hits],
  ] as const) {
    const cpuUs = best(many.map((result) => result.cpuUs / result.answers))
    const rate = Math.max(...many.map(({ answers, seconds }) => answers / seconds))
    const [p50, p99] = [0.5, 0.99].map((share) => best(one.map(({ latencyUs }) => latencyUs.percentile(share))))
    console.log(
      `${name.padEnd(12)} ${Math.round(rate)}/s seen, ${Math.round(1e6 / cpuUs)}/s a core, ${cpuUs.toFixed(1)} us CPU, ` +
        `one caller p50 ${p50?.toFixed(0)} us, p99 ${p99?.toFixed(0)} us`,
    )
  }
}

/** What disturbs the machine only ever adds. */
function best(values: readonly number[]): number {
  return Math.min(...values)
}
