// The levels through the front door: an answer outlives its proxy on the disk and reaches other pods through the shared
// cache; and whatever is wrong with a level, every call gets the right answer.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@redis/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CacheSettings } from '../../../../proxy/wire-caching.ts'
import { hasRedis, freePort, startRedis, type RedisServer } from '../../../support/redis-server.ts'
import { CACHE, makeTable, startProxy, type ProxyRig } from '../../../support/proxy-rig.ts'
import { completion, Upstream } from '../../../support/upstream.ts'

const KEYS = { 'redaction/current': Buffer.alloc(32, 7).toString('base64') }
const MEBIBYTE = 1024 * 1024
const folder = mkdtempSync(join(tmpdir(), 'cache-door-'))
const servers: Server[] = []
let upstream: Upstream
let redis: RedisServer | null = null

beforeAll(async () => {
  upstream = await Upstream.start()
  upstream.usual = (response, received) => {
    const { messages } = JSON.parse(received.body) as { messages: readonly { readonly content: string }[] }
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(completion(`answer to ${messages[0]?.content}`)))
  }
  if (hasRedis) redis = await startRedis()
})
afterAll(async () => {
  await upstream.stop()
  await redis?.stop()
  for (const server of servers) server.close()
  rmSync(folder, { recursive: true })
})

interface Pod {
  /** Of the cache on disk; null: none. */
  readonly file?: string | null
  /** Port of the shared cache; null: none. */
  readonly shared?: number | null
}

async function startPod({ file = null, shared = null }: Pod): Promise<ProxyRig> {
  const cache: CacheSettings = {
    memoryBytes: 32 * MEBIBYTE,
    disk: file === null ? null : { path: file, maxBytes: 16 * MEBIBYTE },
    names: { pod: 'chat-1', workload: 'deployment/chat' },
    namespace: 'shop',
  }
  const rule = shared === null ? {} : ({ scope: 'Namespace', shared: 'all' } as const)
  const table = makeTable({
    targets: { a: { url: upstream.url } },
    routes: [{ backends: ['a'], cache: { ...CACHE, ...rule } }],
    ...(shared !== null && { sharedCaches: { all: { url: `redis://127.0.0.1:${shared}` } } }),
  })
  return await startProxy({ table, keys: KEYS, cache })
}

async function ask(pod: ProxyRig, question: string) {
  const body = JSON.stringify({ model: 'm', temperature: 0, messages: [{ role: 'user', content: question }] })
  const response = await fetch(`${pod.url}/v1/chat/completions`, { method: 'POST', body })
  const text = await response.text()
  return { status: response.status, cache: response.headers.get('x-modelroute-cache'), text }
}

/** Asks until the level has come up and the answer is from there: a level that is not ready is a miss. */
const untilFound = async (pod: ProxyRig, question: string, found: RegExp) =>
  await expect.poll(async () => (await ask(pod, question)).cache, { interval: 20, timeout: 5000 }).toMatch(found)

test('an answer outlives its proxy on the disk', async () => {
  const file = join(folder, 'restart.sqlite')
  const first = await startPod({ file })
  const questions = Array.from({ length: 20 }, (_unused, index) => `restart ${index}`)
  for (const question of questions) await ask(first, question)
  await first.stop()
  const second = await startPod({ file })
  // A busy machine may miss the deadline, and what was asked once is in memory: so each look is another question.
  const waiting = questions.values()
  const isFromDisk = async () => {
    const question = waiting.next().value ?? 'none is left'
    const { cache, text } = await ask(second, question)
    expect(text).toContain(`answer to ${question}`)
    return cache
  }
  await expect.poll(isFromDisk, { interval: 100, timeout: 5000 }).toMatch(/^hit; level=disk/)
  await second.stop()
})

describe.skipIf(!hasRedis)('with a shared cache', () => {
  test('what one pod was answered, another is not asked for again', async () => {
    const [one, other] = [await startPod({ shared: redis?.port ?? 0 }), await startPod({ shared: redis?.port ?? 0 })]
    await ask(one, 'warm')
    await ask(other, 'warm too')
    await untilFound(one, 'warm', /^hit/)
    await ask(one, 'shared')
    await expect.poll(async () => (await ask(other, 'shared')).cache).toMatch(/^hit; level=(shared|memory)/)
    expect(upstream.requests.filter(({ body }) => body.includes('"shared"')).length).toBeLessThanOrEqual(2)
    await one.stop()
    await other.stop()
  })

  test('values that someone has written into it by hand are never served', async () => {
    const [one, other] = [await startPod({ shared: redis?.port ?? 0 }), await startPod({ shared: redis?.port ?? 0 })]
    const client = createClient({ socket: { host: '127.0.0.1', port: redis?.port ?? 0 } })
    await client.connect()
    await client.flushAll()
    for (const question of ['p1', 'p2', 'p3', 'p4']) await ask(one, question)
    await expect.poll(async () => (await client.keys('*')).length).toBe(4)
    const names = await client.keys('*')
    const [first = '', second = '', third = '', fourth = ''] = names
    await client.rename(first, 'aside')
    await client.rename(second, first)
    await client.rename('aside', second)
    await client.set(third, '{"choices":[{"message":{"content":"poison"}}]}')
    await client.setRange(fourth, 60, 'poison')
    await ask(other, 'warming')
    for (const question of ['p1', 'p2', 'p3', 'p4']) {
      const { status, text } = await ask(other, question)
      expect([status, text.includes(`answer to ${question}`)]).toEqual([200, true])
    }
    await client.close()
    await one.stop()
    await other.stop()
  })
})

const broken: readonly (readonly [string, () => Promise<Pod>])[] = [
  ['a disk that cannot be written', async () => ({ file: '/proc/modelroute/cache.sqlite' })],
  [
    'a file that is none of ours',
    async () => {
      const file = join(folder, 'foreign.sqlite')
      writeFileSync(file, 'not a database at all\n'.repeat(1000))
      return { file }
    },
  ],
  ['a shared cache that is not there', async () => ({ shared: await freePort() })],
  ['a shared cache that never answers', async () => ({ shared: await silentServer(() => {}) })],
  [
    'a shared cache that talks nonsense',
    async () => ({
      shared: await silentServer((write) => write('HTTP/1.1 400 Bad Request\r\n\r\n')),
    }),
  ],
]

test.each(broken)('%s fails no call', async (_name, worldOf) => {
  const pod = await startPod(await worldOf())
  const questions = Array.from({ length: 24 }, (_unused, index) => `q${index % 6}`)
  for (const question of questions) {
    const { status, text } = await ask(pod, question)
    expect([status, text.includes(`answer to ${question}`)]).toEqual([200, true])
  }
  await pod.stop()
})

async function silentServer(treat: (write: (text: string) => void) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', () => treat((text) => void socket.write(text)))
  })
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}
