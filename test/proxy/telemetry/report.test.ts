// What a closed exchange leaves behind: counters, ring, line.
import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import type { Exchange } from '../../../proxy/exchange.ts'
import { MAX_RECENT_CALLS } from '../../../proxy/table/messages.ts'
import { CallLog } from '../../../proxy/telemetry/call-log.ts'
import { Durations } from '../../../proxy/telemetry/durations.ts'
import { createIds } from '../../../proxy/telemetry/ids.ts'
import { createMetrics } from '../../../proxy/telemetry/metrics.ts'
import { report } from '../../../proxy/telemetry/report.ts'
import { MAX_SERIES, Tally } from '../../../proxy/telemetry/tally.ts'

const exchange: Exchange = {
  id: 'abc-1',
  atMs: 1,
  operation: 'Chat',
  model: 'm',
  route: 'ns/chat/rule',
  targetId: 'b',
  attempts: [
    { targetId: 'a', outcome: '500', failureClass: 'Server', durationMs: 5 },
    { targetId: 'b', outcome: '200', failureClass: null, durationMs: 5 },
  ],
  isStreaming: false,
  tableVersion: null,
  status: 200,
  error: null,
  finish: null,
  firstByteMs: 20,
  durationMs: 40,
  requestBytes: 7,
  answerBytes: 8,
}

function reporting() {
  const registry = new Registry()
  const zero = () => 0
  const gauges = { connectionsOpen: zero, bodyBytesHeld: zero, callsUnderWay: zero, residentBytes: zero }
  const metrics = createMetrics(registry, { ...gauges, hasTable: () => true, targetStates: () => [] })
  const callLog = new CallLog()
  const written: Exchange[] = []
  const deps = { metrics, callLog, callLines: { write: (one: Exchange) => void written.push(one) } }
  return {
    registry,
    callLog,
    written,
    add: (changes: Partial<Exchange> = {}) => report({ ...exchange, ...changes }, deps),
  }
}

test('counts calls and attempts by names, and never resets between readings', async () => {
  const { registry, add, written } = reporting()
  add()
  add()
  add({ route: null, targetId: null, attempts: [], status: 404, error: 'no_route', firstByteMs: null })
  for (let reading = 0; reading < 2; reading += 1) {
    const text = await registry.metrics()
    expect(text).toContain('calls_total{operation="Chat",route="ns/chat/rule",status="200",error=""} 2')
    expect(text).toContain('calls_total{operation="Chat",route="",status="404",error="no_route"} 1')
    expect(text).toContain('attempts_total{target="a",outcome="500",class="Server"} 2')
    expect(text).toContain('attempts_total{target="b",outcome="200",class=""} 2')
    expect(text).toContain('call_duration_seconds_count{operation="Chat"} 3')
    expect(text).toContain('first_byte_seconds_bucket{le="0.025",target="b"} 2')
    expect(text).not.toContain('"m"')
  }
  expect(written).toHaveLength(3)
})

test('keeps the newest calls, newest first, and the number of all', () => {
  const { callLog, add } = reporting()
  expect([callLog.count(), callLog.recent()]).toEqual([0, []])
  for (let index = 0; index < MAX_RECENT_CALLS + 5; index += 1) add({ id: `id-${index}` })
  expect(callLog.count()).toBe(MAX_RECENT_CALLS + 5)
  const newest = Array.from({ length: MAX_RECENT_CALLS }, (_, age) => `id-${MAX_RECENT_CALLS + 4 - age}`)
  expect(callLog.recent().map(({ id }) => id)).toEqual(newest)
})

test('does not count a model list as a model call', () => {
  const { callLog, add } = reporting()
  add({ operation: 'Models' })
  expect(callLog.count()).toBe(0)
})

test('counts series beyond the bound together', async () => {
  const registry = new Registry()
  const tally = new Tally({ name: 'things', help: 'Things.', labels: ['a', 'b'] }, registry)
  for (let index = 0; index < MAX_SERIES + 3; index += 1) tally.add(`name-${index}`, 'x')
  tally.add('name-0', 'x')
  const text = await registry.metrics()
  expect(text).toContain('things{a="name-0",b="x"} 2')
  expect(text).toContain('things{a="(other)",b="(other)"} 3')
  expect(text.split('\n').filter((line) => line.startsWith('things{'))).toHaveLength(MAX_SERIES + 1)
})

test('names of calls differ, also between processes', () => {
  const first = createIds(() => 0.25)
  const second = createIds(() => 0.75)
  const ids = [first(), first(), second(), second()]
  expect(new Set(ids).size).toBe(4)
  for (const id of ids) expect(id).toMatch(/^[0-9a-z]{8}-[0-9a-z]+$/)
})

test('puts durations into the bucket whose bound they do not exceed, and counts what is above all bounds', async () => {
  const { registry, add } = reporting()
  for (const durationMs of [0, 5, 5.001, 600_000, 600_001]) add({ durationMs })
  const text = await registry.metrics()
  const counted = (bound: string) => `call_duration_seconds_bucket{le="${bound}",operation="Chat"}`
  for (const line of [
    `${counted('0.005')} 2`,
    `${counted('0.01')} 3`,
    `${counted('300')} 3`,
    `${counted('600')} 4`,
    `${counted('+Inf')} 5`,
    'call_duration_seconds_count{operation="Chat"} 5',
    'call_duration_seconds_sum{operation="Chat"} 1200.011',
    '# TYPE modelroute_proxy_call_duration_seconds histogram',
  ]) {
    expect(text).toContain(line)
  }
})

test('keeps durations of a bounded number of labels', async () => {
  const registry = new Registry()
  const durations = new Durations({ name: 'd', help: 'h', label: 'l' }, registry)
  for (let index = 0; index < MAX_SERIES + 5; index += 1) durations.observe(`label-${index}`, 1)
  const text = await registry.metrics()
  expect(text.match(/^d_count/gm)).toHaveLength(MAX_SERIES + 1)
  expect(text).toContain('d_count{l="(other)"} 5')
})
