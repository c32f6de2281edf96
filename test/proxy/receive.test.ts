// The bounds of what a caller may send.
import { once } from 'node:events'
import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import { UPLOAD_IDLE_MS } from '../../proxy/upload-watch.ts'
import { makeTable, startProxy, type ProxyRig, type ProxyRigOptions } from '../support/proxy-rig.ts'
import { neverAnswers, Upstream } from '../support/upstream.ts'

let upstream: Upstream
let rig: ProxyRig

beforeEach(async () => {
  upstream = await Upstream.start()
})

afterEach(async () => {
  await rig.stop()
  await upstream.stop()
})

async function start(options: ProxyRigOptions = {}): Promise<void> {
  const table = makeTable({ targets: { a: { url: upstream.url } }, routes: [{ backends: ['a'] }] })
  rig = await startProxy({ table, ...options })
}

function post(headers: Record<string, string | number> = {}): ClientRequest {
  const outgoing = httpRequest(`${rig.url}/v1/chat/completions`, { method: 'POST', headers, agent: false })
  outgoing.on('error', () => {})
  return outgoing
}

async function answerOf(outgoing: ClientRequest): Promise<{ status: number | undefined; code: unknown; text: string }> {
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
  let text = ''
  for await (const chunk of response) text += String(chunk)
  return { status: response.statusCode, code: response.headers['x-modelroute-error'], text }
}

const bodyOf = (sizeBytes: number) => `{"model":"m","p":"${'x'.repeat(sizeBytes - 20)}"}`

it.each([
  ['declared', (body: string) => ({ 'content-length': body.length })],
  ['sent in chunks', () => ({ 'transfer-encoding': 'chunked' })],
])('takes a body of exactly the limit and refuses one byte more, %s', async (_, headersOf) => {
  await start({ maxBodyBytes: 5000 })
  const atLimit = post(headersOf(bodyOf(5000)))
  atLimit.end(bodyOf(5000))
  expect((await answerOf(atLimit)).status).toBe(200)
  const above = post(headersOf(bodyOf(5001)))
  above.end(bodyOf(5001))
  const refused = await answerOf(above)
  expect([refused.status, refused.code]).toEqual([413, 'body_too_large'])
  expect(refused.text).toContain('larger than the limit of 5000 bytes')
  expect(upstream.requests).toHaveLength(1)
})

test('lets a caller read its refusal although it still uploads megabytes', async () => {
  await start({ maxBodyBytes: 5000 })
  const outgoing = post({ 'transfer-encoding': 'chunked' })
  const answer = answerOf(outgoing)
  const part = Buffer.alloc(256 * 1024, 0x20)
  for (let count = 0; count < 16; count += 1) outgoing.write(part)
  expect((await answer).status).toBe(413)
  outgoing.destroy()
})

test('refuses what would exceed the bytes of all bodies together, and takes it when there is room again', async () => {
  await start({ maxBodiesInFlightBytes: 5000 })
  upstream.script.push(neverAnswers)
  const first = post({ 'content-length': 3000 })
  first.end(bodyOf(3000))
  await upstream.until(() => upstream.requests.length === 1)
  const second = post({ 'content-length': 2001 })
  second.end(bodyOf(2001))
  const refused = await answerOf(second)
  expect([refused.status, refused.code]).toEqual([503, 'bodies_in_flight'])
  const third = post({ 'content-length': 2000 })
  third.end(bodyOf(2000))
  expect((await answerOf(third)).status).toBe(200)
  first.destroy()
  await rig.untilReported(3)
  const fourth = post({ 'content-length': 5000 })
  fourth.end(bodyOf(5000))
  expect((await answerOf(fourth)).status).toBe(200)
})

