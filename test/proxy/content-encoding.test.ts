// Bodies that come compressed, both ways and through real sockets: passed on as they are where nobody needs to read
// them, decoded where somebody does, bounded, and never with a header that describes bytes which did not leave.
import { createHash } from 'node:crypto'
import {
  brotliCompressSync,
  createBrotliCompress,
  createDeflate,
  createGzip,
  createZstdCompress,
  constants,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib'
import type { Transform } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import { makeTable, startProxy, type ProxyRig } from '../support/proxy-rig.ts'
import { answers, chunk, completion, DONE, streams, Upstream, type Behaviour } from '../support/upstream.ts'

const LIMIT_BYTES = 64 * 1024
const CODINGS = ['gzip', 'br', 'deflate', 'zstd'] as const
type Coding = (typeof CODINGS)[number]

const compress: Readonly<Record<Coding, (bytes: Buffer) => Buffer>> = {
  gzip: (bytes) => gzipSync(bytes),
  br: (bytes) => brotliCompressSync(bytes),
  deflate: (bytes) => deflateSync(bytes),
  zstd: (bytes) => zstdCompressSync(bytes),
}

const ok = answers(completion('ok'))

let upstream: Upstream
let rig: ProxyRig

beforeEach(async () => {
  upstream = await Upstream.start()
  upstream.usual = ok
  rig = await startProxy({ maxBodyBytes: LIMIT_BYTES, maxBodiesInFlightBytes: 1.5 * LIMIT_BYTES })
  rig.tables.swap(
    makeTable({
      targets: {
        same: { url: upstream.url },
        other: { url: upstream.url, model: 'theirs' },
        anthropic: { url: upstream.url, dialect: 'Anthropic' },
        spare: { url: upstream.url, model: 'spare' },
      },
      routes: [
        { models: ['mine'], backends: ['same'] },
        { models: ['final'], backends: ['same'], failover: { on: [] } },
        { models: ['changed'], backends: ['other'] },
        { models: ['foreign'], backends: ['anthropic'] },
        {
          models: ['safe'],
          backends: [
            { target: 'same', tier: 0 },
            { target: 'spare', tier: 1 },
          ],
        },
      ],
    }),
  )
})

afterEach(async () => {
  await rig.stop()
  await upstream.stop()
})

const bodyFor = (model: string, more: object = {}) =>
  Buffer.from(JSON.stringify({ model, messages: [{ role: 'user', content: 'hello' }], ...more }))
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

function post(body: Buffer, contentEncoding: string | null, headers: Record<string, string> = {}): Promise<Response> {
  const encoding = contentEncoding === null ? {} : { 'content-encoding': contentEncoding }
  return fetch(`${rig.url}/v1/chat/completions`, { method: 'POST', body, headers: { ...encoding, ...headers } })
}

describe('a request body that comes compressed', () => {
  it.each(CODINGS)('as %s goes on as it came where nothing in it changes', async (coding) => {
    const sent = compress[coding](bodyFor('mine'))
    expect((await post(sent, coding, { digest: 'sha-256=x' })).status).toBe(200)
    const [seen] = upstream.requests
    expect(sha256(seen?.bytes ?? Buffer.alloc(0))).toBe(sha256(sent))
    expect(seen?.headers['content-encoding']).toBe(coding)
    expect(seen?.headers['digest']).toBe('sha-256=x')
  })

  it.each(CODINGS)('as %s is decoded where the model changes, every other byte kept', async (coding) => {
    const response = await post(compress[coding](bodyFor('changed')), coding, { digest: 'sha-256=x' })
    expect(response.status).toBe(200)
    const [seen] = upstream.requests
    expect(seen?.body).toBe(bodyFor('theirs').toString())
    expect(seen?.headers['content-length']).toBe(String(bodyFor('theirs').length))
    expect([seen?.headers['content-encoding'], seen?.headers['digest']]).toEqual([undefined, undefined])
  })

  it.each(CODINGS)('as %s is decoded for a provider of another dialect', async (coding) => {
    upstream.usual = answers({ type: 'message', content: [{ type: 'text', text: 'hi' }], stop_reason: 'end_turn' })
    expect((await post(compress[coding](bodyFor('foreign')), coding)).status).toBe(200)
    const [seen] = upstream.requests
    expect(seen?.headers['content-encoding']).toBeUndefined()
    expect(seen?.body).toContain('"max_tokens"')
  })

  test('with several codings is decoded from the last to the first', async () => {
    const sent = compress.br(compress.gzip(bodyFor('changed')))
    expect((await post(sent, 'gzip, br')).status).toBe(200)
    expect(upstream.requests[0]?.body).toBe(bodyFor('theirs').toString())
  })

  test('as deflate without the wrapping of zlib is understood too', async () => {
    expect((await post(deflateRawSync(bodyFor('changed')), 'deflate')).status).toBe(200)
    expect(upstream.requests[0]?.body).toBe(bodyFor('theirs').toString())
  })

  it.each([
    ['in a coding that nobody knows', () => gzipSync(bodyFor('mine')), 'compress', '415 encoding_unknown'],
    ['in more codings than three', () => bodyFor('mine'), 'gzip, gzip, gzip, gzip', '415 encoding_unknown'],
    ['and is none of its coding', () => bodyFor('mine'), 'gzip', '400 body_not_decodable'],
    ['and is cut short', () => gzipSync(bodyFor('mine')).subarray(0, -4), 'gzip', '400 body_not_decodable'],
    [
      'and is cut short in zstd',
      () => zstdCompressSync(bodyFor('mine')).subarray(0, -4),
      'zstd',
      '400 body_not_decodable',
    ],
    ['and is no JSON inside', () => gzipSync(Buffer.from('{"model":')), 'gzip', '400 body_not_json'],
    ['and has nothing inside', () => gzipSync(Buffer.alloc(0)), 'gzip', '400 body_not_json'],
  ])('%s is refused in the dialect of the caller', async (_, body, contentEncoding, refusal) => {
    const response = await post(body(), contentEncoding)
    const { error } = (await response.json()) as { error: { type: string; code: string } }
    expect([`${response.status} ${error.code}`, error.type]).toEqual([refusal, 'invalid_request_error'])
    expect(upstream.requests).toHaveLength(0)
  })

  it.each(CODINGS)('as a %s bomb is refused with the limit that it meets, and leaves nothing held', async (coding) => {
    const bomb = compress[coding](Buffer.alloc(64 * LIMIT_BYTES))
    expect(bomb.length).toBeLessThan(LIMIT_BYTES)
    const response = await post(bomb, coding)
    expect(response.status).toBe(413)
    expect(await response.text()).toContain(`the limit of ${LIMIT_BYTES} bytes`)
    // Only room for two whole bodies: what the bomb held is free again.
    const sizes = await Promise.all([post(compress[coding](bodyFor('mine')), coding), post(bodyFor('mine'), null)])
    expect(sizes.map(({ status }) => status)).toEqual([200, 200])
  })

  test('a bomb whose outer coding alone grows is refused as well', async () => {
    const nothing = gzipSync(Buffer.alloc(0))
    const inner = Buffer.concat(Array.from({ length: (2 * LIMIT_BYTES) / nothing.length }, () => nothing))
    expect((await post(gzipSync(inner), 'gzip, gzip')).status).toBe(413)
  })

  test('is counted with what is in it among the bodies in flight', async () => {
    const big = gzipSync(bodyFor('mine', { pad: 'x'.repeat(LIMIT_BYTES - 1000) }))
    const isHeld = Promise.withResolvers<void>()
    const mayAnswer = Promise.withResolvers<void>()
    upstream.usual = (response) => {
      isHeld.resolve()
      void mayAnswer.promise.then(() => ok(response, SEEN))
    }
    const first = post(big, 'gzip')
    await isHeld.promise
    upstream.usual = ok
    const second = await post(gzipSync(bodyFor('mine', { pad: 'x'.repeat(LIMIT_BYTES - 100) })), 'gzip')
    expect(second.status).toBe(503)
    mayAnswer.resolve()
    expect((await first).status).toBe(200)
  })
})

const SEEN = { method: '', url: '', headers: {}, rawHeaders: [], body: '', bytes: Buffer.alloc(0), connection: 0 }
const STALE = { etag: '"1"', digest: 'sha-256=x', 'content-digest': 'sha-256=:x:' }

/** Whole, compressed although it was asked not to be. */
const compressed =
  (coding: Coding, body: object, status = 200): Behaviour =>
  (response) => {
    const bytes = compress[coding](Buffer.from(JSON.stringify(body)))
    response.writeHead(status, {
      'content-type': 'application/json',
      'content-encoding': coding,
      'content-length': bytes.length,
      ...STALE,
    })
    response.end(bytes)
  }

const compressors: Readonly<Record<Coding, () => Transform>> = {
  gzip: () => createGzip({ flush: constants.Z_SYNC_FLUSH }),
  deflate: () => createDeflate({ flush: constants.Z_SYNC_FLUSH }),
  br: () => createBrotliCompress({ flush: constants.BROTLI_OPERATION_FLUSH }),
  zstd: () => createZstdCompress({ flush: constants.ZSTD_e_flush }),
}

/** Events one by one, each flushed; the next one when the test says so. */
const compressedEvents =
  (coding: Coding, events: readonly string[], next: () => Promise<void>): Behaviour =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': coding })
    const compressor = compressors[coding]()
    compressor.pipe(response)
    void (async () => {
      for (const event of events) {
        compressor.write(event)
        await next()
      }
      compressor.end()
    })()
  }

