// The proxy through its front door, with the official OpenAI library as the caller.
import OpenAI from 'openai'
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import { makeTable, startProxy, type ProxyRig, type ProxyRigOptions } from '../support/proxy-rig.ts'
import {
  answers,
  breaksAfter,
  chunk,
  completion,
  DONE,
  resets,
  streams,
  Upstream,
  type Behaviour,
} from '../support/upstream.ts'
import { converse } from '../support/wire.ts'

let alpha: Upstream
let beta: Upstream
const rigs: ProxyRig[] = []

beforeEach(async () => {
  alpha = await Upstream.start()
  beta = await Upstream.start()
})

afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.stop()
  await alpha.stop()
  await beta.stop()
})

const targets = () => ({
  alpha: { url: alpha.url, model: 'alpha-small', credential: 'ns/alpha/api-key' },
  beta: { url: beta.url, model: 'beta-large' },
})

async function proxied(options: ProxyRigOptions = {}): Promise<ProxyRig> {
  const routes = [
    { name: 'ns/chat/big', models: ['big-*'], backends: ['beta'] },
    { name: 'ns/chat/rest', models: ['auto', 'small'], backends: ['alpha', { target: 'beta', tier: 1 }] },
  ]
  const table = makeTable({ targets: targets(), routes })
  const rig = await startProxy({ table, keys: { 'ns/alpha/api-key': 'sk-real' }, ...options })
  rigs.push(rig)
  return rig
}

const clientOf = (rig: ProxyRig, maxRetries = 0) =>
  new OpenAI({
    baseURL: `${rig.url}/openai/v1`,
    apiKey: 'modelroute-placeholder',
    maxRetries,
    organization: 'org-mine',
  })

const messages = [{ role: 'user' as const, content: 'hello' }]

