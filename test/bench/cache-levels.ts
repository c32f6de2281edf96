// What a level of the cache costs by itself, a million entries unless told otherwise; each in a process of its own,
// since they are asked what memory they take. Prints rows for docs/performance.md. Real files and a real Redis server.
//
//   node --expose-gc test/bench/cache-levels.ts memory|disk|shared [entries]
import { spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createClient } from '@redis/client'
import { bundle } from '../../.ci/bundle.ts'
import { DiskFile } from '../../proxy/cache/levels/disk-file.ts'
import { DiskLevel } from '../../proxy/cache/levels/disk.ts'
import { MemoryLevel } from '../../proxy/cache/levels/memory.ts'
import type { CacheKey, CacheStore, EntryFacts } from '../../proxy/cache/store.ts'
import { systemTimers } from '../../proxy/upstream/timers.ts'
import { hasRedis, startRedis } from '../support/redis-server.ts'
import { sharedLevel } from '../support/shared-level-rig.ts'

const MEBIBYTE = 1024 * 1024
const VALUE_BYTES = 1024
const LOOKS = 20_000
const [, , LEVEL = 'memory', COUNT = '1000000'] = process.argv
const ENTRIES = Number(COUNT)

const keyOf = (index: number): CacheKey => createHash('sha256').update(String(index)).digest('base64url')
const observer = { looked() {}, dropped() {}, evicted() {}, skipped() {} }
const deps = { now: () => Date.now(), elapsedMs: () => performance.now(), timers: systemTimers, observer }
const factsNow = (): EntryFacts => {
  const storedAtMs = Date.now()
  const untilMs = storedAtMs + 3_600_000
  return { storedAtMs, freshUntilMs: untilMs, staleUntilMs: untilMs, route: 'shop/chat/all', scope: 'pod' }
}

await main()

async function main(): Promise<void> {
  // The level's thread does not keep a process alive.
  const alive = setInterval(() => {}, 1000)
  say('what', 'figure')
  say('---', '---')
  await ({ memory, disk, shared }[LEVEL] ?? memory)()
  clearInterval(alive)
}

async function memory(): Promise<void> {
  const budget = 256 * MEBIBYTE
  const before = resident()
  const level = new MemoryLevel(budget, deps)
  const facts = factsNow()
  for (let index = 0; index < ENTRIES; index += 1) level.set(keyOf(index), { facts, value: randomBytes(VALUE_BYTES) })
  const [statistics] = await level.statistics()
  const held = (resident() - before) / MEBIBYTE
  say(`memory: ${ENTRIES} distinct keys into a budget of 256 MiB`, `${statistics?.entries} entries`)
  say('memory: resident memory for it', `${held.toFixed(0)} MiB, ${(held / 256).toFixed(2)} of the budget`)
  const newest = Array.from({ length: 10_000 }, (_unused, index) => keyOf(ENTRIES - 1 - index))
  await sayLooks('memory', level, newest)
  const startedMs = performance.now()
  for (let look = 0; look < 1_000_000; look += 1) level.get(newest[look % newest.length] ?? '')
  say('memory: looks in a second', `${((1_000_000 / (performance.now() - startedMs)) * 1000).toFixed(0)}`)
  await level.close()
}

async function disk(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'cache-bench-'))
  const settings = { path: join(folder, 'cache.sqlite'), maxBytes: 4096 * MEBIBYTE }
  // In a process that has ended: what filling it took is not counted.
  if (process.env['MODELROUTE_BENCH_FILL'] !== undefined) return fill(JSON.parse(process.env['MODELROUTE_BENCH_FILL']))
  const env = { ...process.env, MODELROUTE_BENCH_FILL: JSON.stringify(settings) }
  spawnSync(process.execPath, [import.meta.filename, 'disk', COUNT], { env, stdio: 'inherit' })
  say(`disk: file of ${ENTRIES} entries of 1 KiB`, `${(statSync(settings.path).size / MEBIBYTE).toFixed(0)} MiB`)
  // As in the image: the thread's sources would bring what reads TypeScript along.
  const threadUrl = pathToFileURL(join(dirname(await bundle('proxy', folder)), 'cache-disk.mjs'))
  const idle = await loopDelay(() => breathe(3000))
  const before = resident()
  const startedMs = performance.now()
  const level = new DiskLevel(settings, { ...deps, logger: { info() {}, warn() {} }, threadUrl })
  level.start()
  await level.flush()
  say('disk: opened, its thread started with it', `${(performance.now() - startedMs).toFixed(0)} ms`)
  say('disk: resident memory, file open', `+ ${((resident() - before) / MEBIBYTE).toFixed(0)} MiB`)
  const random = Array.from({ length: LOOKS }, () => keyOf(Math.floor(Math.random() * ENTRIES)))
  const busy = await loopDelay(async () => {
    await sayLooks('disk', level, random)
  })
  say(
    'disk: misses',
    await timed(
      random.map((key) => `A${key.slice(1)}`),
      level,
    ),
  )
  say(`disk: the same after ${2 * LOOKS} looks`, `+ ${((resident() - before) / MEBIBYTE).toFixed(0)} MiB`)
  say('disk: delay of the event loop p99, idle / under these looks', `${idle.toFixed(2)} / ${busy.toFixed(2)} ms`)
  await writing(level)
  await level.close()
  rmSync(folder, { recursive: true })
}

