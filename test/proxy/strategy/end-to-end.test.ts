// Strategies through the front door, with real sockets on both sides: where calls go, and what is known of them after.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Route } from '../../../proxy/table/schema.ts'
import type { Clock } from '../../../proxy/telemetry/clock.ts'
import { makeTable, startProxy, type ProxyRig, type RouteSpec, type TargetSpec } from '../../support/proxy-rig.ts'
import { answers, chunk, completion, DONE, echoesModel, hangsAfter, Upstream } from '../../support/upstream.ts'
import type { Behaviour } from '../../support/upstream.ts'

let one: Upstream
let other: Upstream
let rig: ProxyRig

beforeEach(async () => {
  one = await Upstream.start()
  other = await Upstream.start()
})

afterEach(async () => {
  await rig.stop()
  await one.stop()
  await other.stop()
})

interface Scene {
  readonly choice: Partial<Pick<Route, 'strategy' | 'sticky' | 'canary' | 'named'>>
  readonly backends?: RouteSpec['backends']
  readonly targets?: Readonly<Record<'one' | 'other', Partial<TargetSpec>>>
  readonly clock?: Clock
}

async function start({ choice, backends = ['one', 'other'], targets, clock }: Scene): Promise<void> {
  const table = makeTable({
    targets: {
      one: { url: one.url, model: 'one', ...targets?.one },
      other: { url: other.url, model: 'other', ...targets?.other },
    },
    routes: [{ backends, choice }],
  })
  rig = await startProxy({ table, ...(clock && { clock }) })
}

interface Asked {
  readonly stream?: boolean
  readonly said?: string
  readonly user?: string
  readonly headers?: Readonly<Record<string, string>>
}

