// A second target asked because the first stays silent: whose answer the caller gets, what becomes of the loser, and
// what it may cost. Through the front door, with real sockets on both sides.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import { FAILOVER_CLASSES } from '../../proxy/table/schema.ts'
import { EXTRA_RESERVE } from '../../proxy/upstream/budget.ts'
import { MAX_PREAMBLE_MS } from '../../proxy/upstream/preamble.ts'
import { systemTimers, type Timers } from '../../proxy/upstream/timers.ts'
import { makeTable, startProxy, type ProxyRig, type RouteSpec, type TargetSpec } from '../support/proxy-rig.ts'
import {
  answers,
  breaksAfter,
  chunk,
  echoesModel,
  hangsAfter,
  neverAnswers,
  resets,
  streams,
  Upstream,
  type Behaviour,
} from '../support/upstream.ts'

const HEDGE_AFTER_MS = 40
const CANCEL_LIMIT_MS = 50

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

interface Scene {
  readonly backends?: RouteSpec['backends']
  readonly failover?: RouteSpec['failover']
  readonly timeouts?: RouteSpec['timeouts']
  readonly health?: NonNullable<TargetSpec['health']>
}

function tableOf({ backends = ['first', { target: 'second', tier: 1 }], failover, timeouts = {}, health }: Scene) {
  const targets = {
    first: { url: first.url, model: 'first', ...(health && { health }) },
    second: { url: second.url, model: 'second' },
    third: { url: first.url, model: 'third' },
  }
  const rules = { attempts: 3, on: FAILOVER_CLASSES, hedgeAfterMs: HEDGE_AFTER_MS, ...failover }
  return makeTable({ targets, routes: [{ backends, timeouts, failover: rules }] })
}

async function start(scene: Scene = {}): Promise<void> {
  rig = await startProxy({ table: tableOf(scene) })
}

const bodyOf = (isStreaming: boolean) => JSON.stringify({ model: 'm', stream: isStreaming, messages: [] })

async function ask(isStreaming: boolean, headers: Record<string, string> = {}): Promise<string> {
  const response = await fetch(`${rig.url}/v1/chat/completions`, { method: 'POST', body: bodyOf(isStreaming), headers })
  const text = await response.text()
  const pieces = [...text.matchAll(/"content":"([^"]*)"/g)].map(([, piece]) => piece).join('')
  return response.ok && pieces !== '' ? pieces : `${response.status} ${text}`
}

/** Answers as the upstream usually does, but only when it is told to. */
function held() {
  const release = Promise.withResolvers<void>()
  const behaviour: Behaviour = (response, request) => void release.promise.then(() => echoesModel(response, request))
  return { behaviour, release: release.resolve }
}

/** A provider that takes its time. */
const slowly: Behaviour = (response, request) => {
  setTimeout(() => echoesModel(response, request), 4 * HEDGE_AFTER_MS)
}

const ROLE = `data: ${JSON.stringify({ id: 'c', choices: [{ index: 0, delta: { role: 'assistant', content: '' } }] })}\n\n`
const both = [
  ['streamed', true],
  ['not streamed', false],
] as const

const metrics = async () => (await fetch(`${rig.adminUrl}/metrics`)).text()
const asked = () => [first.requests.length, second.requests.length]

