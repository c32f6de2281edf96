// Answers as they stand on the wire to the caller: how streams are framed, and that a length is that of the bytes that
// come, whatever the provider declared.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeTable, startProxy, type ProxyRig } from '../support/proxy-rig.ts'
import { chunk, DONE, streams, Upstream } from '../support/upstream.ts'
import { bodyOf, converse, says } from '../support/wire.ts'

let upstream: Upstream
let rig: ProxyRig

beforeEach(async () => {
  upstream = await Upstream.start()
  const table = makeTable({ targets: { a: { url: upstream.url } }, routes: [{ backends: ['a'] }] })
  rig = await startProxy({ table })
})
afterEach(async () => {
  await rig.stop()
  await upstream.stop()
})

const BODY = '{"model":"m","stream":true}'

function ask(version: string, connection = 'close'): Promise<string> {
  const head = `POST /v1/chat/completions HTTP/${version}\r\nhost: a\r\nconnection: ${connection}\r\n`
  return converse(Number(new URL(rig.url).port), `${head}content-length: ${BODY.length}\r\n\r\n${BODY}`)
}

/** The data of a chunked body; throws where a size is not that of its chunk. */
function dechunked(body: string): string {
  let rest = body
  let data = ''
  for (;;) {
    const [, size] = /^([0-9a-f]+)\r\n/.exec(rest) ?? []
    if (size === undefined) throw new Error(`not a chunk: ${rest}`)
    const start = size.length + 2
    const end = start + Number.parseInt(size, 16)
    if (rest.slice(end, end + 2) !== '\r\n') throw new Error(`not the end of a chunk: ${rest.slice(end)}`)
    data += rest.slice(start, end)
    rest = rest.slice(end + 2)
    if (end === start) return rest === '' ? data : `${data} and then ${rest}`
  }
}

const events = [chunk('a'), chunk('caf\u00e9 \ud83d\ude00'), chunk('x'.repeat(70_000)), DONE]
const latin1 = (text: string) => Buffer.from(text).toString('latin1')

test('a stream to an HTTP/1.1 caller is in chunks, whose sizes are those of their bytes', async () => {
  upstream.script.push(streams(...events))
  const answer = await ask('1.1')
  expect(answer.toLowerCase()).toContain('transfer-encoding: chunked')
  expect(dechunked(bodyOf(answer))).toBe(latin1(events.join('')))
})

test('a stream to an HTTP/1.0 caller ends with the connection', async () => {
  upstream.script.push(streams(...events))
  const answer = await ask('1.0')
  expect(answer.toLowerCase()).not.toContain('transfer-encoding')
  expect(bodyOf(answer)).toBe(latin1(events.join('')))
})

test('a stream whose length the provider declared keeps it when nothing watches over it', async () => {
  const body = 'not an event stream'
  upstream.script.push(
    says(`HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: ${body.length}\r\n\r\n${body}`),
  )
  const answer = await ask('1.1')
  expect(answer.toLowerCase()).toContain(`content-length: ${body.length}\r\n`)
  expect(bodyOf(answer)).toBe(body)
})

test('an error event in front of a stream with a declared length is delivered with its own length', async () => {
  const error = 'data: {"error":{"message":"too long","code":"context_length_exceeded"}}\n\n'
  const declared = error.length + 500
  upstream.script.push(
    says(`HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: ${declared}\r\n\r\n${error}`),
  )
  const answer = await ask('1.1')
  const [, length] = /content-length: (\d+)/i.exec(answer) ?? []
  expect([Number(length), bodyOf(answer)]).toEqual([error.length, error])
})

test('several streamed answers follow each other on one connection', async () => {
  upstream.script.push(streams(chunk('one'), DONE), streams(chunk('two'), DONE))
  const one = `POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-length: ${BODY.length}\r\n`
  const calls = `${one}\r\n${BODY}${one}connection: close\r\n\r\n${BODY}`
  const [, first = '', second = ''] = (await converse(Number(new URL(rig.url).port), calls)).split('HTTP/1.1 200 OK')
  expect([dechunked(bodyOf(first)), dechunked(bodyOf(second))]).toEqual([chunk('one') + DONE, chunk('two') + DONE])
})
