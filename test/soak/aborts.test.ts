// The soak of hang-ups in its small form: some hundreds in each phase against the proxy in a process of its own. What
// it holds afterwards is what it held before.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeTable } from '../support/proxy-rig.ts'
import { abortMany, EndlessProvider, percentile, PHASES } from './aborts.ts'
import { startProxyProcess, type ProxyProcess, type Reading } from './proxy-process.ts'

const STREAMS = 300
const WARM_UP = 100
const AT_ONCE = 10
/** On a machine that is busy with other tests; hang-up.test.ts has the real limit of each call. */
const CANCEL_LIMIT_MS = 250
/** The one over which the proxy is asked may still be closing. */
const OWN_CONNECTIONS = 1
/** Garbage that has not been collected yet; a leak of a whole call each would be more in the long soak. */
const GROWTH_LIMIT_MB = 40

let provider: EndlessProvider
let proxy: ProxyProcess
let calls = 0

beforeAll(async () => {
  provider = await EndlessProvider.start()
  proxy = await startProxyProcess(makeTable({ targets: { a: { url: provider.url } }, routes: [{ backends: ['a'] }] }))
})

afterAll(async () => {
  await proxy.stop()
  await provider.stop()
})

/** Hang-ups that the system has not handed on yet are waited for. */
async function whenReported(): Promise<Reading> {
  const reported = async () => Object.fromEntries(await proxy.calls())
  await expect.poll(reported, { timeout: 10_000 }).toEqual({ caller_gone: calls })
  return proxy.read()
}

it.each(PHASES)('%s: hundreds of hang-ups leave nothing behind', async (phase) => {
  const run = (streams: number) => {
    calls += streams
    return abortMany({ provider, proxyPort: proxy.port, phase, streams, atOnce: AT_ONCE })
  }
  const requestsBefore = provider.requests
  await run(WARM_UP)
  const before = await whenReported()
  const tookMs = await run(STREAMS)
  const after = await whenReported()
  expect(after.files - before.files).toBeLessThanOrEqual(OWN_CONNECTIONS)
  expect(after.sockets - before.sockets).toBeLessThanOrEqual(OWN_CONNECTIONS)
  expect(after).toMatchObject({ callsUnderWay: 0, connectionsOpen: 0, bodyBytesHeld: 0 })
  expect(after.residentMb - before.residentMb).toBeLessThan(GROWTH_LIMIT_MB)
  expect(percentile(tookMs, 0.5)).toBeLessThan(CANCEL_LIMIT_MS)
  expect(await provider.openConnections()).toBe(0)
  expect(provider.requests - requestsBefore).toBe(phase === 'uploading' ? 0 : WARM_UP + STREAMS)
})
