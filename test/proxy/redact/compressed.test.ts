// Masking of bodies that come compressed, both ways: what is masked must not leave in the bytes that came, and what
// comes back compressed is restored all the same.
import { brotliCompressSync, constants, createGzip, gzipSync, zstdCompressSync } from 'node:zlib'
import { afterEach, beforeEach, expect, it, test } from 'vitest'
import { makeTable, startProxy, type ProxyRig } from '../../support/proxy-rig.ts'
import { chunk, completion, DONE, Upstream, type SeenRequest } from '../../support/upstream.ts'

const EMAIL = 'alice.muster@example.com'
const KEYS = { 'redaction/current': Buffer.alloc(32, 7).toString('base64') }
const compress = { gzip: gzipSync, br: brotliCompressSync, zstd: zstdCompressSync } as const
type Coding = keyof typeof compress
const CODINGS: readonly Coding[] = ['gzip', 'br', 'zstd']

let upstream: Upstream
let rig: ProxyRig

beforeEach(async () => {
  upstream = await Upstream.start()
  const targets = { a: { url: upstream.url } }
  // Email alone: this is about codings, not about detectors.
  const redact = { profile: 'Credentials' as const, add: ['Email'] }
  rig = await startProxy({ table: makeTable({ routes: [{ backends: ['a'], redact }], targets }), keys: KEYS })
})

afterEach(async () => {
  await rig.stop()
  await upstream.stop()
})

function ask(coding: Coding, stream: boolean): Promise<Response> {
  const body = { model: 'm', stream, messages: [{ role: 'user', content: `Mail ${EMAIL}` }] }
  return fetch(`${rig.url}/v1/chat/completions`, {
    method: 'POST',
    body: compress[coding](Buffer.from(JSON.stringify(body))),
    headers: { 'content-encoding': coding, 'accept-encoding': 'gzip, br' },
  })
}

const saidIn = ({ body }: SeenRequest) =>
  (JSON.parse(body) as { messages: { content: string }[] }).messages[0]?.content ?? ''

it.each(CODINGS)('a request and a whole answer in %s', async (coding) => {
  upstream.usual = (response, request) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': coding, etag: '"1"' })
    response.end(compress[coding](Buffer.from(JSON.stringify(completion(saidIn(request))))))
  }
  const response = await ask(coding, false)
  const [seen] = upstream.requests
  expect(seen?.body).toMatch(/"Mail \S*EMAIL/)
  expect(seen?.bytes.includes(EMAIL)).toBe(false)
  expect([seen?.headers['content-encoding'], seen?.headers['accept-encoding']]).toEqual([undefined, 'identity'])
  expect([response.headers.get('content-encoding'), response.headers.get('etag')]).toEqual([null, null])
  expect(await response.json()).toEqual(completion(`Mail ${EMAIL}`))
})

test('a stream of events in gzip', async () => {
  upstream.usual = (response, request) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' })
    const compressor = createGzip({ flush: constants.Z_SYNC_FLUSH })
    compressor.pipe(response)
    for (const part of saidIn(request).match(/.{1,3}/gsu) ?? []) compressor.write(chunk(part))
    compressor.end(DONE)
  }
  const text = await (await ask('gzip', true)).text()
  const said = text.split('\n\n').flatMap((event) => {
    const found = /"content":"([^"]*)"/.exec(event)?.[1]
    return found === undefined ? [] : [found]
  })
  expect(said.join('')).toBe(`Mail ${EMAIL}`)
  expect(text.endsWith(DONE)).toBe(true)
})