describe('an answer that comes compressed', () => {
  it.each(CODINGS)('as %s stays as it is where nobody reads it', async (coding) => {
    upstream.usual = compressed(coding, completion('hello'))
    const response = await post(bodyFor('mine'), null, { 'accept-encoding': coding })
    expect(upstream.requests[0]?.headers['accept-encoding']).toBe(coding)
    expect(response.headers.get('content-encoding')).toBe(coding)
    expect(response.headers.get('etag')).toBe('"1"')
    expect(await response.json()).toEqual(completion('hello'))
  })

  it.each(CODINGS)('as %s is translated, with no header that describes its old bytes', async (coding) => {
    upstream.usual = compressed(coding, {
      type: 'message',
      content: [{ type: 'text', text: 'hello' }],
      stop_reason: 'end_turn',
    })
    const response = await post(bodyFor('foreign'), null, { 'accept-encoding': 'gzip, br' })
    expect(upstream.requests[0]?.headers['accept-encoding']).toBe('identity')
    const body = (await response.json()) as { choices: { message: { content: string } }[] }
    expect(body.choices[0]?.message.content).toBe('hello')
    for (const name of ['content-encoding', ...Object.keys(STALE)]) expect(response.headers.get(name)).toBeNull()
    expect(Number(response.headers.get('content-length'))).toBe(JSON.stringify(body).length)
  })

  it.each(CODINGS)('as %s and is an error tells what it means, and its bytes are kept', async (coding) => {
    const error = {
      error: { message: 'no credit', type: 'insufficient_quota', code: 'insufficient_quota', param: null },
    }
    upstream.usual = compressed(coding, error, 429)
    const response = await post(bodyFor('final'), null, { 'accept-encoding': coding })
    expect(await response.json()).toEqual(error)
    expect(rig.exchanges[0]?.attempts[0]?.failureClass).toBe('Quota')
  })

  it.each(CODINGS)('as %s event by event is delivered event by event', async (coding) => {
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const opened = gates.map(({ promise }) => promise)
    upstream.usual = compressedEvents(coding, [chunk('one'), chunk('two'), DONE], async () => opened.shift())
    const response = await post(bodyFor('mine', { stream: true }), null, { 'accept-encoding': 'gzip' })
    expect(upstream.requests[0]?.headers['accept-encoding']).toBe('identity')
    expect(response.headers.get('content-encoding')).toBeNull()
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    let heard = ''
    for (const [index, event] of [chunk('one'), chunk('two'), DONE].entries()) {
      while (!heard.endsWith(event)) heard += (await reader?.read())?.value ?? ''
      gates[index]?.resolve()
    }
    expect(heard).toBe(chunk('one') + chunk('two') + DONE)
    expect((await reader?.read())?.done).toBe(true)
  })

  test('event by event and breaks off in the middle of its coding ends with one error event', async () => {
    upstream.usual = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' })
      const compressor = createGzip({ flush: constants.Z_SYNC_FLUSH })
      compressor.on('data', (part: Buffer) => response.write(part))
      compressor.write(chunk('one'), () => response.end())
    }
    const text = await (await post(bodyFor('mine', { stream: true }), null)).text()
    expect(text.startsWith(chunk('one'))).toBe(true)
    expect(text.match(/"code":"stream_cut"/g)).toHaveLength(1)
    expect(text).not.toContain('[DONE]')
  })

  test('and is none of its coding goes to the next target before anything was delivered', async () => {
    upstream.script.push((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'br' })
      response.end(chunk('from nobody') + DONE)
    })
    upstream.usual = streams(chunk('well'), DONE)
    const text = await (await post(bodyFor('safe', { stream: true }), null)).text()
    expect(text).toBe(chunk('well') + DONE)
    expect(rig.exchanges[0]?.attempts.map(({ outcome }) => outcome)).toEqual(['broken', '200'])
  })

  test('in a coding that nobody knows passes on where it need not be read, and fails where it must', async () => {
    upstream.usual = (response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'compress' })
      response.end('??')
    }
    expect(await (await post(bodyFor('mine'), null)).text()).toBe('??')
    expect((await post(bodyFor('foreign'), null)).status).toBe(502)
  })

  test('and is long is paced by its reader: little of it is read ahead', async () => {
    const wholeBytes = 32 * 1024 * 1024
    let writtenBytes = 0
    const event = chunk('x'.repeat(8 * 1024))
    upstream.usual = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' })
      const compressor = createGzip({ level: 0, flush: constants.Z_SYNC_FLUSH })
      compressor.pipe(response)
      const write = () => {
        while (writtenBytes < wholeBytes) {
          writtenBytes += event.length
          if (!compressor.write(event)) return void compressor.once('drain', write)
        }
        compressor.end(DONE)
      }
      write()
    }
    const response = await post(bodyFor('mine', { stream: true }), null)
    await untilStill(() => writtenBytes)
    expect(writtenBytes).toBeLessThan(wholeBytes)
    const bytes = Buffer.from(await response.arrayBuffer())
    expect(bytes.subarray(-DONE.length).toString()).toBe(DONE)
    expect(bytes.length).toBe(Math.ceil(wholeBytes / event.length) * event.length + DONE.length)
  })
})

/** Until a number has not changed for so many turns of the loop. */
async function untilStill(read: () => number): Promise<void> {
  let last = read()
  for (let turns = 0; turns < 3000; turns += 1) {
    await new Promise((resolve) => setImmediate(resolve))
    if (read() === last) continue
    last = read()
    turns = 0
  }
}
