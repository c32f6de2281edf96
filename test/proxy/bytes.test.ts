// What was sent is what arrives, both ways, by SHA-256: JSON in odd spellings, forms of several parts with binary
// files, streams in odd framings. Where the rule changes the model, every other byte is the same. Through real
// sockets.
import { createHash, randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import { makeTable, startProxy, type ProxyRig } from '../support/proxy-rig.ts'
import { Upstream } from '../support/upstream.ts'

let upstream: Upstream
let rig: ProxyRig

beforeEach(async () => {
  upstream = await Upstream.start()
  rig = await startProxy({ keys: { 'ns/key': 'sk-real' } })
  const target = { url: upstream.url, credential: 'ns/key' }
  rig.tables.swap(
    makeTable({
      targets: { same: target, changed: { ...target, model: 'a-much-longer-name/of-theirs' } },
      routes: [
        { models: ['changed'], backends: ['changed'] },
        { models: [], backends: ['same'] },
      ],
      passthrough: 'same',
    }),
  )
})

afterEach(async () => {
  await rig.stop()
  await upstream.stop()
})

const sha256 = (bytes: Uint8Array | undefined) =>
  createHash('sha256')
    .update(bytes ?? '')
    .digest('hex')

/** Long, with spellings that no serialiser would make again. */
function oddJson(model: string): Buffer {
  const rows = Array.from(
    { length: 2000 },
    (_, index) => `{"role" :"user",\t"content":"\\u0041 ${index} ä \\ud83d", "n":1.0e+2}`,
  )
  return Buffer.from(
    `\r\n{ "z" : -0, "model"\n:"${model}" ,"messages":[${rows.join(' ,')}],"seed":12345678901234567890 }\n`,
  )
}

/** Events that differ in their line ends, with comments, unknown fields, several data lines and a name in between. */
const ODD_STREAM = Buffer.from(
  ': hello\n\nretry: 5\r\n\r\ndata:{"choices":[{"delta":{"content":"a"}}]}\r\n\r\nevent: new.kind\rdata: {\rdata: "x":1}\r\r' +
    'id: 7\ndata: {"choices":[{"delta":{"content":"\\u00e4 ä 👋"},"odd":1e999}]}\n\n\n\n' +
    'data: [DONE]\n\n: bye\n\n',
)

async function exchange(path: string, body: Buffer, type: string) {
  const response = await fetch(rig.url + path, { method: 'POST', body, headers: { 'content-type': type } })
  return { answer: Buffer.from(await response.arrayBuffer()), type: response.headers.get('content-type') }
}

/** Answers with these bytes in pieces, so that they do not come as they were written. */
function answer(bytes: Buffer, type: string): void {
  upstream.usual = (response) => {
    response.writeHead(200, { 'content-type': type })
    for (let at = 0; at < bytes.length; at += 61) response.write(bytes.subarray(at, at + 61))
    response.end()
  }
}

describe('arrives as it was sent, both ways', () => {
  test('JSON', async () => {
    const [asked, answered] = [oddJson('mine'), oddJson('theirs')]
    answer(answered, 'application/json')
    const { answer: heard } = await exchange('/v1/chat/completions', asked, 'application/json')
    expect([sha256(upstream.requests[0]?.bytes), sha256(heard)]).toEqual([sha256(asked), sha256(answered)])
  })

  test('JSON whose answer is a stream of events in every framing', async () => {
    const asked = Buffer.from('{"stream":true, "model":"mine" }')
    answer(ODD_STREAM, 'text/event-stream')
    const { answer: heard, type } = await exchange('/v1/chat/completions', asked, 'application/json')
    expect([sha256(upstream.requests[0]?.bytes), sha256(heard)]).toEqual([sha256(asked), sha256(ODD_STREAM)])
    expect(type).toBe('text/event-stream')
  })

  it.each(['/v1/audio/transcriptions', '/v1/images/edits', '/v1/files'])(
    'a form of several parts with binary files on %s, and a binary answer',
    async (path) => {
      const boundary = `----${randomBytes(12).toString('hex')}`
      const file = randomBytes(700_000)
      const part = (head: string, content: Buffer) =>
        Buffer.concat([
          Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; ${head}\r\n\r\n`),
          content,
          Buffer.from('\r\n'),
        ])
      const form = Buffer.concat([
        part('name="model"', Buffer.from('whisper-1')),
        part('name="file"; filename="ä\u0001.wav"\r\nContent-Type: audio/wav', file),
        Buffer.from(`--${boundary}--\r\n`),
      ])
      const answered = randomBytes(300_000)
      answer(answered, 'application/octet-stream')
      const { answer: heard } = await exchange(path, form, `multipart/form-data; boundary=${boundary}`)
      expect([sha256(upstream.requests[0]?.bytes), sha256(heard)]).toEqual([sha256(form), sha256(answered)])
      expect(upstream.requests[0]?.headers['content-type']).toBe(`multipart/form-data; boundary=${boundary}`)
    },
  )

  test('a passed-through stream of events', async () => {
    const asked = Buffer.from('{"stream":true}')
    answer(ODD_STREAM, 'text/event-stream')
    const { answer: heard } = await exchange('/v1/assistants/a/runs', asked, 'application/json')
    expect([sha256(upstream.requests[0]?.bytes), sha256(heard)]).toEqual([sha256(asked), sha256(ODD_STREAM)])
  })
})

test('where the rule changes the model, every other byte is the same', async () => {
  const asked = oddJson('changed')
  answer(ODD_STREAM, 'application/json')
  const { answer: heard } = await exchange('/v1/chat/completions', asked, 'application/json')
  expect(sha256(upstream.requests[0]?.bytes)).toBe(sha256(oddJson('a-much-longer-name/of-theirs')))
  expect(sha256(heard)).toBe(sha256(ODD_STREAM))
})
