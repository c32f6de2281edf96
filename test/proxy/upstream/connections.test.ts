// Connections to providers: used again, bounded, forgotten when they close.
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  Connections,
  KEEP_ALIVE_MARGIN_MS,
  KEEP_ALIVE_MS,
  MAX_CONNECTIONS_PER_ORIGIN,
} from '../../../proxy/upstream/connections.ts'
import { systemTimers } from '../../../proxy/upstream/timers.ts'
import { isReset, reasonOf } from '../../../proxy/upstream/wire-errors.ts'
import { makeTable, startProxy } from '../../support/proxy-rig.ts'
import { Upstream } from '../../support/upstream.ts'

const systemDeps = { timers: systemTimers, now: () => Date.now() }

let upstream: Upstream
beforeEach(async () => {
  upstream = await Upstream.start()
})
afterEach(() => upstream.stop())

test('takes at most its bound for one origin, and again when one is dropped', () => {
  const connections = new Connections(systemDeps)
  const taken = Array.from({ length: MAX_CONNECTIONS_PER_ORIGIN }, () => connections.take('http://a.test', false))
  expect(taken).not.toContain(null)
  expect(connections.take('http://a.test', false)).toBeNull()
  expect(connections.take('http://b.test', false)).not.toBeNull()
  const [first] = taken
  if (!first) throw new Error('none was taken')
  connections.drop(first, new Error('test'))
  connections.drop(first, new Error('twice counts once'))
  expect(connections.openCount()).toBe(MAX_CONNECTIONS_PER_ORIGIN)
  expect(connections.take('http://a.test', false)).not.toBeNull()
  expect(connections.take('http://a.test', false)).toBeNull()
})

test('gives the connection used last, and a new one when asked for a fresh one', () => {
  const connections = new Connections(systemDeps)
  const [a, b] = [connections.take('http://a.test', false), connections.take('http://a.test', false)]
  if (a === null || b === null) throw new Error('none was taken')
  connections.release(a)
  connections.release(b)
  expect([a.served, b.served]).toEqual([1, 1])
  const fresh = connections.take('http://a.test', true)
  expect([a, b]).not.toContain(fresh)
  expect(connections.take('http://a.test', false)).toBe(b)
  expect(connections.take('http://a.test', false)).toBe(a)
})

test('are kept between calls and forgotten when the provider closes them', async () => {
  const table = makeTable({ targets: { a: { url: upstream.url } }, routes: [{ backends: ['a'] }] })
  const rig = await startProxy({ table })
  const ask = async () =>
    (await fetch(`${rig.url}/v1/chat/completions`, { method: 'POST', body: '{"model":"m"}' })).text()
  for (let count = 0; count < 5; count += 1) await ask()
  expect([upstream.totalConnections, rig.connections.openCount()]).toEqual([1, 1])
  upstream.breakConnections()
  await upstream.until(() => upstream.openConnections === 0)
  await ask()
  expect(upstream.totalConnections).toBe(2)
  expect(rig.connections.openCount()).toBe(1)
  await rig.stop()
})

/** One call to a provider that says what its keep-alive is, then the time that is given here. */
async function idleFor(idleMs: number, keepAlive: string): Promise<{ isReused: boolean; openAfterSweep: number }> {
  let nowMs = 1_000
  const sweeps: (() => void)[] = []
  const timers = { start: (_: number, run: () => void) => (sweeps.push(run), { refresh() {}, close() {} }) }
  const connections = new Connections({ timers, now: () => nowMs })
  upstream.script.push((response) => response.writeHead(204, { 'keep-alive': keepAlive }).end())
  const first = connections.take(upstream.url, false)
  if (first === null) throw new Error('none was taken')
  await new Promise<void>((resolve, reject) =>
    first.client.dispatch(
      { path: '/', method: 'GET', headers: [] },
      { onResponseEnd: () => resolve(), onResponseError: (_, error) => reject(error) },
    ),
  )
  connections.release(first)
  nowMs += idleMs
  sweeps.shift()?.()
  const openAfterSweep = connections.openCount()
  const second = connections.take(upstream.url, false)
  connections.closeAll()
  if (second !== null) connections.drop(second, new Error('the test has ended'))
  return { isReused: first === second, openAfterSweep }
}

test.each([
  ['just before its time is up', KEEP_ALIVE_MS - 1, 'max=100', true],
  ['when its time is up', KEEP_ALIVE_MS, 'max=100', false],
  ['shortly before the provider closes it', 5_000 - KEEP_ALIVE_MARGIN_MS, 'timeout=5', false],
  ['while the provider keeps it', 5_000 - KEEP_ALIVE_MARGIN_MS - 1, 'timeout=5', true],
  ['that the provider hardly keeps', 0, 'timeout=2', false],
  ['that the provider keeps for long, when our own time is up', KEEP_ALIVE_MS, 'timeout=600', false],
])('an idle connection %s', async (_, idleMs, keepAlive, isReused) => {
  expect(await idleFor(idleMs, keepAlive)).toEqual({ isReused, openAfterSweep: isReused ? 1 : 0 })
})

test('an idle connection that no sweep has found yet is not used when its time is up', async () => {
  let nowMs = 1_000
  const timers = { start: () => ({ refresh() {}, close() {} }) }
  const connections = new Connections({ timers, now: () => nowMs })
  const [a, b] = [connections.take(upstream.url, true), connections.take(upstream.url, true)]
  if (a === null || b === null) throw new Error('none was taken')
  connections.release(a)
  connections.release(b)
  nowMs += KEEP_ALIVE_MS
  expect([a, b]).not.toContain(connections.take(upstream.url, false))
  expect(connections.openCount()).toBe(2)
})

test.each([
  ['ECONNREFUSED', 'the connection was refused', false],
  ['ECONNRESET', 'the connection was reset', true],
  ['UND_ERR_SOCKET', 'the connection was closed', true],
  ['EPIPE', 'the connection was closed while sending', true],
  ['HPE_INVALID_CONSTANT', 'its answer is not valid HTTP', false],
  ['CERT_HAS_EXPIRED', 'its certificate has expired', false],
  ['ESOMETHING', 'the connection failed (ESOMETHING)', false],
  [undefined, 'the connection failed', false],
])('error %s is said as "%s"', (...[code, words, isStale]) => {
  const error = Object.assign(new Error('10.1.2.3:443 secret'), code === undefined ? {} : { code })
  expect([reasonOf(error), isReset(error)]).toEqual([words, isStale])
})

test('an error of several addresses is said as the first of them', () => {
  const refused = Object.assign(new Error('x'), { code: 'ECONNREFUSED' })
  expect(reasonOf(new AggregateError([refused, new Error('y')]))).toBe('the connection was refused')
})
