// The bounds of what one replica holds, at their edge.
import { PassThrough } from 'node:stream'
import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { KeyStore, MAX_SECRETS_PER_NAMESPACE } from '../../../operator/push/keys.ts'
import { createPushMetrics } from '../../../operator/push/metrics.ts'
import { END_GRACE_MS } from '../../../operator/push/session.ts'
import { MAX_PROXIES_WITH_CALLS, MAX_SESSIONS, Sessions } from '../../../operator/push/sessions.ts'
import { Snapshots } from '../../../operator/push/snapshot.ts'
import { createLocalNamespaceKeys } from '../../../operator/redaction/root-key-keeper.ts'
import { MAX_REPLICAS, ReportTally } from '../../../operator/push/tally.ts'
import { waitUntil } from '../../support/kubernetes/wait-until.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { MemorySecrets, RecordingLogger, keyReference, makeIdentity } from '../../support/push-rig.ts'
import { useRigs } from '../../support/use-rigs.ts'

const { rigged, bare } = useRigs()

function holding() {
  const clock = new ManualClock()
  const logger = new RecordingLogger()
  const metrics = createPushMetrics(new Registry())
  const keys = new KeyStore({ secrets: new MemorySecrets(), clock, logger, metrics, onChange: () => {} })
  const sessions = new Sessions({
    snapshots: new Snapshots(),
    keys,
    namespaceKeys: createLocalNamespaceKeys(0),
    caPem: () => '',
    clock,
    random: () => 0.5,
    metrics,
    logger,
    onReport: () => {},
  })
  const open = (podUid: string) => {
    const stream = new PassThrough()
    sessions.add(makeIdentity(podUid), stream)
    return stream
  }
  return { clock, logger, keys, sessions, open }
}

test('a replica is full at its limit of streams and not before', () => {
  const { sessions, open } = holding()
  for (let index = 0; index < MAX_SESSIONS - 1; index++) open(`pod-${index}`)
  expect(sessions.isFull()).toBe(false)
  open('the last')
  expect(sessions.isFull()).toBe(true)
  sessions.endAll()
  expect(sessions.isFull()).toBe(false)
})

test('the calls of the oldest proxy make room for those of a newer one', async () => {
  const { sessions, open } = holding()
  const recent = [{ id: 'call', atMs: 1, route: null, target: null, model: null, status: 200, attempts: 1 }].map(
    (call) => ({ ...call, durationMs: 1, error: null }),
  )
  for (let index = 0; index <= MAX_PROXIES_WITH_CALLS; index++) {
    const stream = open(`pod-${index}`)
    const hello = { type: 'hello', schema: 1, capabilities: [], lastVersion: null }
    stream.write([hello, { type: 'seen', calls: 1, recent }].map((message) => `${JSON.stringify(message)}\n`).join(''))
  }
  const counts = () => sessions.proxies().map((proxy) => proxy.recent.length)
  await waitUntil('all have spoken', () => sessions.proxies().every(({ calls }) => calls === 1))
  expect(counts()[0]).toBe(0)
  expect(counts().filter((count) => count === 1)).toHaveLength(MAX_PROXIES_WITH_CALLS)
})

test('Secrets beyond the limit of a namespace are left out and told', () => {
  const { keys, logger } = holding()
  const references = Array.from({ length: MAX_SECRETS_PER_NAMESPACE + 1 }, (_, index) => keyReference(`key-${index}`))
  keys.follow('shop', references.slice(1))
  expect([keys.states('shop').size, logger.lines]).toEqual([MAX_SECRETS_PER_NAMESPACE, []])
  keys.follow('shop', references)
  expect(keys.states('shop').size).toBe(MAX_SECRETS_PER_NAMESPACE)
  expect(logger.lines.join()).toContain('more Secrets than are followed')
  keys.stop()
})

test('replicas beyond the limit are not taken', () => {
  const { sessions, clock } = holding()
  const tally = new ReportTally({
    sessions,
    clock,
    isLeader: () => true,
    replicas: 2,
    namespaces: () => [],
    onReports: () => {},
  })
  const taken = Array.from({ length: MAX_REPLICAS + 1 }, (_, index) =>
    tally.take(`replica-${index}`, { type: 'reports', sequence: 1, reports: [] }),
  )
  expect(taken.filter(Boolean)).toHaveLength(MAX_REPLICAS)
  expect(taken.at(-1)).toBe(false)
  expect(tally.take('replica-0', { type: 'unchanged', sequence: 1 })).toBe(true)
})

test('a proxy that never closes its half after the end is cut', async () => {
  const clock = new ManualClock()
  const rig = await rigged({ clock })
  const first = bare(rig).hello()
  await waitUntil('the hello was taken', () => first.messages.length > 0)
  bare(rig).hello()
  await first.ended
  let isClosed = false
  first.stream.once('close', () => (isClosed = true))
  clock.advance(END_GRACE_MS - 1)
  expect(isClosed).toBe(false)
  clock.advance(1)
  await waitUntil('the stream is cut', () => isClosed)
  expect(rig.push.proxies()).toHaveLength(1)
})
