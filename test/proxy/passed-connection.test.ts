// The connections of passed-through requests: kept ones that turn out to be dead, hosts that do not answer, and callers
// that stop sending. Through real sockets; times are up when the test says so.
import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import { MAX_REPLAY_BYTES } from '../../proxy/passthrough/passed-body.ts'
import { CONNECT_TIMEOUT_MS } from '../../proxy/passthrough/passed-request.ts'
import { UPLOAD_IDLE_MS } from '../../proxy/upload-watch.ts'
import { makeTable, startProxy, type ProxyRig } from '../support/proxy-rig.ts'
import { answers, resets, Upstream, type Behaviour } from '../support/upstream.ts'

let upstream: Upstream
let rig: ProxyRig
let timers: HandTimers

/** Timers that end when the test says so. */
class HandTimers {
  readonly running = new Set<{ readonly delayMs: number; readonly run: () => void }>()

  start(delayMs: number, run: () => void) {
    const timer = { delayMs, run, refresh: () => {}, close: () => this.running.delete(timer) }
    this.running.add(timer)
    return timer
  }

  /** Ends the timers of this length; false: there is none. */
  end(delayMs: number): boolean {
    const due = [...this.running].filter((timer) => timer.delayMs === delayMs)
    for (const timer of due) this.running.delete(timer)
    for (const { run } of due) run()
    return due.length > 0
  }
}

const ok = answers('{"ok":true}')

beforeEach(async () => {
  upstream = await Upstream.start()
  upstream.usual = ok
  timers = new HandTimers()
  rig = await startProxy({ timers })
  use(upstream.url)
})

afterEach(async () => {
  await rig.stop()
  await upstream.stop()
})

function use(url: string): void {
  rig.tables.swap(makeTable({ targets: { open: { url } }, routes: [], passthrough: 'open' }))
}

const post = (body: string) => fetch(`${rig.url}/v1/files`, { method: 'POST', body })
const tick = () => new Promise((resolve) => setImmediate(resolve))

describe('a kept connection that is dead', () => {
  beforeEach(async () => {
    await (await post('warm')).text()
    upstream.script.push(resets)
  })

  it.each([
    ['a short body', 'hello'],
    ['a body of the most that is kept', 'x'.repeat(MAX_REPLAY_BYTES)],
    ['no body', undefined],
  ])('costs nothing with %s: it is sent again on a fresh one', async (_, body) => {
    const response = await fetch(`${rig.url}/v1/files`, body === undefined ? {} : { method: 'POST', body })
    expect([response.status, await response.text()]).toEqual([200, '{"ok":true}'])
    expect(upstream.requests.map((request) => request.body).slice(1)).toEqual([body ?? '', body ?? ''])
    expect(upstream.totalConnections).toBe(2)
  })

  test('is an error with a body that is too long to be kept', async () => {
    const response = await post('x'.repeat(MAX_REPLAY_BYTES + 1))
    expect([response.status, response.headers.get('x-modelroute-error')]).toEqual([502, 'passthrough_failed'])
    expect(upstream.requests).toHaveLength(2)
  })

  test('is an error when the fresh one is reset as well', async () => {
    upstream.script.push(resets)
    expect((await post('hello')).status).toBe(502)
    expect(upstream.requests).toHaveLength(3)
  })

  test('is an error once something of the answer has come', async () => {
    const breaks: Behaviour = (response) => {
      response.writeEarlyHints({ link: '</a>; rel=preload' })
      response.socket?.end()
    }
    upstream.script.splice(0, 1, breaks)
    expect((await post('hello')).status).toBe(502)
    expect(upstream.requests).toHaveLength(2)
  })
})

test('a connection that was never used is not tried again', async () => {
  upstream.script.push(resets)
  expect((await post('hello')).status).toBe(502)
  expect(upstream.requests).toHaveLength(1)
})

test('a host that takes connections but never shakes hands is given up after the time to connect', async () => {
  const silent = createServer(() => {})
  silent.listen(0, '127.0.0.1')
  const connected = once(silent, 'connection')
  await once(silent, 'listening')
  use(`https://127.0.0.1:${(silent.address() as AddressInfo).port}`)
  const answer = post('hello')
  await connected
  while (!timers.end(CONNECT_TIMEOUT_MS)) await tick()
  const response = await answer
  expect([response.status, response.headers.get('x-modelroute-error')]).toEqual([502, 'passthrough_failed'])
  expect(await response.text()).toContain('the connection timed out')
  silent.close()
})

test('the time to connect is over once the connection is there, however long the answer takes', async () => {
  const isHere = Promise.withResolvers<() => void>()
  upstream.usual = (response, request) => isHere.resolve(() => ok(response, request))
  const answer = post('hello')
  const end = await isHere.promise
  expect(timers.end(CONNECT_TIMEOUT_MS)).toBe(false)
  end()
  expect((await answer).status).toBe(200)
})

describe('an upload', () => {
  async function begin(): Promise<{
    readonly write: (text: string) => Promise<void>
    readonly answer: Promise<number>
  }> {
    let heardBytes = 0
    upstream.onHead = (request) => request.on('data', (data: Buffer) => (heardBytes += data.length))
    const outgoing = httpRequest(`${rig.url}/v1/files`, { method: 'POST', agent: false })
    outgoing.on('error', () => {})
    const answer = once(outgoing, 'response').then(([response]) => {
      response.resume()
      outgoing.destroy()
      return response.statusCode as number
    })
    let sentBytes = 0
    const write = async (text: string) => {
      outgoing.write(text)
      sentBytes += text.length
      while (heardBytes < sentBytes) await tick()
    }
    await write('one')
    return { write, answer }
  }

  test('that stands still from one sweep to the next is given up, at the provider too', async () => {
    const { answer } = await begin()
    expect(timers.end(UPLOAD_IDLE_MS)).toBe(true)
    expect(rig.exchanges).toHaveLength(0)
    expect(timers.end(UPLOAD_IDLE_MS)).toBe(true)
    expect(await answer).toBe(408)
    await upstream.until(() => upstream.openConnections === 0)
    expect(rig.exchanges[0]?.error).toBe('upload_timeout')
  })

  test('that moves goes on, however long it takes', async () => {
    const { write, answer } = await begin()
    for (const piece of ['two', 'three', 'four']) {
      timers.end(UPLOAD_IDLE_MS)
      await write(piece)
    }
    upstream.breakConnections()
    expect(await answer).toBe(502)
  })

  test('that the provider holds back does not stand still', async () => {
    upstream.onHead = (request) => request.pause()
    const outgoing = httpRequest(`${rig.url}/v1/files`, { method: 'POST', agent: false })
    outgoing.on('error', () => {})
    const part = Buffer.alloc(1024 * 1024)
    let isFull = false
    while (!isFull) isFull = !outgoing.write(part) && (await isStuck(outgoing))
    for (let count = 0; count < 4; count += 1) timers.end(UPLOAD_IDLE_MS)
    await tick()
    expect(rig.exchanges).toHaveLength(0)
    upstream.breakConnections()
    await rig.untilReported(1)
    expect(rig.exchanges[0]?.error).toBe('passthrough_failed')
    outgoing.destroy()
  })
})

/** Whether nothing is taken any more: no drain within so many turns of the loop. */
async function isStuck(outgoing: ReturnType<typeof httpRequest>): Promise<boolean> {
  let hasDrained = false
  outgoing.once('drain', () => (hasDrained = true))
  for (let turn = 0; turn < 2000 && !hasDrained; turn += 1) await tick()
  return !hasDrained
}
