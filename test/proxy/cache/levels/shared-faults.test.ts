// Servers that are away, silent, or talk nonsense: no call fails because of them, none waits longer than the deadline,
// and they are used again when they are well.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { freePort, hasRedis, startRedis } from '../../../support/redis-server.ts'
import { sharedLevel, type SharedSubject } from '../../../support/shared-level-rig.ts'
import { entryAt, keyOf } from '../../../suites/cache-store.ts'

const ended: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ended.splice(0).toReversed()) await end()
})

async function create(subject: SharedSubject) {
  const rig = sharedLevel(subject)
  ended.push(() => rig.level.close())
  await rig.level.flush()
  const find = async (name: string) => (await rig.level.get(keyOf(name)))?.value.toString() ?? null
  const put = async (name: string) => {
    rig.level.set(keyOf(name), entryAt(Date.now(), name))
    await rig.level.flush()
  }
  const again = async () => {
    rig.rest()
    await rig.connection.connect()
    await rig.level.flush()
  }
  return { ...rig, find, put, again }
}

/** A server that treats each connection as it is told. */
async function listen(treat: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    treat(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  ended.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

/** Answers what the library asks at the beginning, then treats the look as it is told. */
const afterHello = (treat: (socket: Socket) => void) => (socket: Socket) => {
  socket.on('data', (chunk: Buffer) => {
    if (chunk.includes('GET') || chunk.includes('SET')) treat(socket)
    else socket.write('+OK\r\n')
  })
}

const GARBAGE: readonly (readonly [string, string | Buffer])[] = [
  ['an HTTP page', 'HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n'],
  ['random bytes', Buffer.from(Array.from({ length: 400 }, (_unused, index) => (index * 7919 + 13) % 256))],
  ['an answer of another kind', ':42\r\n'],
  ['a list of lists', '*2\r\n*1\r\n$1\r\na\r\n:1\r\n'],
  ['a text that is no entry', '$5\r\nhello\r\n'],
  ['more answers than were asked for', '$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n'],
  ['a length that is a lie', '$999999999\r\nabc'],
  ['a negative length', '$-17\r\n'],
  ['a refusal', '-ERR unknown command\r\n'],
]

test.each(GARBAGE)('a server that answers with %s is a miss', async (_name, bytes) => {
  const port = await listen(afterHello((socket) => socket.write(bytes)))
  const { find, put } = await create({ port, patience: 0.3 })
  for (let times = 0; times < 3; times += 1) expect(await find('a')).toBeNull()
  await put('b')
  expect(await find('a')).toBeNull()
})

test.each(GARBAGE.slice(0, 2))('a server that greets with %s is not used', async (_name, bytes) => {
  const port = await listen((socket) => socket.write(bytes))
  const { find, level } = await create({ port, patience: 0.1 })
  expect(await find('a')).toBeNull()
  expect(await level.purge({})).toBeNull()
})

test('a server that is not there costs nothing and is told once', async () => {
  const { level, observer, warnings } = await create({ port: await freePort() })
  for (let times = 0; times < 100; times += 1) expect(level.get(keyOf('a'))).toBeNull()
  expect(new Set(observer.skips)).toEqual(new Set(['open']))
  expect(warnings.length).toBe(1)
  expect(await level.statistics()).toMatchObject([{ level: 'shared', state: 'failing' }])
})

test('a server that hangs is waited for five times, 20 ms each, then left alone', async () => {
  const port = await listen(afterHello(() => {}))
  const { level, observer, warnings, pass, find } = await create({ port, patience: 1 })
  const startedMs = performance.now()
  for (let times = 0; times < 5; times += 1) {
    expect(await find('a')).toBeNull()
    pass(25)
  }
  expect(performance.now() - startedMs).toBeLessThan(1000)
  expect(observer.skips).toEqual(Array.from({ length: 5 }, () => 'deadline'))
  expect(level.get(keyOf('a'))).toBeNull()
  expect(warnings).toMatchObject([{ reason: 'it was too slow' }])
})

test('a server that takes the connection and never speaks is given up', async () => {
  const port = await listen(() => {})
  const { find, observer } = await create({ port, patience: 0.02 })
  expect(await find('a')).toBeNull()
  expect(observer.skips).toEqual(['deadline'])
})

test('a server that hangs up in the middle of every look is a miss', async () => {
  const port = await listen(afterHello((socket) => socket.destroy()))
  const { find, again } = await create({ port })
  for (let times = 0; times < 5; times += 1) {
    expect(await find('a')).toBeNull()
    await again()
  }
})

describe.skipIf(!hasRedis)('a real server', () => {
  test('that is killed is a miss, and is used again when it is back', async () => {
    const first = await startRedis()
    ended.push(() => first.stop())
    const { find, put, again, warnings } = await create({ port: first.port })
    await put('a')
    expect(await find('a')).toBe('a')
    await first.stop()
    await expect.poll(() => find('a'), { interval: 5 }).toBeNull()
    await put('b')
    const second = await startRedis(first.port)
    ended.push(() => second.stop())
    await again()
    expect(await find('a')).toBeNull()
    await put('c')
    expect(await find('c')).toBe('c')
    expect(warnings.length).toBe(1)
  })

  test('that is full refuses new entries and keeps the old ones', async () => {
    const server = await startRedis(0, ['--maxmemory', '2mb', '--maxmemory-policy', 'noeviction'])
    ended.push(() => server.stop())
    const { level, observer, again } = await create({ port: server.port })
    const values = Array.from({ length: 60 }, () => randomBytes(80_000))
    const noise = (index: number) => values[index] ?? Buffer.alloc(0)
    for (let index = 0; index < 60; index += 1) {
      level.set(keyOf(index), { ...entryAt(Date.now(), ''), value: noise(index) })
      await level.flush()
      await again()
    }
    expect(observer.skips).toContain('failed')
    const found = await Promise.all(values.map(async (_value, index) => level.get(keyOf(index))))
    expect(found.filter((entry, index) => entry !== null && !entry.value.equals(noise(index)))).toEqual([])
    expect(found.filter((entry) => entry !== null).length).toBeGreaterThan(0)
  })

  test('that wants a password gets it, and without the right one is not used', async () => {
    const server = await startRedis(0, ['--requirepass', 'open sesame'])
    ended.push(() => server.stop())
    const right = await create({ port: server.port, password: 'open sesame' })
    const wrong = await create({ port: server.port, password: 'guess' })
    const none = await create({ port: server.port })
    for (const { put } of [right, wrong, none]) await put('a')
    expect([await right.find('a'), await wrong.find('b'), await none.find('b')]).toEqual(['a', null, null])
    expect(wrong.warnings[0]?.reason).toMatch(/WRONGPASS/)
    expect(JSON.stringify(wrong.warnings)).not.toContain('guess')
  })

  test('without TLS is not spoken to where TLS is asked for', async () => {
    const server = await startRedis()
    ended.push(() => server.stop())
    const { find, warnings } = await create({
      port: server.port,
      patience: 0.05,
      row: { url: `rediss://127.0.0.1:${server.port}` },
    })
    expect(await find('a')).toBeNull()
    expect(warnings.length).toBe(1)
  })
})
