// Ours, as a pod runs it: the bundled proxy with a routing table, key swap, failover armed, metrics, and one log line
// a call into a pipe. Only the table's source differs: a file instead of the operator's stream.
import { createHash } from 'node:crypto'
import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort, launch, waitUntilReady } from '../launch.ts'
import type { Launched } from '../launch.ts'
import { openLogDrain } from '../log-drain.ts'
import { PLAIN_MODEL, SLOW_MODEL, STREAM_MODEL, type Workload } from '../workloads.ts'
import { parseTable } from '../../../proxy/table/schema.ts'
import type { RoutingTable } from '../../../proxy/table/schema.ts'
import type { Stage, Subject } from './subject.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const BUNDLE = join(ROOT, 'dist/proxy.mjs')
const SOURCE = join(ROOT, 'proxy/main.ts')

export interface ProxyProcess {
  readonly launched: Launched
  readonly port: number
  readonly adminPort: number
  readonly tableFile: string
  readonly stop: () => Promise<void>
}

export interface ProxyPlan {
  readonly stage: Stage
  readonly entry: string
  /** Tells the files of two proxies in one run apart. */
  readonly name: string
  readonly nodeFlags: readonly string[]
  /** Rules in front of those that the calls use; none by default. */
  readonly otherRules?: number
  /** Whether those take every model and look at what each call is and how long; none takes one. */
  readonly areLooking?: boolean
}

/** The program to measure: the bundle of the image, or the source where no bundle was built. */
export function proxyEntry(): string {
  return existsSync(BUNDLE) ? BUNDLE : SOURCE
}

export function proxySource(): string {
  return SOURCE
}

export function startModelroute(stage: Stage): Promise<Subject> {
  return startSubject(stage, { name: 'modelroute', entry: proxyEntry() })
}

/** Another build; `ordinal` tells two with the same file name apart. */
export function startOtherProxy(stage: Stage, entry: string, ordinal: number): Promise<Subject> {
  return startSubject(stage, { name: `${basename(entry)}-${ordinal}`, entry })
}

/** One more process of the same build; its name must be its own. */
export function startAgain(stage: Stage, plan: Omit<SubjectPlan, 'entry'>): Promise<Subject> {
  return startSubject(stage, { ...plan, entry: proxyEntry() })
}

const PATHS: Readonly<Record<Workload['dialect'], string>> = {
  OpenAI: '/openai/v1/chat/completions',
  Anthropic: '/anthropic/v1/messages',
}

type SubjectPlan = Pick<ProxyPlan, 'name' | 'entry' | 'otherRules' | 'areLooking'>

async function startSubject(stage: Stage, plan: SubjectPlan): Promise<Subject> {
  const { name } = plan
  const proxy = await startProxy({ stage, ...plan, nodeFlags: [] })
  return {
    name,
    pid: proxy.launched.pid,
    endpoint: ({ dialect }) => ({ port: proxy.port, path: PATHS[dialect], headers: {} }),
    stop: proxy.stop,
    lastWords: proxy.launched.lastWords,
  }
}

/** A proxy process that is ready for calls. */
export async function startProxy(plan: ProxyPlan): Promise<ProxyProcess> {
  const proxy = await spawnProxy(plan)
  await waitUntilReady(proxy.launched, `http://127.0.0.1:${proxy.adminPort}/readyz`)
  return proxy
}

/** The same, but returns as soon as the process exists: start.ts times what follows. */
export async function spawnProxy(plan: ProxyPlan): Promise<ProxyProcess> {
  const { stage, name } = plan
  const [port, adminPort] = [await freePort(), await freePort()]
  const tableFile = join(stage.folder, `${name}-table.json`)
  const keysFile = join(stage.folder, `${name}-keys.json`)
  writeTable(tableFile, benchTable(stage, stage.plainPort, plan))
  writeFileSync(keysFile, JSON.stringify({ 'bench/key': 'sk-bench-0123456789abcdef' }))
  const drain = openLogDrain({ folder: stage.folder, name: `${name}-log`, cpu: stage.loadCpu })
  const launched = launch({
    name,
    command: [stage.node, ...plan.nodeFlags, plan.entry],
    cpu: stage.subjectCpu,
    stdout: drain.writeEnd,
    env: {
      MODELROUTE_LISTEN: `127.0.0.1:${port}`,
      MODELROUTE_ADMIN_LISTEN: `127.0.0.1:${adminPort}`,
      MODELROUTE_TABLE_FILE: tableFile,
      MODELROUTE_KEYS_FILE: keysFile,
      MODELROUTE_POD_NAME: 'bench-0',
      MODELROUTE_POD_NAMESPACE: 'bench',
      MODELROUTE_DRAIN_MS: '1000',
    },
  })
  const stop = async () => {
    await launched.stop()
    drain.close()
  }
  return { launched, port, adminPort, tableFile, stop }
}

const IS_SOUND = { models: [], content: ['Audio'] }
const IS_ENDLESS = { models: [], contextTokens: { min: 10_000_000 } }

/** Two routes by model, each with a second tier, so that failover is armed on every call. */
export function benchTable(
  stage: Stage,
  plainPort: number,
  { otherRules = 0, areLooking = false }: Pick<ProxyPlan, 'otherRules' | 'areLooking'> = {},
): RoutingTable {
  const others = Array.from({ length: otherRules }, (_, index) => ({
    ...route([`other-${index}-*`], 'spare'),
    ...(areLooking && { match: index % 2 === 0 ? IS_SOUND : IS_ENDLESS }),
  }))
  const parsed = parseTable(withVersion(stage, plainPort, others))
  if (parsed.kind === 'table') return parsed.table
  throw new Error(`the bench's table is out of date: ${JSON.stringify(parsed.faults)}`)
}

/** Written beside and renamed, so that the proxy never reads half a table. */
export function writeTable(path: string, table: RoutingTable): void {
  writeFileSync(`${path}.new`, JSON.stringify(table))
  renameSync(`${path}.new`, path)
}

function withVersion(stage: Stage, plainPort: number, others: readonly object[]): object {
  const content = {
    schema: 1,
    requires: [],
    routes: [...others, route([PLAIN_MODEL], 'plain'), route([STREAM_MODEL, SLOW_MODEL], 'stream')],
    targets: {
      plain: target('bench/plain', plainPort),
      stream: target('bench/stream', stage.streamPort),
      spare: target('bench/spare', stage.plainPort),
    },
  }
  return { ...content, version: createHash('sha256').update(JSON.stringify(content)).digest('hex') }
}

function route(models: readonly string[], first: string): object {
  return {
    name: `bench/${first}/${models[0] ?? ''}`,
    match: { models },
    backends: [
      { target: first, weight: 1, tier: 0 },
      { target: 'spare', weight: 1, tier: 1 },
    ],
    timeouts: { firstTokenMs: 30_000, idleMs: 60_000 },
    failover: { attempts: 2, on: ['Connect', 'Timeout', 'Server'] },
  }
}

function target(provider: string, port: number): object {
  return { provider, dialect: 'OpenAI', url: `http://127.0.0.1:${port}/v1`, credential: 'bench/key' }
}