/** Looks go on while entries are written as fast as the queue takes them. */
async function writing(level: DiskLevel): Promise<void> {
  const facts = factsNow()
  const keys = Array.from({ length: 5000 }, (_unused, index) => keyOf(index * 7))
  let isWriting = true
  const writer = (async () => {
    for (let index = 0; isWriting; index += 1) {
      level.set(keyOf(ENTRIES + index), { facts, value: randomBytes(VALUE_BYTES) })
      await breathe(1)
    }
  })()
  say('disk: look while up to a thousand entries a second are written', await timed(keys, level))
  isWriting = false
  await writer
}

async function shared(): Promise<void> {
  if (!hasRedis) return
  const server = await startRedis()
  const { level, connection } = sharedLevel({ port: server.port, patience: 1, deps: { elapsedMs: deps.elapsedMs } })
  await connection.connect()
  const keys = Array.from({ length: 1000 }, (_unused, index) => keyOf(index))
  const facts = factsNow()
  for (const key of keys) {
    level.set(key, { facts, value: randomBytes(VALUE_BYTES) })
  }
  await level.flush()
  const client = createClient({ socket: { host: '127.0.0.1', port: server.port } })
  await client.connect()
  const pings = await spans(keys, async () => void (await client.ping()))
  say('shared: round trip to the server alone', quantiles(pings))
  await sayLooks('shared', level, keys)
  await client.close()
  await level.close()
  await server.stop()
}

function fill(settings: { readonly path: string; readonly maxBytes: number }): void {
  const file = new DiskFile(settings, { now: deps.now, onDropped() {}, onEvicted() {} })
  const facts = factsNow()
  const batch = 1000
  for (let start = 0; start < ENTRIES; start += batch) {
    const writes = Array.from({ length: batch }, (_unused, index) => ({
      key: keyOf(start + index),
      entry: { facts, value: randomBytes(VALUE_BYTES) },
    }))
    file.write(writes)
  }
  file.close()
}

async function sayLooks(name: string, level: CacheStore, keys: readonly CacheKey[]): Promise<void> {
  let hits = 0
  const took = await spans(keys, async (key) => {
    const found = level.get(key, null)
    if ((found instanceof Promise ? await found : found) !== null) hits += 1
  })
  say(`${name}: hit`, `${quantiles(took)} (${((hits / keys.length) * 100).toFixed(1)} % found)`)
}

async function timed(keys: readonly CacheKey[], level: CacheStore): Promise<string> {
  return quantiles(await spans(keys, async (key) => void (await level.get(key, null))))
}

async function spans(keys: readonly CacheKey[], look: (key: CacheKey) => Promise<void>): Promise<number[]> {
  const took: number[] = []
  for (const [index, key] of keys.entries()) {
    const startedMs = performance.now()
    await look(key)
    took.push(performance.now() - startedMs)
    if (index % 50 === 0) await breathe(0)
  }
  return took.toSorted((one, other) => one - other)
}

function quantiles(sorted: readonly number[]): string {
  const at = (share: number) => (sorted[Math.floor(sorted.length * share)] ?? Number.NaN).toFixed(3)
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`
}

async function loopDelay(work: () => Promise<void>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  await work()
  delay.disable()
  return delay.percentile(99) / 1e6
}

function breathe(delayMs: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, delayMs))
}

function resident(): number {
  globalThis.gc?.()
  return process.memoryUsage.rss()
}

function say(...cells: readonly string[]): void {
  console.log(`| ${cells.join(' | ')} |`)
}