test('sends 100 Continue after the head is admitted, and the provider gets no such question', async () => {
  await start()
  const body = bodyOf(1000)
  const outgoing = post({ 'content-length': body.length, expect: '100-continue' })
  outgoing.flushHeaders()
  await once(outgoing, 'continue')
  outgoing.end(body)
  expect((await answerOf(outgoing)).status).toBe(200)
  expect(upstream.requests[0]?.headers.expect).toBeUndefined()
})

test('refuses in place of 100 Continue what it would not take', async () => {
  await start({ maxBodyBytes: 5000 })
  const outgoing = post({ 'content-length': 5001, expect: '100-continue' })
  let wasAsked = false
  outgoing.on('continue', () => (wasAsked = true))
  outgoing.flushHeaders()
  const refused = await answerOf(outgoing)
  expect([refused.status, wasAsked]).toEqual([413, false])
  outgoing.destroy()
})

describe('the time between two pieces of an upload', () => {
  /** Sweeps run when the test says so. */
  async function startByHand() {
    const sweeps: (() => void)[] = []
    const delays: number[] = []
    const byHand = (delayMs: number, run: () => void) => {
      delays.push(delayMs)
      sweeps.push(run)
      return { refresh: () => {}, close: () => {} }
    }
    await start({ timers: { start: byHand } })
    return { delays, sweep: () => sweeps.shift()?.() }
  }
  const heldBytes = async () =>
    Number(
      /^modelroute_proxy_body_bytes_held (-?\d+)$/m.exec(await (await fetch(`${rig.adminUrl}/metrics`)).text())?.[1],
    )
  async function untilHeld(sizeBytes: number): Promise<void> {
    while ((await heldBytes()) !== sizeBytes) await new Promise((resolve) => setImmediate(resolve))
  }

  test('ends an upload that stands still from one sweep to the next', async () => {
    const { delays, sweep } = await startByHand()
    const outgoing = post({ 'content-length': 1000 })
    const answer = answerOf(outgoing)
    outgoing.write('{"model":')
    await untilHeld(1000)
    expect(delays).toEqual([UPLOAD_IDLE_MS])
    sweep()
    expect(await heldBytes()).toBe(1000)
    sweep()
    expect(await answer).toMatchObject({ status: 408, code: 'upload_timeout' })
    expect(await heldBytes()).toBe(0)
    outgoing.destroy()
  })

  test('is no limit on an upload that moves, however long it takes', async () => {
    const { sweep } = await startByHand()
    const outgoing = post({ 'transfer-encoding': 'chunked' })
    const answer = answerOf(outgoing)
    let sentBytes = 0
    for (const piece of ['{"mo', 'del"', ':"m', '"}']) {
      outgoing.write(piece)
      sentBytes += piece.length
      await untilHeld(sentBytes)
      sweep()
    }
    outgoing.end()
    expect((await answer).status).toBe(200)
  })

  test('does not count after its last byte, however long the answer takes', async () => {
    const { sweep } = await startByHand()
    upstream.script.push(neverAnswers)
    const outgoing = post({ 'content-length': 13 })
    outgoing.end('{"model":"m"}')
    await upstream.until(() => upstream.requests.length === 1)
    sweep()
    sweep()
    expect(await heldBytes()).toBe(13)
    outgoing.destroy()
    await rig.untilReported(1)
    expect([rig.exchanges[0]?.error, await heldBytes()]).toEqual(['caller_gone', 0])
  })
})

test('takes a body in pieces of every size', async () => {
  await start()
  const body = bodyOf(200)
  for (const size of [1, 7, 64, 199]) {
    const socket = connect(rig.port, '127.0.0.1')
    socket.setNoDelay(true)
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n`,
    )
    for (let at = 0; at < body.length; at += size) {
      await new Promise((resolve) => socket.write(body.slice(at, at + size), resolve))
    }
    let answer = ''
    for await (const chunk of socket) answer += String(chunk)
    expect(answer.slice(0, 15)).toBe('HTTP/1.1 200 OK')
  }
  expect(upstream.requests.map((request) => request.body)).toEqual(Array.from({ length: 4 }, () => body))
})
