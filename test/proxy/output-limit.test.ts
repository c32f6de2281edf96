// A request for a longer answer than its target's model gives, through the front door: what the provider gets, what the
// caller is told, and what is counted.
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, it, test } from 'vitest'
import type { DialectName } from '../../proxy/table/schema.ts'
import { makeTable, startProxy, type ProxyRig } from '../support/proxy-rig.ts'
import { answers, completion, Upstream } from '../support/upstream.ts'

let upstream: Upstream
let rig: ProxyRig

beforeEach(async () => {
  upstream = await Upstream.start()
})

afterEach(async () => {
  await rig.stop()
  await upstream.stop()
})

interface Scene {
  readonly dialect?: DialectName
  readonly model?: string
}

async function start({ dialect = 'OpenAI', model }: Scene = {}): Promise<void> {
  const target = { url: upstream.url, dialect, outputLimits: { small: 4096 } }
  const targets = { t: model === undefined ? target : { ...target, model } }
  rig = await startProxy({ table: makeTable({ targets, routes: [{ backends: ['t'] }] }) })
}

async function post(path: string, body: string | Buffer, headers: Record<string, string> = {}) {
  const response = await fetch(rig.url + path, { method: 'POST', body, headers })
  await response.arrayBuffer()
  return { status: response.status, adjusted: response.headers.get('x-modelroute-adjusted') }
}

const sent = () => upstream.requests.at(-1)?.body

const calls: readonly (readonly [string, DialectName, string, string, string])[] = [
  ['a chat', 'OpenAI', '/v1/chat/completions', '{"model":"small",  "max_tokens":5000,"ü":1e2}', 'max_tokens'],
  [
    'a streamed chat',
    'OpenAI',
    '/v1/chat/completions',
    '{"stream":true,"model":"small","max_tokens":5000}',
    'max_tokens',
  ],
  ['a response', 'OpenAI', '/v1/responses', '{"model":"small","max_output_tokens":5000}', 'max_output_tokens'],
  ['a message', 'Anthropic', '/anthropic/v1/messages', '{"max_tokens":5000,"model":"small"}', 'max_tokens'],
  [
    "Gemini's generateContent",
    'Gemini',
    '/v1beta/models/small:generateContent',
    '{"contents":[],"generationConfig":{"maxOutputTokens":5000}}',
    'generationConfig.maxOutputTokens',
  ],
  [
    'an Ollama chat',
    'Ollama',
    '/api/chat',
    '{"stream":false,"model":"small","options":{"num_predict":5000}}',
    'options.num_predict',
  ],
  ['a prompt', 'Prompt', '/prompt', '{"model_type":"small","prompt":"p","max_tokens":5000}', 'max_tokens'],
]

it.each(calls)(
  '%s is sent with the limit, and its answer says both numbers',
  async (...[, dialect, path, body, name]) => {
    await start({ dialect })
    const { status, adjusted } = await post(path, body)
    expect([status, adjusted]).toEqual([200, `${name}=4096;asked=5000`])
    expect(sent()).toBe(body.replace('5000', '4096'))
    await rig.untilReported(1)
    expect(rig.exchanges[0]?.attempts).toMatchObject([{ isClamped: true }])
    expect(await (await fetch(`${rig.adminUrl}/metrics`)).text()).toContain(
      'modelroute_proxy_clamped_total{target="t"} 1',
    )
  },
)

it.each(calls)('%s within the limit goes out as it came', async (...[, dialect, path, body]) => {
  await start({ dialect })
  const fitting = body.replace('5000', '4096')
  expect(await post(path, fitting)).toMatchObject({ adjusted: null })
  expect(sent()).toBe(fitting)
  await rig.untilReported(1)
  expect(rig.exchanges[0]?.attempts[0]).not.toHaveProperty('isClamped')
})

test("the target's own model and its limit are written into the same bytes", async () => {
  await start({ model: 'small' })
  const { adjusted } = await post('/v1/chat/completions', '{"max_tokens":5000, "model":"any","messages":[]}')
  expect(adjusted).toBe('max_tokens=4096;asked=5000')
  expect(sent()).toBe('{"max_tokens":4096, "model":"small","messages":[]}')
})

test('a compressed request is sent with the limit, uncompressed', async () => {
  await start()
  const body = gzipSync('{"model":"small","max_tokens":5000}')
  await post('/v1/chat/completions', body, { 'content-encoding': 'gzip' })
  expect(sent()).toBe('{"model":"small","max_tokens":4096}')
  expect(upstream.requests[0]?.headers['content-encoding']).toBeUndefined()
})

test('a translated call is sent with the limit in the words of its target', async () => {
  await start({ dialect: 'OpenAI', model: 'small' })
  upstream.usual = answers(completion('hi'))
  const call = { model: 'claude', max_tokens: 5000, messages: [{ role: 'user', content: 'hi' }] }
  const { status, adjusted } = await post('/anthropic/v1/messages', JSON.stringify(call))
  expect([status, adjusted]).toEqual([200, 'max_tokens=4096;asked=5000'])
  expect(JSON.parse(sent() ?? '')).toMatchObject({ max_tokens: 4096 })
})