describe('a chat call', () => {
  test("is answered by the rule's model with the provider's key, and nothing of the caller's key leaves", async () => {
    const rig = await proxied()
    const { data, response } = await clientOf(rig).chat.completions.create({ model: 'auto', messages }).withResponse()
    expect(data.choices[0]?.message.content).toBe('from alpha-small')
    const [request] = alpha.requests
    expect(request?.headers.authorization).toBe('Bearer sk-real')
    expect(request?.url).toBe('/v1/chat/completions')
    expect(JSON.stringify(request)).not.toContain('placeholder')
    expect(JSON.stringify(request)).not.toContain('org-mine')
    expect(response.headers.get('x-modelroute-route')).toBe('ns/chat/rest')
    expect(response.headers.get('x-modelroute-target')).toBe('alpha')
    expect(response.headers.get('x-modelroute-request-id')).toMatch(/^[0-9a-z]{8}-0$/)
    await rig.untilReported(1)
    expect(rig.exchanges[0]).toMatchObject({
      route: 'ns/chat/rest',
      targetId: 'alpha',
      model: 'auto',
      status: 200,
      error: null,
    })
    expect(rig.logText()).not.toMatch(/sk-real|placeholder|hello/)
  })

  test('goes by its model to the first rule that takes it', async () => {
    const rig = await proxied()
    const answer = await clientOf(rig).chat.completions.create({ model: 'big-7', messages })
    expect(answer.choices[0]?.message.content).toBe('from beta-large')
    expect(beta.requests[0]?.headers.authorization).toBeUndefined()
  })

  test('streams, event by event', async () => {
    const rig = await proxied()
    const stream = await clientOf(rig).chat.completions.create({ model: 'auto', messages, stream: true })
    const parts: (string | null | undefined)[] = []
    for await (const event of stream) parts.push(event.choices[0]?.delta.content)
    expect(parts).toEqual(['from ', 'alpha-small'])
    expect(alpha.requests[0]?.headers['accept-encoding']).toBe('identity')
    await rig.untilReported(1)
    expect(rig.exchanges[0]).toMatchObject({ isStreaming: true, status: 200, error: null })
  })

  test('sees a changed table with the next call', async () => {
    const rig = await proxied()
    const ask = () => clientOf(rig).chat.completions.create({ model: 'auto', messages })
    expect((await ask()).choices[0]?.message.content).toBe('from alpha-small')
    rig.tables.swap(makeTable({ targets: targets(), routes: [{ backends: ['beta'] }] }))
    expect((await ask()).choices[0]?.message.content).toBe('from beta-large')
  })

  test('keeps every other byte of the request as it came', async () => {
    const rig = await proxied()
    const body =
      '{ "z":1.0e+2,  "messages":[{"role":"user","content":"h\\u00e4\\/"}],\n"model" : "auto" , "unknown":{"b":1,"a":[ ]} }'
    await fetch(`${rig.url}/v1/chat/completions?api-version=1`, { method: 'POST', body })
    expect(alpha.requests[0]?.body).toBe(body.replace('"auto"', '"alpha-small"'))
    expect(alpha.requests[0]?.url).toBe('/v1/chat/completions?api-version=1')
    rig.tables.swap(makeTable({ targets: { beta: { url: beta.url } }, routes: [{ backends: ['beta'] }] }))
    await fetch(`${rig.url}/v1/chat/completions`, { method: 'POST', body })
    expect(beta.requests[0]?.body, 'a target without a model of its own').toBe(body)
  })

  test('keeps headers in every alphabet, and passes over informational answers', async () => {
    const rig = await proxied()
    const name = Buffer.from('größe 日本', 'utf8').toString('latin1')
    alpha.script.push((response) => {
      response.writeEarlyHints({ link: '</a>; rel=preload' })
      response.writeHead(200, { 'content-type': 'application/json', 'x-name': name, 'x-modelroute-error': 'forged' })
      response.end('{"ok":true}')
    })
    const response = await fetch(`${rig.url}/v1/chat/completions`, { method: 'POST', body: '{"model":"auto"}' })
    expect(await response.text()).toBe('{"ok":true}')
    expect(response.headers.get('x-name')).toBe(name)
    expect(response.headers.get('x-modelroute-error')).toBeNull()
  })

  test.each([204, 304])('answered with %i has neither body nor length', async (status) => {
    const rig = await proxied()
    alpha.script.push((response) => response.writeHead(status).end())
    const response = await fetch(`${rig.url}/v1/chat/completions`, { method: 'POST', body: '{"model":"auto"}' })
    expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([status, null, ''])
  })

  test("keeps a provider's own refusal as it came", async () => {
    const rig = await proxied()
    const refusal = '{"error":{"message":"bad tool", "type":"invalid_request_error","param":"tools","code":null}}'
    alpha.script.push(answers(refusal, 400))
    const response = await fetch(`${rig.url}/v1/chat/completions`, { method: 'POST', body: '{"model":"auto"}' })
    expect([response.status, await response.text()]).toEqual([400, refusal])
    expect(response.headers.get('x-modelroute-error')).toBeNull()
  })
})

describe('the model list', () => {
  it.each(['/openai/v1/models', '/v1/models'])('at %s holds the models that this pod may call', async (path) => {
    const rig = await proxied()
    const response = await fetch(rig.url + path)
    const { object, data } = (await response.json()) as { object: string; data: { id: string; owned_by: string }[] }
    expect(object).toBe('list')
    expect(data.map(({ id }) => id).sort()).toEqual(['auto', 'small'])
    expect(alpha.requests).toEqual([])
  })

  test('names models of providers that a pattern lets through, and none that no rule takes', async () => {
    const table = makeTable({
      targets: targets(),
      routes: [
        { models: ['beta-*'], backends: ['beta', { target: 'alpha', tier: 1 }] },
        { models: ['gone'], backends: [], unavailable: 'Secret is missing.' },
      ],
    })
    const rig = await proxied({ table })
    const models = await clientOf(rig).models.list()
    expect(models.data.map(({ id, owned_by }) => [id, owned_by])).toEqual([['beta-large', 'test/beta']])
  })
})

