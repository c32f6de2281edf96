// Time limits of a rule, and a reader that is slower than its provider.
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import { UPLOAD_IDLE_MS } from '../../proxy/upload-watch.ts'
import { SWEEP_MS } from '../../proxy/upstream/connections.ts'
import { systemTimers, type Timers } from '../../proxy/upstream/timers.ts'
import { makeTable, startProxy, type ProxyRig, type RouteSpec } from '../support/proxy-rig.ts'
import {
  answers,
  chunk,
  DONE,
  hangsAfter,
  neverAnswers,
  streams,
  Upstream,
  type Behaviour,
} from '../support/upstream.ts'

let slow: Upstream
let good: Upstream
let rig: ProxyRig

beforeEach(async () => {
  slow = await Upstream.start()
  good = await Upstream.start()
})

afterEach(async () => {
  await rig.stop()
  await slow.stop()
  await good.stop()
})

async function start(
  timeouts: NonNullable<RouteSpec['timeouts']>,
  failover: NonNullable<RouteSpec['failover']> = {},
): Promise<void> {
  const targets = { slow: { url: slow.url }, good: { url: good.url, model: 'good' } }
  const backends = ['slow', { target: 'good', tier: 1 }]
  rig = await startProxy({ table: makeTable({ targets, routes: [{ backends, timeouts, failover }] }) })
}

const ask = (isStreaming: boolean) =>
  fetch(`${rig.url}/v1/chat/completions`, { method: 'POST', body: JSON.stringify({ model: 'm', stream: isStreaming }) })

const errorOf = async (response: Response) => ((await response.json()) as { error: { message: string } }).error.message

it.each([
  ['streamed', true],
  ['not streamed', false],
])('leave no timer behind when a call is over: %s', async (_, isStreaming) => {
  const running = new Set<number>()
  const countingTimers: Timers = {
    start: (delayMs, run) => {
      const timer = systemTimers.start(delayMs, run)
      running.add(delayMs)
      return { refresh: () => timer.refresh(), close: () => running.delete(delayMs) && timer.close() }
    },
  }
  const route = { backends: ['slow'], timeouts: { firstTokenMs: 50_001, idleMs: 50_002, totalMs: 50_003 } }
  const table = makeTable({ targets: { slow: { url: slow.url } }, routes: [route] })
  rig = await startProxy({ table, timers: countingTimers })
  expect((await (await ask(isStreaming)).text()).length).toBeGreaterThan(0)
  await rig.untilReported(1)
  // Of the proxy, not of the call: one timer each, however many calls there are.
  for (const shared of [UPLOAD_IDLE_MS, SWEEP_MS]) running.delete(shared)
  expect([...running]).toEqual([])
})

describe('the time to the first byte', () => {
  it.each([
    ['no headers', neverAnswers],
    ['headers without a first event', hangsAfter()],
  ])('of a stream with %s ends with the next target', async (_, fault) => {
    await start({ firstTokenMs: 60 })
    slow.script.push(fault)
    const response = await ask(true)
    expect(await response.text()).toContain('from ')
    expect(response.headers.get('x-modelroute-target')).toBe('good')
    await rig.untilReported(1)
    expect(rig.exchanges[0]?.attempts.map(({ outcome }) => outcome)).toEqual(['timedOut', '200'])
    await slow.until(() => slow.openConnections === 0)
  })

  test('does not bind a call that is not streamed', async () => {
    await start({ firstTokenMs: 30 })
    slow.script.push((response) => setTimeout(() => answers({ late: true })(response, seen), 120))
    expect(await (await ask(false)).json()).toEqual({ late: true })
  })

  test('is told in words when no target is left', async () => {
    await start({ firstTokenMs: 40 }, { attempts: 1 })
    slow.script.push(neverAnswers)
    const response = await ask(true)
    expect([response.status, await errorOf(response)]).toEqual([
      502,
      'Target slow failed: the first byte did not come within 40 ms. One target was tried.',
    ])
  })

  test('is final where the rule does not list its class', async () => {
    await start({ firstTokenMs: 40 }, { on: ['Connect'] })
    slow.script.push(neverAnswers)
    expect((await ask(true)).status).toBe(502)
    expect(good.requests).toEqual([])
  })
})

const seen = { method: '', url: '', headers: {}, rawHeaders: [], body: '', bytes: Buffer.alloc(0), connection: 0 }

