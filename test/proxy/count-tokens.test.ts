// Questions for the tokens of a chat, between the vendors that answer them, through real sockets.
import { afterEach, beforeEach, expect, it, test } from 'vitest'
import type { DialectName } from '../../proxy/table/schema.ts'
import { makeTable, startProxy, type ProxyRig } from '../support/proxy-rig.ts'
import { answers, Upstream } from '../support/upstream.ts'

let upstream: Upstream
let rig: ProxyRig

beforeEach(async () => {
  upstream = await Upstream.start()
  rig = await startProxy()
})

afterEach(async () => {
  await rig.stop()
  await upstream.stop()
})

async function ask(to: DialectName, path: string, body: object) {
  const targets = { a: { url: upstream.url, dialect: to, model: 'theirs' } }
  rig.tables.swap(makeTable({ targets, routes: [{ backends: ['a'] }] }))
  const response = await fetch(rig.url + path, { method: 'POST', body: JSON.stringify(body) })
  const sent = upstream.requests.at(-1)
  return {
    status: response.status,
    body: (await response.json()) as { error?: { message: string } },
    sent: sent && { url: sent.url, body: JSON.parse(sent.body) as unknown },
    dropped: response.headers.get('x-modelroute-dropped'),
  }
}

const tool = { name: 'f', description: 'd', input_schema: { type: 'object', properties: {} } }

test('Anthropic asks Gemini, with system text and tools, and gets the number in its own words', async () => {
  upstream.usual = answers({ totalTokens: 31, promptTokensDetails: [] })
  const { status, body, sent } = await ask('Gemini', '/v1/messages/count_tokens', {
    model: 'm',
    system: 'be brief',
    tools: [tool],
    messages: [{ role: 'user', content: 'hello' }],
  })
  expect([status, body]).toEqual([200, { input_tokens: 31 }])
  expect(sent).toEqual({
    url: '/v1/models/theirs:countTokens',
    body: {
      generateContentRequest: {
        model: 'models/theirs',
        systemInstruction: { parts: [{ text: 'be brief' }] },
        contents: [{ role: 'user', parts: [{ text: 'hello' }] }],
        tools: [{ functionDeclarations: [{ name: 'f', description: 'd', parametersJsonSchema: tool.input_schema }] }],
      },
    },
  })
})

it.each([
  ['its contents alone', (chat: object) => chat],
  ['the whole chat', (chat: object) => ({ generateContentRequest: { model: 'models/m', ...chat } })],
])('Gemini asks Anthropic about %s, without what shapes an answer', async (_, wrap) => {
  upstream.usual = answers({ input_tokens: 7 })
  const chat = {
    contents: [{ role: 'user', parts: [{ text: 'hello' }] }],
    generationConfig: { temperature: 0.5, maxOutputTokens: 5 },
  }
  const { status, body, sent } = await ask('Anthropic', '/v1beta/models/m:countTokens', wrap(chat))
  expect([status, body]).toEqual([200, { totalTokens: 7 }])
  expect(sent).toEqual({
    url: '/v1/messages/count_tokens',
    body: { model: 'theirs', messages: [{ role: 'user', content: [{ type: 'text', text: 'hello' }] }] },
  })
})

it.each<[DialectName, string]>([
  ['OpenAI', 'CountTokens'],
  ['Ollama', 'CountTokens'],
])('a provider of %s, which counts none, is refused by the name of the operation', async (to, operation) => {
  const { status, body } = await ask(to, '/v1/messages/count_tokens', { model: 'm', messages: [] })
  expect([status, body.error?.message.includes(operation)]).toEqual([400, true])
  expect(upstream.requests).toHaveLength(0)
})

test('what cannot be said in the chat cannot be counted', async () => {
  const messages = [{ role: 'user', content: [{ type: 'image', source: { type: 'file', file_id: 'f' } }] }]
  const { status, body } = await ask('Gemini', '/v1/messages/count_tokens', { model: 'm', messages })
  expect([status, body.error?.message.includes('by id')]).toEqual([400, true])
})

test('an answer without a number is a failure of the target', async () => {
  upstream.usual = answers({ tokens: 'many' })
  expect(
    (await ask('Gemini', '/v1/messages/count_tokens', { model: 'm', messages: [{ role: 'user', content: 'x' }] }))
      .status,
  ).toBe(502)
})
