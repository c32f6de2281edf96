// What one call of an application costs in calls at providers, counted, with the retries of the official SDKs on: the
// proxy's attempts and the library's never multiply.
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeTable, startProxy, type ProxyRig, type RouteSpec } from '../support/proxy-rig.ts'
import { answers, breaksAfter, chunk, neverAnswers, resets, Upstream, type Behaviour } from '../support/upstream.ts'

const ATTEMPTS = 3
const SDK_RETRIES = 2

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

async function start(failover: RouteSpec['failover'] = {}): Promise<void> {
  const targets = { first: { url: first.url, model: 'first' }, second: { url: second.url, model: 'second' } }
  const route = { backends: ['first', { target: 'second', tier: 1 }], failover: { attempts: ATTEMPTS, ...failover } }
  rig = await startProxy({ table: makeTable({ targets, routes: [route] }) })
}

interface Sdk {
  readonly name: string
  readonly ask: (isStreaming: boolean) => Promise<unknown>
}

const messages = [{ role: 'user' as const, content: 'hello' }]

const sdks: readonly Sdk[] = [
  {
    name: 'openai',
    ask: async (isStreaming) => {
      const client = new OpenAI({ baseURL: `${rig.url}/openai/v1`, apiKey: 'placeholder', maxRetries: SDK_RETRIES })
      if (!isStreaming) return client.chat.completions.create({ model: 'm', messages })
      return readAll(await client.chat.completions.create({ model: 'm', messages, stream: true }))
    },
  },
  {
    name: 'anthropic',
    ask: async (isStreaming) => {
      const client = new Anthropic({ baseURL: `${rig.url}/anthropic`, apiKey: 'placeholder', maxRetries: SDK_RETRIES })
      const request = { model: 'm', max_tokens: 9, messages }
      if (!isStreaming) return client.messages.create(request)
      return readAll(await client.messages.create({ ...request, stream: true }))
    },
  },
]

async function readAll(stream: AsyncIterable<unknown>): Promise<number> {
  let count = 0
  for await (const _event of stream) count += 1
  return count
}

/** Calls at both providers for one call of the application, and how it ended. */
async function costOf(sdk: Sdk, isStreaming: boolean): Promise<{ calls: number; isAnswered: boolean }> {
  const isAnswered = await sdk.ask(isStreaming).then(
    () => true,
    () => false,
  )
  return { calls: first.requests.length + second.requests.length, isAnswered }
}

const fails = (status: number, error: object, headers: Record<string, string> = {}): Behaviour => {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(JSON.stringify({ error: { message: 'no', ...error } }))
  }
}
const SOON = { 'retry-after-ms': '5' }

type Case = readonly [fault: string, behaviour: Behaviour, calls: number]

/** Of both providers. Where the failure is one that passes, one of them is asked once more. */
const everywhere: readonly Case[] = [
  ['a server error', fails(500, { type: 'server_error' }), ATTEMPTS],
  ['a rate limit that passes soon', fails(429, { code: 'rate_limit_exceeded' }, SOON), ATTEMPTS],
  ['an overload that passes soon', fails(503, { code: 'server_overloaded' }, SOON), ATTEMPTS],
  ['a quota that is used up', fails(429, { code: 'insufficient_quota' }), 2],
  ['a reset', resets, ATTEMPTS],
  ['a key that is refused', fails(401, { code: 'invalid_api_key' }), 1],
  ['a faulty request', fails(400, { type: 'invalid_request_error' }), 1],
]

const modes = [
  ['streamed', true],
  ['not streamed', false],
] as const

describe.each(sdks)('with the retries of $name on', (sdk) => {
  describe.each(modes)('%s', (_, isStreaming) => {
    test.each(everywhere)(
      '%s of every provider costs no more than the rule allows',
      async (_fault, behaviour, calls) => {
        await start()
        first.usual = behaviour
        second.usual = behaviour
        expect(await costOf(sdk, isStreaming)).toEqual({ calls, isAnswered: false })
      },
    )

    test('a failure of one provider costs one call more', async () => {
      await start()
      first.usual = fails(500, { type: 'server_error' })
      expect(await costOf(sdk, isStreaming)).toEqual({ calls: 2, isAnswered: true })
    })

    test('a hedge costs one call more', async () => {
      await start({ hedgeAfterMs: 30 })
      first.usual = neverAnswers
      expect(await costOf(sdk, isStreaming)).toEqual({ calls: 2, isAnswered: true })
    })

    test('a failure that the rule passes on is retried by the library alone', async () => {
      await start({ on: [] })
      first.usual = fails(503, { code: 'server_overloaded' }, SOON)
      expect(await costOf(sdk, isStreaming)).toEqual({ calls: 1 + SDK_RETRIES, isAnswered: false })
      await rig.untilReported(1 + SDK_RETRIES)
      expect(rig.exchanges.map(({ attempts }) => attempts.length)).toEqual([1, 1, 1])
    })
  })

  test('a stream that breaks off costs no other call', async () => {
    await start()
    first.usual = breaksAfter(chunk('some'))
    expect(await costOf(sdk, true)).toEqual({ calls: 1, isAnswered: false })
  })
})

test('an outage does not multiply: twenty calls with the library retrying cost twenty and the budget', async () => {
  await start({ attempts: 2 })
  const broken = answers({ error: { message: 'boom', type: 'server_error' } }, 500)
  first.usual = broken
  second.usual = broken
  const asked = Array.from({ length: 20 }, async () => sdks[0]?.ask(false).catch(() => 'failed'))
  expect(new Set(await Promise.all(asked))).toEqual(new Set(['failed']))
  const calls = first.requests.length + second.requests.length
  expect(calls).toBeGreaterThanOrEqual(20)
  expect(calls).toBeLessThanOrEqual(20 + 0.2 * 20 + 3)
})
