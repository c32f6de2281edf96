// The proxy's end of the stream against an operator that says what the test wants, over real TLS sockets.
import { createSecureServer } from 'node:http2'
import type { ServerHttp2Stream } from 'node:http2'
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { createLocalCertificates } from '../../../operator/inject/serving-certificates.ts'
import { LineSplitter, MAX_LINE_BYTES, parseFromProxy } from '../../../proxy/table/messages.ts'
import type { FromProxy } from '../../../proxy/table/messages.ts'
import { SILENCE_LIMIT_MS } from '../../../proxy/table/operator-stream.ts'
import { PROXY_CAPABILITIES } from '../../../proxy/table/schema.ts'
import { waitUntil } from '../../support/kubernetes/wait-until.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { makeTable, readMetric, versionOf } from '../../support/push-rig.ts'
import { useRigs } from '../../support/use-rigs.ts'

const { proxied } = useRigs()
const stops: (() => void)[] = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
})

interface Visit {
  readonly authorization: string | undefined
  readonly stream: ServerHttp2Stream
  readonly messages: FromProxy[]
}

/** Keeps every visit; `answer` decides what a visitor gets first. */
async function operator(answer: (stream: ServerHttp2Stream, visit: number) => void) {
  const certificates = await createLocalCertificates({ names: ['localhost'], nowMs: Date.now() })
  const visits: Visit[] = []
  const server = createSecureServer({ ...certificates.secureContextOptions(), minVersion: 'TLSv1.3' })
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    const visit: Visit = { authorization: headers.authorization, stream, messages: [] }
    const splitter = new LineSplitter(MAX_LINE_BYTES)
    stream.on('error', () => {})
    stream.on('data', (chunk: Buffer) => {
      for (const line of splitter.push(chunk).lines) {
        const parsed = parseFromProxy(line)
        if (parsed.kind === 'message') visit.messages.push(parsed.message)
      }
    })
    visits.push(visit)
    answer(stream, visits.length)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  stops.push(() => {
    for (const { stream } of visits) stream.session?.destroy()
    server.close()
  })
  return { url: `https://localhost:${port}`, caPem: certificates.caPem(), visits }
}

const open = (stream: ServerHttp2Stream) => stream.respond({ ':status': 200 })
const say = (visit: Visit | undefined, message: object) => visit?.stream.write(`${JSON.stringify(message)}\n`)
const quick = { random: () => 0.02 }

test('the proxy says hello first, with its schema, its token and no version', async () => {
  const { visits, ...where } = await operator(open)
  await proxied(where, { token: 'the-token' })
  const hello = await waitUntil('the hello', () => visits[0]?.messages[0])
  expect(hello).toEqual({ type: 'hello', schema: 1, capabilities: [...PROXY_CAPABILITIES], lastVersion: null })
  expect(visits[0]?.authorization).toBe('Bearer the-token')
})

test('a table that cannot be parsed is nacked with its faults, and the last good one stays', async () => {
  const { visits, ...where } = await operator(open)
  const proxy = await proxied(where)
  await waitUntil('the hello', () => visits[0]?.messages[0])
  say(visits[0], { type: 'snapshot', version: versionOf(1), nonce: 'n1', table: makeTable(1) })
  const bad = { ...makeTable(2), requires: ['telepathy'], passthrough: 'nowhere' }
  say(visits[0], { type: 'snapshot', version: versionOf(2), nonce: 'n2', table: bad })
  await waitUntil('both answers', () => visits[0]?.messages.length === 3)
  expect(visits[0]?.messages.slice(1)).toEqual([
    { type: 'ack', version: versionOf(1), nonce: 'n1' },
    {
      type: 'nack',
      version: versionOf(2),
      nonce: 'n2',
      faults: [
        { path: 'requires', message: 'this proxy does not know "telepathy"' },
        { path: 'passthrough', message: 'target "nowhere" is not in the table' },
      ],
    },
  ])
  expect(proxy.holder.current()?.version).toBe(versionOf(1))
  expect(await readMetric(proxy.registry, 'modelroute_proxy_tables_total', { result: 'refused' })).toBe(1)
  say(visits[0], { type: 'snapshot', version: versionOf(3), nonce: 'n3', table: makeTable(3) })
  await waitUntil('a good one is taken after it', () => proxy.holder.current()?.version === versionOf(3))
})

