// The soak of hang-ups: 10^5 aborted streams over four phases against the real proxy in a process of its own. Prints
// what the proxy holds before, after each phase and at the end, and how fast the provider's work ended, as Markdown.
//
//   node test/soak/main.ts [--streams 100000] [--at-once 64]
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { makeTable } from '../support/proxy-rig.ts'
import { abortMany, EndlessProvider, percentile, PHASES, type Phase } from './aborts.ts'
import { startProxyProcess, type ProxyProcess, type Reading } from './proxy-process.ts'

const { values } = parseArgs({
  options: { streams: { type: 'string', default: '100000' }, 'at-once': { type: 'string', default: '64' } },
})
const MAX_LOOKS = 100
const LOOK_EVERY_MS = 50
await soak(Number(values.streams), Number(values['at-once']))

async function soak(streams: number, atOnce: number): Promise<void> {
  const provider = await EndlessProvider.start()
  const table = makeTable({ targets: { a: { url: provider.url } }, routes: [{ backends: ['a'] }] })
  const proxy = await startProxyProcess(table)
  const perPhase = Math.floor(streams / PHASES.length)
  const run = (phase: Phase, count: number) =>
    abortMany({ provider, proxyPort: proxy.port, phase, streams: count, atOnce })
  // What a process takes once (code, buffers) is no growth.
  let calls = 0
  for (const phase of PHASES) {
    const count = Math.min(1000, perPhase)
    await run(phase, count)
    calls += count
  }
  print(['after', 'RSS MB', 'files', 'sockets', 'calls', 'to providers', 'bytes held', 'p50 ms', 'p99 ms', 'max ms'])
  print(Array.from({ length: 10 }, () => '---'))
  print(['warm-up', ...cells(await settled(proxy, calls)), '', '', ''])
  for (const phase of PHASES) {
    const tookMs = await run(phase, perPhase)
    calls += perPhase
    const times = [0.5, 0.99, 1].map((share) => percentile(tookMs, share).toFixed(1))
    print([`${perPhase} ${phase}`, ...cells(await settled(proxy, calls)), ...times])
  }
  process.stdout.write(`\nCalls by error: ${JSON.stringify(Object.fromEntries(await proxy.calls()))}\n`)
  await proxy.stop()
  await provider.stop()
}

/** When so many calls have been reported, and a moment later; or after a while in which they should have been. */
async function settled(proxy: ProxyProcess, calls: number): Promise<Reading> {
  for (let looks = 0; looks < MAX_LOOKS; looks += 1) {
    const reported = [...(await proxy.calls()).values()].reduce((sum, count) => sum + count, 0)
    if (reported >= calls) break
    await delay(LOOK_EVERY_MS)
  }
  return proxy.read()
}

function cells({ residentMb, files, sockets, callsUnderWay, connectionsOpen, bodyBytesHeld }: Reading): string[] {
  return [residentMb.toFixed(0), files, sockets, callsUnderWay, connectionsOpen, bodyBytesHeld].map(String)
}

function print(row: readonly string[]): void {
  process.stdout.write(`| ${row.join(' | ')} |\n`)
}