describe('failover', () => {
  test('goes to the next target when one answers 500, and the caller sees one whole answer', async () => {
    const rig = await proxied()
    alpha.script.push(answers({ error: { message: 'boom' } }, 500))
    const { data, response } = await clientOf(rig).chat.completions.create({ model: 'auto', messages }).withResponse()
    expect(data.choices[0]?.message.content).toBe('from beta-large')
    expect(response.headers.get('x-modelroute-target')).toBe('beta')
    await rig.untilReported(1)
    expect(rig.exchanges[0]?.attempts.map(({ targetId, outcome }) => [targetId, outcome])).toEqual([
      ['alpha', '500'],
      ['beta', '200'],
    ])
  })

  const breaksOff: Behaviour = (response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 })
    response.write('{"id":', () => setImmediate(() => response.socket?.destroy()))
  }

  it.each([
    ['resets the connection', resets, false],
    ['breaks off its answer', breaksOff, false],
    ['ends a stream before its first event', streams(), true],
  ])('goes on when a target %s', async (_, fault, isStreaming) => {
    const rig = await proxied()
    alpha.script.push(fault)
    const body = JSON.stringify({ model: 'auto', stream: isStreaming })
    const response = await fetch(`${rig.url}/v1/chat/completions`, { method: 'POST', body })
    expect(response.headers.get('x-modelroute-target')).toBe('beta')
    expect(await response.text()).toContain('beta-large')
    expect([alpha.requests.length, beta.requests.length]).toEqual([1, 1])
  })

  test('goes on when a target refuses connections, and gives the last reason when all do', async () => {
    const rig = await proxied()
    await alpha.stop()
    const answer = await clientOf(rig).chat.completions.create({ model: 'auto', messages })
    expect(answer.choices[0]?.message.content).toBe('from beta-large')
    await beta.stop()
    const failed = clientOf(rig).chat.completions.create({ model: 'auto', messages })
    await expect(failed).rejects.toMatchObject({
      status: 502,
      code: 'targets_failed',
      type: 'server_error',
      message: '502 Target alpha failed: the connection was refused. 2 targets were tried, in 3 attempts.',
    })
    alpha = await Upstream.start()
    beta = await Upstream.start()
  })

  test('leaves no connection behind where a failed answer is longer than is read before delivery', async () => {
    const rig = await proxied()
    alpha.script.push(answers('x'.repeat(1_500_000), 500))
    const answer = await clientOf(rig).chat.completions.create({ model: 'auto', messages })
    expect(answer.choices[0]?.message.content).toBe('from beta-large')
    await alpha.until(() => alpha.openConnections === 0)
    for (const upstream of [alpha, beta]) upstream.usual = answers('x'.repeat(1_500_000), 500)
    const failed = clientOf(rig).chat.completions.create({ model: 'auto', messages })
    await expect(failed).rejects.toMatchObject({ status: 502, code: 'targets_failed' })
    for (const upstream of [alpha, beta]) await upstream.until(() => upstream.openConnections === 0)
    expect(rig.connections.openCount()).toBe(0)
  })

  test('answers 503 when the last target answers 503', async () => {
    const rig = await proxied()
    for (const upstream of [alpha, beta]) upstream.usual = answers('busy', 503)
    const failed = clientOf(rig).chat.completions.create({ model: 'auto', messages })
    await expect(failed).rejects.toMatchObject({ status: 503, code: 'targets_overloaded' })
  })

  test("delivers a provider's 500 as it came when the rule does not list its class", async () => {
    const table = makeTable({
      targets: targets(),
      routes: [{ backends: ['alpha', { target: 'beta', tier: 1 }], failover: { on: ['Connect'] } }],
    })
    const rig = await proxied({ table })
    alpha.script.push(answers('{"error":{"message":"own words"}}', 500))
    const response = await fetch(`${rig.url}/v1/chat/completions`, { method: 'POST', body: '{"model":"x"}' })
    expect([response.status, await response.text()]).toEqual([500, '{"error":{"message":"own words"}}'])
    expect(beta.requests).toEqual([])
  })

  test("costs no more attempts than the rule allows, the library's own retries included", async () => {
    const rig = await proxied()
    alpha.usual = answers('down', 500)
    beta.usual = answers('down', 500)
    await expect(clientOf(rig, 2).chat.completions.create({ model: 'auto', messages })).rejects.toMatchObject({
      status: 502,
    })
    expect(alpha.requests.length + beta.requests.length).toBe(3)
  })

  test('stops at the budget of extra attempts in an outage', async () => {
    const health = { failuresToEject: 1000, ejectForMs: 1000 }
    const { alpha: first, beta: second } = targets()
    const table = makeTable({
      targets: { alpha: { ...first, health }, beta: second },
      routes: [{ backends: ['alpha', { target: 'beta', tier: 1 }], failover: { attempts: 2 } }],
    })
    const rig = await proxied({ table })
    alpha.usual = answers('down', 500)
    const client = clientOf(rig)
    const calls = Array.from({ length: 20 }, () => client.chat.completions.create({ model: 'auto', messages }))
    const settled = await Promise.allSettled(calls)
    expect(alpha.requests).toHaveLength(20)
    expect(beta.requests.length).toBeGreaterThanOrEqual(3)
    expect(beta.requests.length).toBeLessThanOrEqual(7)
    const refused = settled.find(({ status }) => status === 'rejected')
    expect(String(refused?.status === 'rejected' ? refused.reason : '')).toContain(
      'the budget of extra attempts is spent',
    )
  })

  test('sends a call again on a fresh connection when a kept one turns out to be dead', async () => {
    const table = makeTable({ targets: targets(), routes: [{ backends: ['beta'], failover: { attempts: 1 } }] })
    const rig = await proxied({ table })
    const ask = () => clientOf(rig).chat.completions.create({ model: 'x', messages })
    await ask()
    beta.script.push(resets)
    expect((await ask()).choices[0]?.message.content).toBe('from beta-large')
    expect(beta.requests).toHaveLength(3)
    expect(new Set(beta.requests.map(({ connection }) => connection)).size).toBe(2)
  })

  test('does not send it again when a fresh connection is reset', async () => {
    const table = makeTable({ targets: targets(), routes: [{ backends: ['beta'], failover: { attempts: 1 } }] })
    const rig = await proxied({ table })
    beta.script.push(resets)
    await expect(clientOf(rig).chat.completions.create({ model: 'x', messages })).rejects.toMatchObject({ status: 502 })
    expect(beta.requests).toHaveLength(1)
  })
})

