// The bounds of what a caller may send.
import { once } from 'node:events'
import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { afterEach, beforeEach, expect, it, test } from 'vitest'
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

test('gives up an upload that stands still from one sweep to the next, and no other', async () => {
  const sweeps: (() => void)[] = []
  const delays: number[] = []
  const timers = {
    start: (delayMs: number, run: () => void) => {
      delays.push(delayMs)
      sweeps.push(run)
      return { refresh: () => {}, close: () => {} }
    },
  }
  await start({ timers })
  const outgoing = post({ 'content-length': 1000 })
  const answer = answerOf(outgoing)
  const held = async () => (await (await fetch(`${rig.adminUrl}/metrics`)).text()).includes('body_bytes_held 1000')
  outgoing.write('{"model":')
  while (!(await held())) await new Promise((resolve) => setImmediate(resolve))
  expect(delays).toEqual([UPLOAD_IDLE_MS])
  sweeps[0]?.()
  expect(await held()).toBe(true)
  sweeps[1]?.()
  expect(await answer).toMatchObject({ status: 408, code: 'upload_timeout' })
  expect(await held()).toBe(false)
  outgoing.destroy()
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