describe('a target that stays silent', () => {
  const silences: readonly (readonly [string, boolean, Behaviour])[] = [
    ['without headers, streamed', true, neverAnswers],
    ['after its headers', true, hangsAfter()],
    ['after a preamble', true, hangsAfter(ROLE)],
    ['without headers, not streamed', false, neverAnswers],
    ['in the middle of a whole answer', false, (response) => void response.writeHead(200).write('{"id":')],
  ]

  // On a machine that is busy with other tests the 50 ms may be missed once.
  it.each(silences)(
    '%s loses to the second one and is cancelled at once',
    { retry: 2 },
    async (_, isStreaming, silence) => {
      await start()
      first.usual = silence
      const sent = performance.now()
      const answer = ask(isStreaming)
      await second.until(() => second.requests.length === 1)
      expect(performance.now() - sent).toBeGreaterThanOrEqual(HEDGE_AFTER_MS - 2)
      expect(await answer).toBe('from second')
      const answered = performance.now()
      await first.until(() => first.openConnections === 0)
      expect(performance.now() - answered).toBeLessThan(CANCEL_LIMIT_MS)
      await rig.untilReported(1)
      expect(rig.exchanges[0]).toMatchObject({
        status: 200,
        error: null,
        targetId: 'second',
        attempts: [
          { targetId: 'first', outcome: 'cancelled', failureClass: null },
          { targetId: 'second', outcome: '200', failureClass: null, hedge: 'won' },
        ],
      })
      expect(rig.exchanges[0]?.attempts[0]).not.toHaveProperty('hedge')
      expect(await metrics()).toContain('modelroute_proxy_hedges_total{target="second",result="won"} 1')
      expect(asked()).toEqual([1, 1])
    },
  )

  it.each(both)('and answers first all the same wins, and the second one is cancelled: %s', async (_, isStreaming) => {
    await start()
    const { behaviour, release } = held()
    first.usual = behaviour
    second.usual = neverAnswers
    const answer = ask(isStreaming)
    await second.until(() => second.requests.length === 1)
    release()
    expect(await answer).toBe('from first')
    await second.until(() => second.openConnections === 0)
    await rig.untilReported(1)
    expect(rig.exchanges[0]?.attempts).toMatchObject([
      { targetId: 'first', outcome: '200' },
      { targetId: 'second', outcome: 'cancelled', failureClass: null, hedge: 'lost' },
    ])
    expect(await metrics()).toContain('modelroute_proxy_hedges_total{target="second",result="lost"} 1')
  })

  test('is asked once more itself where the rule has no other', async () => {
    await start({ backends: ['first'] })
    first.script.push(neverAnswers)
    expect(await ask(true)).toBe('from first')
    expect(asked()).toEqual([2, 0])
    await rig.untilReported(1)
    expect(rig.exchanges[0]?.attempts).toMatchObject([{ outcome: 'cancelled' }, { targetId: 'first', hedge: 'won' }])
  })

  test('is asked once more itself where the next target is not well', async () => {
    await start()
    const pauses: Behaviour = (response) => {
      response.writeHead(429, { 'retry-after': '600' })
      response.end('{}')
    }
    first.script.push(resets)
    second.script.push(pauses)
    await ask(false)
    first.script.push(neverAnswers)
    const before = asked()
    expect(await ask(true)).toBe('from first')
    expect(asked()).toEqual([(before[0] ?? 0) + 2, before[1]])
  })

  test('after a preamble that has waited for long is silent all the same', async () => {
    const timers: Timers = {
      start: (delayMs, run) => systemTimers.start(delayMs === MAX_PREAMBLE_MS ? HEDGE_AFTER_MS / 4 : delayMs, run),
    }
    rig = await startProxy({ table: tableOf({}), timers })
    first.usual = hangsAfter(ROLE)
    expect(await ask(true)).toBe('from second')
    expect(asked()).toEqual([1, 1])
  })

  test('again and again is asked last, so that no call pays for the wait any more', async () => {
    await start({ health: { failuresToEject: 1, ejectForMs: 60_000 } })
    first.usual = neverAnswers
    const answered = [await ask(true), await ask(true), await ask(true), await ask(true)]
    expect(answered).toEqual(Array(4).fill('from second'))
    expect(asked()).toEqual([2, 4])
    expect(await metrics()).toContain('modelroute_proxy_ejections_total{target="first",reason="silence"} 1')
  })

  test('is one of at most two that are asked at the same time', async () => {
    await start({ backends: ['first', { target: 'second', tier: 1 }, { target: 'third', tier: 2 }] })
    first.usual = slowly
    second.usual = neverAnswers
    expect(await ask(false)).toBe('from first')
    expect(asked()).toEqual([1, 1])
  })
})

describe('no second target is asked', () => {
  it.each(both)('when the first one answers in time: %s', async (_, isStreaming) => {
    await start({ failover: { hedgeAfterMs: 5_000 } })
    expect(await ask(isStreaming)).toBe('from first')
    await rig.untilReported(1)
    expect(rig.exchanges[0]?.attempts).toMatchObject([{ targetId: 'first', outcome: '200' }])
    expect(asked()).toEqual([1, 0])
  })

  test('when the stream has begun, however slow it is', async () => {
    await start({ timeouts: { idleMs: 4 * HEDGE_AFTER_MS } })
    first.usual = hangsAfter(chunk('some'))
    expect(await ask(true)).toBe('some')
    expect(asked()).toEqual([1, 0])
  })

  const tight: readonly (readonly [string, Scene, Record<string, string>])[] = [
    ["the caller's library hangs up within a second", {}, { 'x-stainless-timeout': '1' }],
    ['the rule ends the call within a second', { timeouts: { totalMs: 900 } }, {}],
    ['the rule allows no more attempts', { failover: { attempts: 1 } }, {}],
  ]
  it.each(tight)('when %s', async (_, scene, headers) => {
    await start(scene)
    first.usual = slowly
    expect(await ask(true, headers)).toBe('from first')
    expect(asked()).toEqual([1, 0])
  })

  test('when the budget of extra calls is spent: of many silent calls only the reserve is hedged', async () => {
    await start()
    first.usual = slowly
    second.usual = neverAnswers
    const calls = await Promise.all(Array.from({ length: 4 }, () => ask(true)))
    expect(calls).toEqual(Array.from({ length: 4 }, () => 'from first'))
    expect(asked()).toEqual([4, EXTRA_RESERVE])
  })
})

/** Failures of the second target while the first is silent, and the other way round. */
const failures: readonly (readonly [string, Behaviour])[] = [
  ['a faulty request', answers({ error: { message: 'odd', type: 'invalid_request_error' } }, 400)],
  ['a reset', resets],
  ['an overload', answers({ error: { message: 'busy', code: 'server_overloaded' } }, 503)],
  ['a rate limit', answers({ error: { message: 'slow', code: 'rate_limit_exceeded' } }, 429)],
  ['a refused key', answers({ error: { message: 'who', code: 'invalid_api_key' } }, 401)],
  ['an error after a preamble', streams(ROLE, 'data: {"error":{"message":"busy","code":503}}\n\n')],
  ['a break after a preamble', breaksAfter(ROLE)],
]

