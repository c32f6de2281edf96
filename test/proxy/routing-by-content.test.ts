// The examples of the documentation through the front door: code to the code model, pictures to the one that sees, long
// prompts to the long context, targets that are too small passed over, and what the record says of it.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CallOperation } from '../../proxy/table/schema.ts'
import { makeTable, startProxy, type ProxyRig, type RouteSpec, type TargetSpec } from '../support/proxy-rig.ts'
import { answers, completion, Upstream } from '../support/upstream.ts'

let upstream: Upstream
let rig: ProxyRig

beforeAll(async () => {
  upstream = await Upstream.start()
  upstream.usual = answers(completion('ok'))
  rig = await startProxy()
})

afterAll(async () => {
  await rig.stop()
  await upstream.stop()
})

const TARGETS: Readonly<Record<string, Omit<TargetSpec, 'url'>>> = {
  coder: { model: 'deepseek-coder', contextTokens: { 'deepseek-coder': 64_000 } },
  seer: { model: 'gpt-4o', contextTokens: { 'gpt-4o': 128_000 } },
  small: { model: 'small', contextTokens: { small: 8000 }, outputLimits: { small: 1000 } },
  medium: { model: 'medium-32k', contextTokens: { 'medium-32k': 32_000 } },
  any: {},
}

function use(...routes: readonly RouteSpec[]): void {
  const targets = Object.fromEntries(
    Object.entries(TARGETS).map(([id, target]) => [id, { ...target, url: upstream.url }]),
  )
  rig.tables.swap(makeTable({ targets, routes }))
}

async function ask(request: object, path = '/v1/chat/completions') {
  const seen = rig.exchanges.length
  const body = JSON.stringify({ model: 'auto', ...request })
  const response = await fetch(rig.url + path, { method: 'POST', body })
  const text = await response.text()
  await rig.untilReported(seen + 1)
  const exchange = rig.exchanges.at(-1)
  return { status: response.status, target: response.headers.get('x-modelroute-target'), text, exchange }
}

const chat = (content: string | object[], others: object = {}) =>
  ask({ messages: [{ role: 'user', content }], ...others })

const CODE =
  'func total(items []Item) (sum int) {\n\tfor _, item := range items {\n\t\tsum += item.Price * item.Count\n\t}\n'
const PROSE = 'The committee met for the third time this year, and its members talked about the old town hall. '
const PICTURE = { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } }

const BY_CONTENT: readonly RouteSpec[] = [
  { looks: { content: ['Code'] }, backends: ['coder'] },
  { looks: { content: ['Image', 'Audio'] }, backends: ['seer'] },
  { looks: { contextTokens: { min: 16_001 } }, backends: ['medium'] },
  { backends: ['small'] },
]

test('code completion goes to the code model, an image caption to the image model, the rest to the default', async () => {
  use(...BY_CONTENT)
  expect((await chat(`Complete this function:\n\n${CODE}`)).target).toBe('coder')
  expect((await chat([{ type: 'text', text: 'Write a caption.' }, PICTURE])).target).toBe('seer')
  expect((await chat(`Summarise: ${PROSE}`)).target).toBe('small')
})

test('20,000 tokens go to the model of 32K', async () => {
  use(...BY_CONTENT)
  const { target, exchange } = await chat(PROSE.repeat(980))
  expect(target).toBe('medium')
  expect(exchange?.facts?.promptTokens).toBeGreaterThan(18_000)
  expect(exchange?.facts?.promptTokens).toBeLessThan(22_000)
})

test('a prompt that says its kind in model_type goes by its word', async () => {
  use(...BY_CONTENT)
  expect((await ask({ prompt: 'hello', model_type: 'code', model: undefined }, '/prompt')).target).toBe('coder')
})

test('the record has the classification and its evidence, and none of the text', async () => {
  use(...BY_CONTENT)
  const { exchange } = await chat(CODE)
  expect(exchange?.facts?.classification).toMatchObject({ content: 'Code', programmingLanguage: 'go' })
  expect(exchange?.facts?.classification?.evidence[0]).toContain('newest turn of the user: 100 % code')
  expect(JSON.stringify(exchange)).not.toContain('item.Price')
})

test('a table that asks for none of it leaves the call alone', async () => {
  use({ backends: ['any'] })
  rig.tables.swap(makeTable({ targets: { any: { url: upstream.url } }, routes: [{ backends: ['any'] }] }))
  expect((await chat(CODE)).exchange?.facts).toBeUndefined()
})

test('a target that cannot hold the prompt is passed over before its provider is asked', async () => {
  use({
    backends: [
      { target: 'small', tier: 0 },
      { target: 'medium', tier: 1 },
    ],
  })
  const before = upstream.requests.length
  const { target, exchange } = await chat(PROSE.repeat(600))
  expect(target).toBe('medium')
  expect(exchange?.attempts).toHaveLength(1)
  expect(upstream.requests.length - before).toBe(1)
})

test('the answer that is asked for needs room too, up to what the model gives', async () => {
  use({
    backends: [
      { target: 'small', tier: 0 },
      { target: 'medium', tier: 1 },
    ],
  })
  expect((await chat(PROSE.repeat(325), { max_tokens: 900 })).target).toBe('small')
  expect((await chat(PROSE.repeat(325), { max_tokens: 20_000 })).target).toBe('small')
  expect((await chat(PROSE.repeat(350), { max_tokens: 20_000 })).target).toBe('medium')
})

test('when all targets are too small the caller is told which limit and by how much', async () => {
  use({ backends: ['small', { target: 'medium', tier: 1 }] })
  const { status, text, exchange } = await chat(PROSE.repeat(3000))
  expect(status).toBe(422)
  expect(exchange?.error).toBe('context_too_long')
  expect(text).toMatch(/about [56]\d{4} tokens .*medium, holds 32000: about [23]\d{4} too many/)
})

test('an estimate that may be too large does not refuse a call that may fit', async () => {
  use({ backends: ['small'] })
  const words = Math.floor(8000 / 20.8)
  const { status } = await chat(PROSE.repeat(words + 2))
  expect(status).toBe(200)
})

test('counting tokens needs no room', async () => {
  use({ backends: ['small'] })
  const request = { model: 'claude', messages: [{ role: 'user', content: PROSE.repeat(3000) }] }
  const { status } = await ask(request, '/v1/messages/count_tokens')
  expect(status).not.toBe(422)
})

test.each<[string, string, CallOperation, object]>([
  ['a response', '/v1/responses', 'Response', { input: CODE }],
  ['an older completion', '/v1/completions', 'Completion', { prompt: CODE }],
  ['a message', '/v1/messages', 'Chat', { max_tokens: 9, messages: [{ role: 'user', content: CODE }] }],
  ['a generation', '/v1beta/models/auto:generateContent', 'Chat', { contents: [{ parts: [{ text: CODE }] }] }],
  ['an Ollama chat', '/api/chat', 'Chat', { messages: [{ role: 'user', content: CODE }] }],
])('code in %s is seen in its dialect', async (_, path, operation, request) => {
  use({ looks: { content: ['Code'] }, operations: [operation], backends: ['any'] })
  const { exchange } = await ask(request, path)
  expect(exchange?.route).toBe('test/chat/rule-0')
})

test('a prompt of 10 MiB is routed by its length within a second', async () => {
  use({ looks: { contextTokens: { min: 1_000_000 } }, backends: ['any'] }, { backends: ['small'] })
  const startMs = performance.now()
  expect((await chat(PROSE.repeat(105_000))).target).toBe('any')
  expect(performance.now() - startMs).toBeLessThan(3000)
})