test('after an orderly end the proxy dials again, tells what it runs and shows the renewed token', async () => {
  const { visits, ...where } = await operator(open)
  const proxy = await proxied(where, { ...quick, token: 'first' })
  await waitUntil('the hello', () => visits[0]?.messages[0])
  say(visits[0], { type: 'snapshot', version: versionOf(1), nonce: 'n1', table: makeTable(1) })
  await waitUntil('the ack', () => visits[0]?.messages[1])
  writeFileSync(join(proxy.folder, 'token'), 'second')
  visits[0]?.stream.end()
  const hello = await waitUntil('the next hello', () => visits[1]?.messages[0])
  expect(hello).toMatchObject({ type: 'hello', lastVersion: versionOf(1) })
  expect(visits[1]?.authorization).toBe('Bearer second')
})

test('a refusal is told with its code once, counted, and tried again', async () => {
  const { visits, ...where } = await operator((stream, visit) => {
    if (visit > 2) return open(stream)
    stream.respond({ ':status': 403 })
    stream.end(JSON.stringify({ code: 'pod_unknown', message: 'The pod is not known.' }))
  })
  const proxy = await proxied(where, quick)
  await waitUntil('the third try is let in', () => visits[2]?.messages[0])
  const told = proxy.logger.lines.filter((line) => line.includes('pod_unknown') && line.includes('"warn"'))
  expect(told).toHaveLength(1)
  expect(await readMetric(proxy.registry, 'modelroute_proxy_operator_connects_total', { result: 'refused' })).toBe(2)
})

test('an operator that falls silent is given up after 45 s and not before', async () => {
  const { visits, ...where } = await operator(open)
  const clock = new ManualClock()
  const proxy = await proxied(where, { ...quick, clock })
  await waitUntil('the hello', () => visits[0]?.messages[0])
  const isConnected = () => readMetric(proxy.registry, 'modelroute_proxy_operator_connected')
  await waitUntil('the stream is open', async () => (await isConnected()) === 1)
  clock.advance(SILENCE_LIMIT_MS - 1)
  expect(await isConnected()).toBe(1)
  clock.advance(1)
  await waitUntil('the stream is given up', async () => (await isConnected()) === 0)
  await waitUntil('the proxy dials again', () => {
    clock.advance(100)
    return visits.length === 2
  })
})

test('messages it does not know are passed over', async () => {
  const { visits, ...where } = await operator(open)
  const proxy = await proxied(where)
  await waitUntil('the hello', () => visits[0]?.messages[0])
  say(visits[0], { type: 'lease', of: 'the future' })
  say(visits[0], { type: 'snapshot', version: versionOf(1), nonce: 'n1', table: makeTable(1) })
  await waitUntil('the table after it', () => proxy.holder.current() !== null)
  expect(proxy.logger.lines.join()).toContain('message of the operator ignored')
})

test('a bundle that is no certificate is not kept', async () => {
  const { visits, ...where } = await operator(open)
  const proxy = await proxied(where, quick)
  await waitUntil('the hello', () => visits[0]?.messages[0])
  say(visits[0], { type: 'trust', caPem: '-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n' })
  await waitUntil('it is told', () => proxy.logger.lines.some((line) => line.includes('certificate bundle')))
  visits[0]?.stream.end()
  await waitUntil('the next connection still works', () => visits[1]?.messages[0])
  expect(visits).toHaveLength(2)
})

test('a proxy whose token file is missing says so and goes on trying', async () => {
  const { visits, ...where } = await operator(open)
  const proxy = await proxied(where, quick)
  await waitUntil('the hello', () => visits[0]?.messages[0])
  const token = join(proxy.folder, 'token')
  renameSync(token, `${token}.away`)
  visits[0]?.stream.end()
  await waitUntil('it is told', () => proxy.logger.lines.some((line) => line.includes('ENOENT')))
  renameSync(`${token}.away`, token)
  await waitUntil('it is back', () => visits[1]?.messages[0])
  expect(visits).toHaveLength(2)
})
