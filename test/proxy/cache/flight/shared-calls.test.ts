// Applications that ask the same at the same time, through the front door with real sockets: what the provider sees,
// what each of them gets, and that nobody loses an answer because another one goes, fails or is slow.
import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import { request, type ClientRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import { NAMESPACE_KEY_IDS } from '../../../../proxy/table/messages.ts'
import { FAILOVER_CLASSES } from '../../../../proxy/table/schema.ts'
import { makeTable, startProxy, type ProxyRig, type RouteSpec } from '../../../support/proxy-rig.ts'
import { answers, chunk, completion, DONE, neverAnswers, Upstream, type Behaviour } from '../../../support/upstream.ts'

const MANY = 24
const ROLE = `data: ${JSON.stringify({ id: 'c', choices: [{ index: 0, delta: { role: 'assistant', content: '' } }] })}\n\n`

let first: Upstream
let second: Upstream
let rig: ProxyRig

beforeEach(async () => {
  first = await Upstream.start()
  second = await Upstream.start()
})

afterEach(async () => {
  await rig.stop()
  await first.stop()
  await second.stop()
})

function tableOf(route: Partial<RouteSpec> = {}) {
  const targets = { first: { url: first.url, model: 'first' }, second: { url: second.url, model: 'second' } }
  const rules = { attempts: 1, on: FAILOVER_CLASSES, ...route.failover }
  return makeTable({ targets, routes: [{ backends: ['first'], cache: {}, ...route, failover: rules }] })
}

async function start(route: Partial<RouteSpec> = {}): Promise<void> {
  rig = await startProxy({ table: tableOf(route), keys: { [NAMESPACE_KEY_IDS.current]: KEY } })
}

const KEY = Buffer.alloc(32, 7).toString('base64')

interface Asked {
  readonly isStreaming?: boolean
  readonly content?: string
}

function bodyOf({ isStreaming = true, content = 'hello' }: Asked): string {
  return JSON.stringify({ model: 'm', temperature: 0, stream: isStreaming, messages: [{ role: 'user', content }] })
}

/** One application on a connection of its own. */
class Application {
  readonly #request: ClientRequest
  readonly #over = Promise.withResolvers<void>()
  #response: IncomingMessage | null = null
  #text = ''
  #waiters: (() => void)[] = []

  constructor(asked: Asked = {}) {
    this.#request = request(`${rig.url}/v1/chat/completions`, { method: 'POST', agent: false })
    this.#request.on('error', () => this.#over.resolve())
    this.#request.on('response', (response) => this.#read(response))
    this.#request.end(bodyOf(asked))
  }

  get text(): string {
    return this.#text
  }

  get response(): IncomingMessage {
    if (this.#response === null) throw new Error('no answer has begun')
    return this.#response
  }

  /** The words that came, and whether the stream had its last event. */
  async said(): Promise<string> {
    await this.#over.promise
    const words = [...this.#text.matchAll(/"content":"([^"]*)"/g)].map(([, word]) => word).join('')
    const isWhole = this.#text.endsWith(DONE) || this.#text.endsWith('}')
    return `${this.#response?.statusCode ?? 'no answer'} ${words}${isWhole ? '' : ' (cut)'}`
  }

  async until(text: string): Promise<void> {
    while (!this.#text.includes(text)) await new Promise<void>((resolve) => this.#waiters.push(resolve))
  }

  hangUp(): void {
    this.#request.destroy()
  }

  #read(response: IncomingMessage): void {
    this.#response = response
    response.setEncoding('utf8')
    response.on('data', (text: string) => {
      this.#text += text
      for (const waiter of this.#waiters.splice(0)) waiter()
    })
    response.on('error', () => {})
    response.on('close', () => this.#over.resolve())
  }
}

const applications = (count: number, asked: Asked = {}) => Array.from({ length: count }, () => new Application(asked))
const tellAll = (asking: readonly Application[]) => Promise.all(asking.map((each) => each.said()))

/** Their requests have all come, so that they wait for the same call. */
async function allWait(count: number, asked: Asked = {}): Promise<void> {
  const bytes = count * bodyOf(asked).length
  const held = async () => /^modelroute_proxy_body_bytes_held (\d+)/m.exec(await rig.registry.metrics())?.[1]
  while ((await held()) !== String(bytes)) await new Promise((resolve) => setImmediate(resolve))
}

/** A provider that says what the test tells it to, when it is told. */
function byHand() {
  const begun = Promise.withResolvers<ServerResponse>()
  const behaviour: Behaviour = (response) => begun.resolve(response)
  const write = async (...parts: readonly string[]) => {
    const response = await begun.promise
    if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.flushHeaders()
    for (const part of parts) response.write(part)
  }
  const end = async () => (await begun.promise).end()
  const closed = async () => once(await begun.promise, 'close')
  return { behaviour, write, end, closed, begun: begun.promise }
}

describe('applications that ask the same at once', () => {
  it('cost one call, and each gets the whole stream, byte for byte', async () => {
    const hand = byHand()
    await start()
    first.script.push(hand.behaviour)
    const asking = applications(MANY)
    await allWait(MANY)
    await hand.write(chunk('a'), chunk('b'))
    await asking[0]?.until('"b"')
    asking.push(new Application())
    await asking.at(-1)?.until('"b"')
    await hand.write(chunk('c'), DONE)
    await hand.end()
    expect(await tellAll(asking)).toEqual(Array.from({ length: MANY + 1 }, () => '200 abc'))
    expect(new Set(asking.map(({ text }) => text)).size).toBe(1)
    await rig.untilReported(MANY + 1)
    const led = rig.exchanges.filter(({ flight }) => flight === 'led')
    expect([first.requests.length, led.length, led[0]?.attempts.length]).toEqual([1, 1, 1])
    expect(rig.exchanges.every(({ error, finish }) => error === null && finish !== 'error')).toBe(true)
  })

  it('share a whole answer as well', async () => {
    const hand = byHand()
    await start()
    first.script.push(hand.behaviour)
    const asking = applications(MANY, { isStreaming: false })
    await allWait(MANY, { isStreaming: false })
    answers(completion('whole'))(await hand.begun, NOBODY)
    expect(await tellAll(asking)).toEqual(asking.map(() => '200 whole'))
    expect(first.requests).toHaveLength(1)
  })

  it('do not meet when they ask for different things', async () => {
    await start()
    const asking = [new Application({ content: 'one' }), new Application({ content: 'other' })]
    expect(await tellAll(asking)).toEqual(['200 from first', '200 from first'])
    expect(first.requests).toHaveLength(2)
  })

  it('do not meet on a rule that shares nothing', async () => {
    await start({ cache: { singleFlight: 'Off' } })
    const hands = [byHand(), byHand()]
    first.script.push(...hands.map(({ behaviour }) => behaviour))
    const asking = applications(2)
    await first.until(() => first.requests.length === 2)
    for (const { write, end } of hands) await write(chunk('own'), DONE).then(end)
    expect(await tellAll(asking)).toEqual(['200 own', '200 own'])
  })

  it('get each their own values back, and the provider sees none of them', async () => {
    await start({ redact: { profile: 'Standard' } })
    const hand = byHand()
    first.script.push(hand.behaviour)
    const names = ['ann@one.test', 'bob@two.test', 'cat@three.test']
    const asking = names.map((name) => new Application({ content: `write to ${name} now` }))
    await first.until(() => first.requests.length === 1)
    const [, token = ''] = /write to (\S+) now/.exec(first.requests[0]?.body ?? '') ?? []
    // Who is masked later than that finds the entry: the call is not made again for it either.
    await hand.write(chunk(`dear ${token.slice(0, 9)}`), chunk(`${token.slice(9)}!`), STOP, DONE)
    await hand.end()
    expect((await tellAll(asking)).toSorted()).toEqual(names.map((name) => `200 dear ${name}!`))
    expect(first.requests).toHaveLength(1)
    for (const name of names) expect(first.requests[0]?.body).not.toContain(name)
  })
})

const STOP = 'data: {"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'
const NOBODY = { method: '', url: '', headers: {}, rawHeaders: [], body: '', bytes: Buffer.alloc(0), connection: 0 }

describe('the one that came first hangs up', () => {
  const phases: readonly (readonly [string, readonly string[]])[] = [
    ['before the headers', []],
    ['before the first token', [ROLE]],
    ['in mid-stream', [ROLE, chunk('a')]],
  ]

  it.each(phases)('%s, and nobody else loses anything', async (_, before) => {
    const hand = byHand()
    await start()
    first.script.push(hand.behaviour)
    const leader = new Application()
    await first.until(() => first.requests.length === 1)
    const others = applications(3)
    await allWait(4)
    if (before.length > 0) await hand.write(...before)
    if (before.length > 1) await others[0]?.until('"a"')
    leader.hangUp()
    await rig.untilReported(1)
    await hand.write(...(before.length > 1 ? [] : [chunk('a')]), chunk('b'), DONE)
    await hand.end()
    expect(await tellAll(others)).toEqual(['200 ab', '200 ab', '200 ab'])
    expect(first.requests).toHaveLength(1)
    expect(rig.exchanges[0]).toMatchObject({ error: 'caller_gone', flight: 'led' })
  })

  test('while it still uploads: it was no leader, and another is', async () => {
    await start()
    const upload = request(`${rig.url}/v1/chat/completions`, { method: 'POST', headers: { 'content-length': 5000 } })
    upload.on('error', () => {})
    upload.write(bodyOf({}))
    const other = new Application()
    expect(await other.said()).toBe('200 from first')
    upload.destroy()
    expect(first.requests).toHaveLength(1)
  })

  test('and then all the others: the provider is told to stop, and who comes then is served anew', async () => {
    const hand = byHand()
    await start()
    first.script.push(hand.behaviour)
    const asking = applications(3)
    await allWait(3)
    await hand.write(chunk('a'))
    for (const each of asking) await each.until('"a"')
    const closed = hand.closed()
    for (const each of asking) each.hangUp()
    await closed
    expect(await new Application().said()).toBe('200 from first')
  })

  test('and half of the rest', async () => {
    const hand = byHand()
    await start()
    first.script.push(hand.behaviour)
    const asking = applications(MANY)
    await allWait(MANY)
    await hand.write(chunk('a'))
    for (const each of asking) await each.until('"a"')
    for (const [index, each] of asking.entries()) if (index % 2 === 0) each.hangUp()
    await rig.untilReported(MANY / 2)
    await hand.write(chunk('b'), DONE)
    await hand.end()
    const left = asking.filter((_, index) => index % 2 === 1)
    expect(await tellAll(left)).toEqual(left.map(() => '200 ab'))
    expect(first.requests).toHaveLength(1)
  })
})

describe('a slow application', () => {
  it('holds up neither the others nor the provider, and gets everything in the end', async () => {
    const hand = byHand()
    await start()
    first.script.push(hand.behaviour)
    const [slow, quick] = [new Application(), new Application()]
    await allWait(2)
    await hand.write(chunk('a'))
    await Promise.all([slow.until('"a"'), quick.until('"a"')])
    slow.response.pause()
    // More than what sockets hold on the way.
    const long = 'x'.repeat(32 * 1024)
    for (let count = 0; count < 64; count += 1) await hand.write(chunk(long))
    await hand.write(DONE)
    await hand.end()
    expect((await quick.said()).length).toBeGreaterThan(2 * 1024 * 1024)
    expect(slow.text.endsWith(DONE)).toBe(false)
    slow.response.resume()
    await slow.said()
    expect(slow.text).toBe(quick.text)
  })
})

describe('a provider that fails', () => {
  it('before its first byte costs its leader the call, and the next one tries for the rest', async () => {
    const hand = byHand()
    await start()
    first.script.push(hand.behaviour)
    const asking = applications(4, { isStreaming: false })
    await allWait(4, { isStreaming: false })
    answers({ error: { message: 'down' } }, 500)(await hand.begun, NOBODY)
    expect((await tellAll(asking)).toSorted()).toEqual([...Array.from({ length: 3 }, () => '200 from first'), '502 '])
    expect(first.requests).toHaveLength(2)
  })

  it('at its limit is not asked again by those who wait', async () => {
    const hand = byHand()
    await start()
    first.script.push(hand.behaviour)
    const asking = applications(4)
    await allWait(4)
    answers({ error: { message: 'slow down' } }, 429)(await hand.begun, NOBODY)
    expect(await tellAll(asking)).toEqual(asking.map(() => '429 '))
    expect(first.requests).toHaveLength(1)
  })

  it('in mid-stream ends each stream with one error event, and the call after it is asked anew', async () => {
    await start()
    const hand = byHand()
    first.script.push(hand.behaviour)
    const asking = applications(3)
    await allWait(3)
    await hand.write(chunk('a'))
    for (const each of asking) await each.until('"a"')
    const { socket } = await hand.begun
    socket?.destroy()
    await tellAll(asking)
    expect(asking.map(({ text }) => text.match(/stream_cut/g)?.length)).toEqual([1, 1, 1])
    expect(await new Application().said()).toBe('200 from first')
  })

  it('costs one failover for all of them', async () => {
    await start({ backends: ['first', { target: 'second', tier: 1 }], failover: { attempts: 3 } })
    const hand = byHand()
    first.script.push(hand.behaviour)
    const asking = applications(MANY)
    await allWait(MANY)
    answers({ error: { message: 'overloaded' } }, 503)(await hand.begun, NOBODY)
    expect(await tellAll(asking)).toEqual(asking.map(() => '200 from second'))
    expect([first.requests.length, second.requests.length]).toEqual([1, 1])
  })

  it('that stays silent is hedged once for all of them', async () => {
    const rules = { attempts: 3, hedgeAfterMs: 30 }
    await start({ backends: ['first', { target: 'second', tier: 1 }], failover: rules })
    const hand = byHand()
    first.usual = neverAnswers
    second.script.push(hand.behaviour)
    const asking = applications(MANY)
    await allWait(MANY)
    await hand.write(chunk('late'), DONE)
    await hand.end()
    expect(await tellAll(asking)).toEqual(asking.map(() => '200 late'))
    expect([first.requests.length, second.requests.length]).toEqual([1, 1])
    await first.until(() => first.openConnections === 0)
  })
})

describe('a new table in the middle', () => {
  it('leaves those under way to their end, and the next ones go where it says', async () => {
    await start()
    const hand = byHand()
    first.script.push(hand.behaviour)
    const before = applications(2)
    await allWait(2)
    await hand.write(chunk('a'))
    for (const each of before) await each.until('"a"')
    rig.tables.swap(tableOf({ backends: ['second'] }))
    const after = new Application()
    expect(await after.said()).toBe('200 from second')
    await hand.write(chunk('b'), DONE)
    await hand.end()
    expect(await tellAll(before)).toEqual(['200 ab', '200 ab'])
  })
})