describe('the time between two chunks', () => {
  test('ends a stream with one error event', async () => {
    await start({ idleMs: 60 })
    slow.script.push(hangsAfter(chunk('a')))
    const text = await (await ask(true)).text()
    expect(text.startsWith(chunk('a'))).toBe(true)
    const [event = '', ...rest] = text.slice(chunk('a').length).split('\n\n')
    expect(JSON.parse(event.replace('data: ', ''))).toMatchObject({
      error: { code: 'stream_cut', message: expect.stringContaining('the next byte did not come within 60 ms') },
    })
    expect(rest).toEqual([''])
    await slow.until(() => slow.openConnections === 0)
  })

  test('ends a whole answer that stands still before it is complete, with the next target', async () => {
    await start({ idleMs: 60 })
    slow.script.push((response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 })
      response.write('{"half":')
    })
    expect((await ask(false)).headers.get('x-modelroute-target')).toBe('good')
  })

  test('begins anew with every chunk', async () => {
    await start({ idleMs: 150 })
    slow.script.push((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      let count = 0
      const timer = setInterval(() => {
        count += 1
        response.write(count < 6 ? chunk(String(count)) : DONE)
        if (count === 6) {
          clearInterval(timer)
          response.end()
        }
      }, 50)
    })
    const text = await (await ask(true)).text()
    expect(text).toBe([1, 2, 3, 4, 5].map((count) => chunk(String(count))).join('') + DONE)
  })
})

describe('the time of the whole call', () => {
  it.each([
    ['streamed', true],
    ['not streamed', false],
  ])('is one for all of its attempts, %s', async (_, isStreaming) => {
    await start({ totalMs: 200 })
    slow.script.push(neverAnswers)
    good.script.push(neverAnswers)
    const startMs = performance.now()
    const response = await ask(isStreaming)
    expect(response.status).toBe(502)
    expect(await errorOf(response)).toContain('the whole answer did not come within')
    expect(performance.now() - startMs).toBeLessThan(1000)
  })

  test('is less for a second attempt by what the first one took', async () => {
    const totalMs = 20_000
    const firstTookMs = 80
    const delays: number[] = []
    const timers: Timers = {
      start: (delayMs, run) => {
        if (delayMs > totalMs / 2 && delayMs <= totalMs) delays.push(delayMs)
        return systemTimers.start(delayMs, run)
      },
    }
    const targets = { slow: { url: slow.url }, good: { url: good.url } }
    const route = { backends: ['slow', { target: 'good', tier: 1 }], timeouts: { totalMs, idleMs: 1_000 } }
    rig = await startProxy({ table: makeTable({ targets, routes: [route] }), timers })
    const fails = answers({ error: { message: 'boom' } }, 500)
    slow.script.push((response, request) => setTimeout(() => fails(response, request), firstTookMs))
    expect((await ask(false)).headers.get('x-modelroute-target')).toBe('good')
    const [first = 0, second = 0] = delays
    expect(delays).toHaveLength(2)
    expect(first - second).toBeGreaterThanOrEqual(firstTookMs - 2)
  })

  test('ends a stream that goes on for too long', async () => {
    await start({ totalMs: 120 })
    const forever: Behaviour = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const timer = setInterval(() => response.write(chunk('x')), 10)
      response.on('close', () => clearInterval(timer))
    }
    slow.script.push(forever)
    expect(await (await ask(true)).text()).toContain('the whole answer did not come within')
    await slow.until(() => slow.openConnections === 0)
  })
})

describe('a reader that is slower than its provider', () => {
  test('holds the provider back, gets every byte, and is no idle provider', async () => {
    await start({ idleMs: 150 })
    const event = chunk('y'.repeat(60_000))
    const count = 400
    let written = 0
    slow.script.push((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const pump = () => {
        while (written < count) {
          written += 1
          if (!response.write(event)) return void response.once('drain', pump)
        }
        response.end(DONE)
      }
      pump()
    })
    const body = '{"model":"m","stream":true}'
    const socket = connect(rig.port, '127.0.0.1')
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    )
    await once(socket, 'readable')
    // Nothing is read while two providers in a row fall silent and are given up: longer than the idle time.
    for (let given = 0; given < 2; given += 1) {
      slow.script.push((response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write(chunk('x'))
      })
      expect(await (await ask(true)).text()).toContain('did not come within')
    }
    expect(written).toBeLessThan(count)
    let bytes = 0
    let tail = ''
    for await (const data of socket as AsyncIterable<Buffer>) {
      bytes += data.length
      tail = (tail + data.toString('latin1')).slice(-200)
    }
    expect(tail).toContain(DONE)
    expect(bytes).toBeGreaterThan(count * event.length)
    await rig.untilReported(3)
    expect(rig.exchanges[2]).toMatchObject({ error: null, answerBytes: count * event.length + DONE.length })
  })

  test('gets a long answer that is no stream, whole', async () => {
    await start({})
    const text = JSON.stringify({ long: 'z'.repeat(5_000_000) })
    slow.script.push(answers(text))
    expect(await (await ask(false)).text()).toBe(text)
    slow.script.push(streams(...Array.from({ length: 300 }, () => chunk('w'.repeat(5000))), DONE))
    expect((await (await ask(true)).text()).length).toBeGreaterThan(1_500_000)
  })

  test('of a long answer that is cut learns of it from its connection', async () => {
    await start({})
    slow.script.push((response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 9_000_000 })
      response.write('z'.repeat(3_000_000), () => response.socket?.destroy())
    })
    await expect(ask(false).then((response) => response.text())).rejects.toThrow('terminated')
    await rig.untilReported(1)
    expect(rig.exchanges[0]).toMatchObject({ error: 'stream_cut' })
    expect(good.requests).toEqual([])
  })
})
