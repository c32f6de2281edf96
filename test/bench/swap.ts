// New tables under load: the proxy's table file is replaced again and again while calls run, each time pointing the
// plain route at the other provider. No call may be lost, and both providers must have been seen.
import { setTimeout as delay } from 'node:timers/promises'
import { loader } from './measure.ts'
import { benchTable, proxyEntry, startProxy, writeTable } from './subjects/modelroute.ts'
import type { ProxyProcess } from './subjects/modelroute.ts'
import type { Stage, Subject } from './subjects/subject.ts'
import { plainCall } from './workloads.ts'

const SWAPS = 10
const SWAP_EVERY_MS = 300
const SEEN_WITHIN_MS = 5_000

export interface Swap {
  readonly swaps: number
  readonly calls: number
  /** From the new file's appearance to the first answer of the provider that it names. */
  readonly slowestMs: number
}

export async function measureSwap(stage: Stage, otherPlainPort: number): Promise<Swap> {
  const proxy = await startProxy({ stage, entry: proxyEntry(), name: 'swap', nodeFlags: [] })
  const subject: Subject = {
    name: 'modelroute under table swaps',
    pid: proxy.launched.pid,
    endpoint: () => ({ port: proxy.port, path: '/openai/v1/chat/completions', headers: {} }),
    stop: proxy.stop,
    lastWords: proxy.launched.lastWords,
  }
  try {
    const load = loader(subject)({
      workload: plainCall(1024),
      connections: 16,
      durationMs: SWAPS * SWAP_EVERY_MS + SWAP_EVERY_MS,
    })
    const [calls, times] = await Promise.all([load, swapAgainAndAgain(proxy, stage, otherPlainPort)])
    return { swaps: times.length, calls: calls.answers, slowestMs: Math.max(...times) }
  } finally {
    await proxy.stop()
  }
}

async function swapAgainAndAgain(proxy: ProxyProcess, stage: Stage, otherPlainPort: number): Promise<number[]> {
  const times: number[] = []
  for (let ordinal = 0; ordinal < SWAPS; ordinal += 1) {
    await delay(SWAP_EVERY_MS)
    const port = ordinal % 2 === 0 ? otherPlainPort : stage.plainPort
    const writtenAt = performance.now()
    writeTable(proxy.tableFile, benchTable(stage, port))
    await untilAnsweredBy(proxy, port)
    times.push(performance.now() - writtenAt)
  }
  return times
}

async function untilAnsweredBy(proxy: ProxyProcess, port: number): Promise<void> {
  const deadline = performance.now() + SEEN_WITHIN_MS
  const { body } = plainCall(1024)
  while (performance.now() < deadline) {
    const answer = await fetch(`http://127.0.0.1:${proxy.port}/openai/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    await answer.arrayBuffer()
    if (answer.headers.get('x-bench-upstream') === String(port)) return
    await delay(5)
  }
  throw new Error(`a new table was not in force within ${SEEN_WITHIN_MS} ms`)
}