describe('a stream that breaks', () => {
  const collect = async (rig: ProxyRig) => {
    const parts: (string | null | undefined)[] = []
    const stream = await clientOf(rig, 2).chat.completions.create({ model: 'auto', messages, stream: true })
    const reading = (async () => {
      for await (const event of stream) parts.push(event.choices[0]?.delta.content)
    })()
    const error: unknown = await reading.then(
      () => null,
      (cause: unknown) => cause,
    )
    return { parts, error }
  }

  it.each([
    ['is cut after whole events', breaksAfter(chunk('a'), chunk('b'))],
    ['is cut inside of an event', breaksAfter(chunk('a'), chunk('b'), 'data: {"choices":[{"del')],
    ['ends without its last event', streams(chunk('a'), chunk('b'))],
  ])('and %s ends for the library in one error that it can tell', async (_, fault) => {
    const rig = await proxied()
    alpha.script.push(fault)
    const { parts, error } = await collect(rig)
    expect(parts).toEqual(['a', 'b'])
    expect(error).toMatchObject({ code: 'stream_cut', type: 'server_error' })
    await rig.untilReported(1)
    expect(rig.exchanges[0]).toMatchObject({ status: 200, error: 'stream_cut' })
    expect(alpha.requests.length + beta.requests.length, 'no attempt after the first byte').toBe(1)
  })

  test('has its error event inside of the answer, also where the provider declared a length', async () => {
    const rig = await proxied()
    const body = chunk('a')
    alpha.script.push((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'content-length': body.length }).end(body)
    })
    const request = '{"model":"auto","stream":true}'
    const head = `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: ${request.length}\r\n`
    const answer = await converse(rig.port, `${head}connection: close\r\n\r\n${request}`)
    expect(answer).not.toMatch(/content-length/i)
    expect(answer).toContain('"code":"stream_cut"')
    expect(answer).toMatch(/\r\n0\r\n\r\n$/)
  })

  test('passes on every event that came before its end', async () => {
    const rig = await proxied()
    const texts = Array.from({ length: 500 }, (_, index) => `part ${index} `.repeat(20))
    alpha.script.push(streams(...texts.map(chunk), DONE))
    const { parts, error } = await collect(rig)
    expect([parts, error]).toEqual([texts, null])
  })
})

