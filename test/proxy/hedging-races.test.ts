// Everything at once: hundreds of calls over two targets that answer, fail, stay silent or break off at random moments,
// hedged after a few milliseconds, with callers that hang up and tables that are swapped meanwhile. Whatever the order
// in which it happens: one whole answer or one error a call, one report, no attempt too many, and nothing left open.
import { afterEach, beforeEach, expect, it } from 'vitest'
import { FAILOVER_CLASSES, type RoutingTable } from '../../proxy/table/schema.ts'
import { makeTable, startProxy, type ProxyRig } from '../support/proxy-rig.ts'
import {
  answers,
  breaksAfter,
  chunk,
  completion,
  DONE,
  resets,
  streams,
  Upstream,
  type Behaviour,
} from '../support/upstream.ts'

const CALLS = 150
const AT_ONCE = 25
const ATTEMPTS = 3
const HEDGE_AFTER_MS = 6
const MAX_DELAY_MS = 14
const FIRST_TOKEN_MS = 400

let first: Upstream
let second: Upstream
let rig: ProxyRig

beforeEach(async () => {
  first = await Upstream.start()
  second = await Upstream.start()
})

afterEach(async () => {
  await rig.stop()
  await first.stop()
  await second.stop()
})

/** A linear congruential generator (Numerical Recipes): the same numbers for the same seed. */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

const pick = <Item>(random: () => number, items: readonly Item[]): Item | undefined =>
  items[Math.floor(random() * items.length)]

const ROLE = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { role: 'assistant', content: '' } }] })}\n\n`
const FILTERED = `data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: 'content_filter' }] })}\n\n`
const inKind =
  (streamed: Behaviour, whole: Behaviour): Behaviour =>
  (response, request) =>
    (request.body.includes('"stream":true') ? streamed : whole)(response, request)

const good = inKind(streams(ROLE, chunk('whole '), chunk('answer'), DONE), answers(completion('whole answer')))
const filtered = { choices: [{ index: 0, message: { content: null }, finish_reason: 'content_filter' }] }
/** Most end before a first token; one after it. */
const moods: readonly Behaviour[] = [
  ...Array<Behaviour>(6).fill(good),
  resets,
  answers({ error: { message: 'busy', code: 'server_overloaded' } }, 503),
  answers({ error: { message: 'odd', type: 'invalid_request_error' } }, 400),
  inKind(streams(ROLE, FILTERED, DONE), answers(filtered)),
  inKind(breaksAfter(ROLE), resets),
  inKind(breaksAfter(chunk('whole ')), resets),
]

/** Now and then it says nothing for so long that only the timeout or a hedge ends it. */
function moody(random: () => number): Behaviour {
  return (response, request) => {
    const delayMs = random() < 0.03 ? 2 * FIRST_TOKEN_MS : random() * MAX_DELAY_MS
    const behaviour = pick(random, moods) ?? good
    setTimeout(() => response.destroyed || behaviour(response, request), delayMs)
  }
}

function tables(): readonly RoutingTable[] {
  const targets = { first: { url: first.url, model: 'first' }, second: { url: second.url, model: 'second' } }
  const failover = { attempts: ATTEMPTS, on: FAILOVER_CLASSES, hedgeAfterMs: HEDGE_AFTER_MS }
  const timeouts = { firstTokenMs: FIRST_TOKEN_MS, idleMs: FIRST_TOKEN_MS, totalMs: 5_000 }
  return [['first', { target: 'second', tier: 1 }], ['second', { target: 'first', tier: 1 }], ['first']].map(
    (backends) => makeTable({ targets, routes: [{ backends, failover, timeouts }] }),
  )
}

/** What the caller got: a whole answer, an error, or nothing because it went. */
async function call(random: () => number): Promise<string> {
  const isStreaming = random() < 0.6
  const leaving = new AbortController()
  if (random() < 0.25) setTimeout(() => leaving.abort(), random() * 2 * MAX_DELAY_MS)
  const body = JSON.stringify({ model: 'm', stream: isStreaming, messages: [] })
  try {
    const { signal } = leaving
    const response = await fetch(`${rig.url}/v1/chat/completions`, { method: 'POST', body, signal })
    return kindOf(await response.text())
  } catch (fault) {
    if (!leaving.signal.aborted) throw fault
    return 'gone'
  }
}

function kindOf(text: string): string {
  const said = [...text.matchAll(/"content":"([^"]+)"/g)].map(([, piece]) => piece).join('')
  const errors = text.split('"error":').length - 1
  if (errors === 1 && (said === '' || said === 'whole ')) return 'error'
  if (errors === 0 && said === 'whole answer') return 'answer'
  return text.includes('content_filter') && said === '' ? 'filtered' : `odd: ${text}`
}

it.each([1, 20_261_122, 4_242])('leave one outcome a call and nothing open (seed %i)', async (seed) => {
  const random = createRandom(seed)
  first.usual = moody(random)
  second.usual = moody(random)
  const choices = tables()
  rig = await startProxy({ table: choices[0] ?? null })
  const kinds: string[] = []
  let started = 0
  const work = async () => {
    while (started < CALLS) {
      started += 1
      const table = started % 20 === 0 ? pick(random, choices) : undefined
      if (table !== undefined) rig.tables.swap(table)
      kinds.push(await call(random))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  expect(kinds.filter((kind) => !['answer', 'error', 'filtered', 'gone'].includes(kind))).toEqual([])
  expect(kinds.filter((kind) => kind === 'answer').length).toBeGreaterThan(CALLS / 6)

  await rig.untilReported(rig.exchanges.length + rig.server.callsUnderWay())
  const attempts = rig.exchanges.map((exchange) => exchange.attempts)
  // A caller that goes before its request has come is no call; a repeat on a fresh connection is part of its attempt.
  expect(rig.exchanges.length).toBeLessThanOrEqual(CALLS)
  expect(rig.exchanges.length).toBeGreaterThan(CALLS * 0.9)
  expect(Math.max(...attempts.map((list) => list.length))).toBeLessThanOrEqual(2 * ATTEMPTS)
  const hedges = attempts.flat().filter(({ hedge }) => hedge !== undefined)
  expect(new Set(hedges.map(({ hedge }) => hedge))).toEqual(new Set(['won', 'lost']))
  for (const list of attempts) expect(list.filter(({ hedge }) => hedge === 'won').length).toBeLessThanOrEqual(1)
  const made = first.requests.length + second.requests.length
  expect(made).toBeLessThanOrEqual(attempts.flat().length)

  rig.connections.closeAll()
  await first.until(() => first.openConnections === 0)
  await second.until(() => second.openConnections === 0)
  expect([rig.server.callsUnderWay(), rig.connections.openCount()]).toEqual([0, 0])
})