function ask({ stream = false, said = 'hello', user, headers = {} }: Asked = {}): Promise<Response> {
  return fetch(`${rig.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'auto', stream, messages: [{ role: 'user', content: said }], user }),
  })
}

/** Which target answered, once its answer has ended. */
async function targetOf(asked: Asked = {}): Promise<string> {
  const response = await ask(asked)
  await response.arrayBuffer()
  return response.headers.get('x-modelroute-target') ?? ''
}

async function targetsOf(count: number, askedAt: (index: number) => Asked = () => ({})): Promise<readonly string[]> {
  const targets: string[] = []
  for (let index = 0; index < count; index += 1) targets.push(await targetOf(askedAt(index)))
  return targets
}

const countOf = (targets: readonly string[], name: string) => targets.filter((each) => each === name).length

test.each([true, false])(
  'latency leaves the slower target alone, until it is the faster one, streamed: %s',
  async (stream) => {
    let nowMs = Date.now()
    await start({ choice: { strategy: 'Latency' }, clock: { now: () => nowMs, after: () => () => {} } })
    const taking =
      (tookMs: number): Behaviour =>
      (response, request) => {
        nowMs += tookMs
        echoesModel(response, request)
      }
    one.usual = taking(300)
    other.usual = taking(900)
    // One call in seven tries what nobody has tried: so many that it has been, but in one run of some thousands.
    const targets = await targetsOf(60, () => ({ stream }))
    expect(countOf(targets.slice(-4), 'other')).toBeLessThan(2)
    one.usual = taking(9000)
    expect(await targetsOf(10, () => ({ stream }))).toContain('other')
  },
)

test('load goes around a target whose answers are still under way, and back when they have ended', async () => {
  await start({ choice: { strategy: 'Load' } })
  one.usual = hangsAfter(chunk('a'))
  other.usual = hangsAfter(chunk('b'))
  const open = await ask({ stream: true })
  const busy = open.headers.get('x-modelroute-target')
  one.usual = echoesModel
  other.usual = echoesModel
  const during = await targetsOf(8)
  expect(new Set(during)).toEqual(new Set([busy === 'one' ? 'other' : 'one']))
  await open.body?.cancel()
  await rig.untilReported(9)
  expect(new Set(await targetsOf(24))).toEqual(new Set(['one', 'other']))
})

describe('cost', () => {
  const prices = {
    one: { prices: { one: { input: 2_000_000, output: 8_000_000 } } },
    other: { prices: { other: { input: 250_000, output: 2_000_000, cachedInput: 25_000 } } },
  }
  const usage = { prompt_tokens: 1000, completion_tokens: 100, prompt_tokens_details: { cached_tokens: 400 } }

  test('the cheaper target answers, and the call says what it took and cost', async () => {
    await start({ choice: { strategy: 'Cost' }, targets: prices })
    other.usual = answers({ ...completion('cheap'), usage })
    expect(new Set(await targetsOf(4))).toEqual(new Set(['other']))
    await rig.untilReported(4)
    expect(rig.exchanges[0]).toMatchObject({
      usage: { inputTokens: 1000, cachedInputTokens: 400, outputTokens: 100 },
      cost: '0.00036',
    })
    const metrics = await rig.registry.metrics()
    expect(metrics).toContain('modelroute_proxy_tokens_total{target="other",kind="cached"} 1600')
    expect(metrics).toContain('modelroute_proxy_cost_total{target="other"} 0.00144')
  })

  test('so does a stream, and one that fails leaves its call to the dearer target', async () => {
    await start({ choice: { strategy: 'Cost' }, targets: prices })
    other.script.push(answers({ error: { message: 'broken' } }, 500))
    expect(await targetOf()).toBe('one')
    const last = `data: ${JSON.stringify({ choices: [], usage })}\n\n`
    other.usual = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.end(chunk('hi') + last + DONE)
    }
    expect(await targetOf({ stream: true })).toBe('other')
    await rig.untilReported(2)
    expect(rig.exchanges[1]?.cost).toBe('0.00036')
  })

  test('the cheaper target is passed over where it cannot hold the call', async () => {
    const small = { ...prices.other, contextTokens: { other: 200 } }
    await start({ choice: { strategy: 'Cost' }, targets: { ...prices, other: small } })
    expect(await targetOf({ said: 'short' })).toBe('other')
    expect(await targetOf({ said: 'many words '.repeat(300) })).toBe('one')
  })
})

describe('sticky', () => {
  const everywhere = (targets: readonly string[]) => new Set(targets).size === 2

  test('by user: one user stays whatever is said, users spread, and a call without one goes by its conversation', async () => {
    await start({ choice: { strategy: 'Sticky', sticky: { by: 'User', whenMissing: 'Conversation' } } })
    const ofOne = await targetsOf(8, (index) => ({ user: 'ada', said: `say ${index}` }))
    expect(new Set(ofOne).size).toBe(1)
    expect(everywhere(await targetsOf(24, (index) => ({ user: `user ${index}` })))).toBe(true)
    expect(everywhere(await targetsOf(24, (index) => ({ said: `other ${index}` })))).toBe(true)
    expect(new Set(await targetsOf(4, () => ({ said: 'the same' }))).size).toBe(1)
  })

  test('by a header: the header decides, and without it chance does where the rule says so', async () => {
    const sticky = { by: 'Header', header: 'x-session', whenMissing: 'Spread' } as const
    await start({ choice: { strategy: 'Sticky', sticky } })
    const ofOne = await targetsOf(8, (index) => ({ headers: { 'X-Session': 's-1' }, said: `say ${index}` }))
    expect(new Set(ofOne).size).toBe(1)
    expect(everywhere(await targetsOf(24))).toBe(true)
    expect(everywhere(await targetsOf(24, () => ({ headers: { 'x-session': '' } })))).toBe(true)
    expect(await rig.registry.metrics()).toContain('sticky_missing_total{route="test/chat/rule-0"} 48')
  })
})

describe('a canary', () => {
  const canary = (percent: number) => ({
    target: 'other',
    startMs: Date.now() - 1000,
    steps: [{ percent, forMs: 3_600_000 }],
    stopWhen: { errors: 5, slower: 1000, minCalls: 5 },
  })
  const conversations = (count: number, from = 0) => targetsOf(count, (index) => ({ said: `talk ${from + index}` }))

  test('gets its share of the conversations, and each of them again', async () => {
    await start({ choice: { canary: canary(30) }, backends: ['one'] })
    const targets = await conversations(60)
    expect(countOf(targets, 'other')).toBeGreaterThan(6)
    expect(countOf(targets, 'other')).toBeLessThan(32)
    expect(await conversations(60)).toEqual(targets)
    expect(await rig.registry.metrics()).toContain('modelroute_proxy_canary_percent{route="test/chat/rule-0"} 30')
  })

  test('that fails costs no answer, stops itself and says so', async () => {
    await start({ choice: { canary: canary(50) }, backends: ['one'] })
    other.usual = answers({ error: { message: 'no such parameter' } }, 500)
    const targets = await conversations(60)
    expect(new Set(targets)).toEqual(new Set(['one']))
    await rig.untilReported(60)
    const asked = other.requests.length
    expect(asked).toBeGreaterThanOrEqual(5)
    expect(asked).toBeLessThan(12)
    await conversations(10, 100)
    expect(other.requests.length).toBe(asked)
    expect(rig.logText()).toContain('a canary is stopped')
    expect(await rig.registry.metrics()).toContain('canary_stops_total{route="test/chat/rule-0",reason="errors"} 1')
  })
})

test('when all targets are ejected, the answer says so, and when calls are given to one again', async () => {
  const health = { failuresToEject: 2, ejectForMs: 30_000 }
  await start({ choice: { strategy: 'Load' }, targets: { one: { health }, other: { health } } })
  one.usual = other.usual = answers({ error: { message: 'no credit' } }, 402)
  const statuses = []
  for (let count = 0; count < 3; count += 1) statuses.push((await ask()).status)
  expect(statuses).toEqual([502, 503, 503])
  const response = await ask()
  expect(response.headers.get('x-modelroute-error')).toBe('targets_ejected')
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(25)
  expect(await response.text()).toContain('All 2 targets of the rule are ejected')
})