describe('refusals in the shape of OpenAI', () => {
  const post = (rig: ProxyRig, body: string) =>
    fetch(`${rig.url}/openai/v1/chat/completions`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    })

  it.each([
    ['no JSON', 'hello', 400, 'body_not_json', 'an object was expected at byte 0 of 5'],
    ['cut JSON', '{"model":"auto"', 400, 'body_not_json', 'a comma or the end of an object'],
    ['no body', '', 400, 'body_not_json', 'an object was expected'],
    ['no model', '{"messages":[]}', 400, 'model_missing', '"model" must be a string'],
    ['a model that is a number', '{"model":5}', 400, 'model_missing', '"model" must be a string'],
    ['an empty model', '{"model":""}', 400, 'model_missing', '"model" must be a string'],
    ['a model that is too long', `{"model":"${'x'.repeat(257)}"}`, 400, 'model_missing', '1 to 256 characters'],
    ['a model that no rule takes', '{"model":"nope"}', 404, 'no_route', 'Tried: ns/chat/big (big-*)'],
  ])('%s', async (...[, body, status, code, words]) => {
    const rig = await proxied()
    const response = await post(rig, body)
    const { error } = (await response.json()) as { error: Record<string, string | null> }
    expect([response.status, response.headers.get('x-modelroute-error'), error['code']]).toEqual([status, code, code])
    expect(error).toMatchObject({ type: 'invalid_request_error', param: null, message: expect.stringContaining(words) })
    expect(response.headers.get('content-type')).toBe('application/json')
  })

  test('no table yet, and then one', async () => {
    const rig = await proxied({ table: null })
    const response = await post(rig, '{"model":"auto"}')
    expect([response.status, response.headers.get('x-modelroute-error')]).toEqual([503, 'no_table'])
    rig.tables.swap(makeTable({ targets: targets(), routes: [{ backends: ['beta'] }] }))
    expect((await post(rig, '{"model":"auto"}')).status).toBe(200)
  })

  test('a key that has not come: named, never shown, and healed when it comes', async () => {
    const table = makeTable({ targets: targets(), routes: [{ backends: ['alpha'] }] })
    const rig = await proxied({ table, keys: {} })
    const response = await post(rig, '{"model":"auto"}')
    expect([response.status, response.headers.get('x-modelroute-error')]).toEqual([503, 'key_missing'])
    expect(await response.text()).toContain('The key \\"ns/alpha/api-key\\" of provider test/alpha')
    rig.keys.replaceAll([{ id: 'ns/alpha/api-key', value: 'sk-late' }])
    expect((await post(rig, '{"model":"auto"}')).status).toBe(200)
    expect(alpha.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer sk-late'])
  })

  test('a rule without a backend says why', async () => {
    const table = makeTable({
      targets: {},
      routes: [{ backends: [], unavailable: 'ModelProvider ns/openai is missing.' }],
    })
    const response = await post(await proxied({ table }), '{"model":"auto"}')
    expect([response.status, response.headers.get('x-modelroute-error')]).toEqual([503, 'no_backend'])
    expect(await response.text()).toContain('ModelProvider ns/openai is missing.')
  })

  test('a path of no operation where nothing takes other paths', async () => {
    const rig = await proxied()
    const response = await fetch(`${rig.url}/openai/v1/files?key=secret`)
    expect([response.status, response.headers.get('x-modelroute-error')]).toEqual([404, 'unknown_path'])
    expect(await response.text()).toContain('Path /v1/files is no operation')
    await rig.untilReported(1)
    expect(rig.logText()).not.toContain('secret')
  })
})

test('a model of the library answers the same with and without the proxy', async () => {
  const rig = await proxied()
  beta.usual = answers(completion('same'))
  const direct = new OpenAI({ baseURL: beta.url, apiKey: 'x' })
  const [through, straight] = await Promise.all(
    [clientOf(rig), direct].map((client) => client.chat.completions.create({ model: 'big-1', messages })),
  )
  expect(through).toEqual(straight)
})
