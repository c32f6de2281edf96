// A cache that breaks costs its saving and never the call: stores that throw, reject or hold what nobody has written, and
// rules whose calls go on as if there were none.
import { expect, test } from 'vitest'
import { AskedAnew } from '../../../proxy/cache/asked-anew.ts'
import type { Asking } from '../../../proxy/cache/asking.ts'
import { CachingOnDemand } from '../../../proxy/cache/caching-on-demand.ts'
import { Caching } from '../../../proxy/cache/caching.ts'
import { Entries } from '../../../proxy/cache/entries.ts'
import { encodeEntry } from '../../../proxy/cache/entry.ts'
import { RecordingBudget } from '../../../proxy/cache/flight/recording-budget.ts'
import { SingleFlight } from '../../../proxy/cache/flight/single-flight.ts'
import type { CacheStore, FoundEntry } from '../../../proxy/cache/store.ts'
import type { Answered } from '../../../proxy/exchange.ts'
import { systemTimers } from '../../../proxy/upstream/timers.ts'
import { makeTable } from '../../support/proxy-rig.ts'
import { callOf } from './keyed.ts'

const ANSWERED: Answered = {
  kind: 'answered',
  status: 200,
  failureClass: null,
  retryAfterMs: null,
  headers: { 'content-type': 'application/json' },
  body: Buffer.from('{"answer":1}'),
  isEventStream: false,
  finish: { reason: 'stop' },
}

const WORKING: CacheStore = {
  get: () => null,
  set: () => {},
  delete: () => {},
  purge: () => Promise.resolve(0),
  statistics: () => Promise.resolve([]),
  flush: () => Promise.resolve(),
  close: () => Promise.resolve(),
}

function sceneOf(store: Partial<CacheStore>) {
  const faults: object[] = []
  const parts = {
    store: { ...WORKING, ...store },
    names: { pod: null, workload: null },
    now: () => 1000,
    timers: systemTimers,
    logger: { error: (fields: object) => void faults.push(fields) },
    report: () => {},
  }
  const entries = new Entries(parts)
  const flights = new SingleFlight<readonly string[]>({ timers: systemTimers, budget: new RecordingBudget() })
  const asked = new AskedAnew({ ...parts, locks: null, entries, flights, newToken: () => 'token' })
  return { caching: new Caching({ ...parts, entries, asked }), faults }
}

function asking(): Asking {
  const targets = { a: { url: 'http://127.0.0.1:1' } }
  const table = makeTable({ targets, routes: [{ backends: ['a'], cache: { staleIfErrorMs: 1000 } }] })
  const [route] = table.routes
  if (route?.cache === undefined) throw new Error('the table has no rule with a cache')
  const call = callOf({ body: '{"model":"m","temperature":0,"messages":[]}' })
  return {
    masked: { kind: 'masked', routed: { kind: 'routed', call, route }, report: null, restoration: null },
    rule: route.cache,
    table,
    rawHeaders: [],
    lead: () => Promise.resolve({ attempt: null, records: [], result: ANSWERED }),
  }
}

const broken = (): never => {
  throw new Error('broken, with a secret in it')
}
const good = encodeEntry({ answered: ANSWERED, body: Buffer.from('{"answer":2}'), slots: [], targetId: 'gone' })
const facts = { storedAtMs: 900, freshUntilMs: 2000, staleUntilMs: 2000, route: 'r', scope: 'pod' }
const found = (value: Buffer, more: Partial<typeof facts> = {}): FoundEntry => {
  return { facts: { ...facts, ...more }, value, level: 'disk' }
}
const slotted = encodeEntry({ answered: ANSWERED, body: Buffer.from('{}'), slots: ['XREF_A_0'], targetId: null })
const patched = (from: string, to: string) => Buffer.from(good.toString('latin1').replace(from, to), 'latin1')

test.each<[what: string, store: Partial<CacheStore>, faults: number]>([
  ['that throws when it is asked', { get: broken }, 1],
  ['that rejects', { get: () => Promise.reject(new Error('broken')) }, 1],
  ['that throws when it is given something', { set: broken }, 1],
  ['that throws when it should forget something', { get: () => found(Buffer.alloc(2)), delete: broken }, 1],
  ['that holds nothing but zeros', { get: () => found(Buffer.alloc(64)) }, 0],
  ['whose entry was cut', { get: () => found(good.subarray(0, 20)) }, 0],
  ['whose entry says a longer head than it has', { get: () => found(patched('\0\0', '\x7f\0')) }, 0],
  ['whose entry is of another version', { get: () => found(patched('{"v":1', '{"v":9')) }, 0],
  ['whose entry has a head of another form', { get: () => found(patched('"slots":[]', '"slots":{}')) }, 0],
  ['whose entry has other slots than the call', { get: () => found(slotted) }, 0],
  ['whose entry is too old for the rule', { get: () => found(good, { freshUntilMs: 901, storedAtMs: -9e9 }) }, 0],
])('a store %s leaves the call as it is', async (_, store, count) => {
  const { caching, faults } = sceneOf(store)
  const { result, cache } = await caching.serve(asking())
  expect(cache?.outcome).toBe('miss')
  expect(result).toMatchObject({ kind: 'forCaller', body: ANSWERED.body })
  expect(faults).toHaveLength(count)
  expect(JSON.stringify(faults)).not.toContain('secret')
})

test('an entry of a target that is no more is served, and says nothing of money', async () => {
  const { caching } = sceneOf({ get: () => found(good) })
  const { result, cache } = await caching.serve(asking())
  expect(cache).toMatchObject({ outcome: 'hit', level: 'disk', ageMs: 100, saved: null })
  expect(result).toMatchObject({ body: Buffer.from('{"answer":2}') })
})

test('a cache that cannot be loaded is none, and is said once', async () => {
  const lines: string[] = []
  const load = () => Promise.reject(new Error('no such module'))
  const caching = new CachingOnDemand({ load, logger: { error: (_: object, text: string) => void lines.push(text) } })
  expect(await caching.serve(asking())).toBeNull()
  expect(await caching.serve(asking())).toBeNull()
  expect(lines).toEqual(['the cache cannot be loaded'])
})