describe.each(both)('while two are asked, %s', (_, isStreaming) => {
  it.each(failures)('%s of the second costs the call nothing, listed or not', async (_name, failure) => {
    await start({ failover: { on: ['Connect'] } })
    const { behaviour, release } = held()
    first.script.push(behaviour)
    second.usual = failure
    const answer = ask(isStreaming)
    await second.until(() => second.requests.length === 1)
    release()
    expect(await answer).toBe('from first')
    expect(asked()).toEqual([1, 1])
  })

  it.each(failures)('%s of the first is made good by the second, and no third is asked', async (_name, failure) => {
    await start({ backends: ['first', { target: 'second', tier: 1 }, { target: 'third', tier: 2 }] })
    const { behaviour, release } = held()
    const late = Promise.withResolvers<void>()
    first.usual = (response, request) => void late.promise.then(() => failure(response, request))
    second.usual = behaviour
    const answer = ask(isStreaming)
    await second.until(() => second.requests.length === 1)
    late.resolve()
    await first.until(() => first.requests.length === 1)
    release()
    expect(await answer).toBe('from second')
    expect(asked()).toEqual([1, 1])
  })
})

test("when both fail, the provider's own answer is told before a failure of ours", async () => {
  await start({ failover: { attempts: 2, on: ['Reset'] } })
  const late = Promise.withResolvers<void>()
  const odd = answers({ error: { message: 'odd', type: 'invalid_request_error' } }, 400)
  first.usual = (response, request) => void late.promise.then(() => odd(response, request))
  second.usual = (response, request) => {
    late.resolve()
    setTimeout(() => resets(response, request), HEDGE_AFTER_MS)
  }
  expect(await ask(false)).toContain('400')
  await rig.untilReported(1)
  expect(rig.exchanges[0]).toMatchObject({ status: 400, targetId: 'first' })
  expect(asked()).toEqual([1, 1])
})

test('when both fail, the next target is asked', async () => {
  await start({ backends: ['first', { target: 'second', tier: 1 }, { target: 'third', tier: 2 }] })
  const late = Promise.withResolvers<void>()
  first.script.push((response) => void late.promise.then(() => response.socket?.destroy()))
  second.usual = resets
  const answer = ask(false)
  await second.until(() => second.requests.length === 1)
  late.resolve()
  expect(await answer).toBe('from third')
  await rig.untilReported(1)
  expect(rig.exchanges[0]?.attempts).toMatchObject([
    { targetId: 'first', failureClass: 'Reset' },
    { targetId: 'second', failureClass: 'Reset', hedge: 'lost' },
    { targetId: 'third', outcome: '200' },
  ])
})

test('a table that comes meanwhile changes nothing for a call that two are asked for', async () => {
  await start()
  first.usual = neverAnswers
  const { behaviour, release } = held()
  second.usual = behaviour
  const answer = ask(true)
  await second.until(() => second.requests.length === 1)
  rig.tables.swap(tableOf({ backends: ['first'], failover: { attempts: 1 } }))
  release()
  expect(await answer).toBe('from second')
})

describe('a caller that hangs up', { retry: 2 }, () => {
  async function open(isStreaming: boolean): Promise<Socket> {
    const socket = connect(rig.port, '127.0.0.1')
    socket.on('error', () => socket.destroy())
    await once(socket, 'connect')
    const body = bodyOf(isStreaming)
    socket.write(`POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
    return socket
  }

  async function leave(socket: Socket): Promise<void> {
    const leftMs = performance.now()
    socket.destroy()
    await first.until(() => first.openConnections === 0)
    await second.until(() => second.openConnections === 0)
    expect(performance.now() - leftMs).toBeLessThan(CANCEL_LIMIT_MS)
    await rig.untilReported(1)
    expect(rig.exchanges[0]).toMatchObject({ error: 'caller_gone', status: 499 })
    expect([rig.server.callsUnderWay(), rig.connections.openCount()]).toEqual([0, 0])
  }

  it.each(both)('while two are asked cancels both: %s', async (_, isStreaming) => {
    await start()
    first.usual = neverAnswers
    second.usual = neverAnswers
    const socket = await open(isStreaming)
    await second.until(() => second.requests.length === 1)
    await leave(socket)
    expect(rig.exchanges[0]?.attempts).toMatchObject([
      { outcome: 'cancelled' },
      { outcome: 'cancelled', hedge: 'lost' },
    ])
  })

  test("in the middle of the winner's stream cancels it", async () => {
    await start()
    first.usual = neverAnswers
    second.usual = hangsAfter(chunk('some'))
    const socket = await open(true)
    await once(socket, 'data')
    await leave(socket)
    expect(rig.exchanges[0]?.targetId).toBe('second')
  })
})
