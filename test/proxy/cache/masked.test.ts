// Callers whose calls differ in masked values alone, through the front door: they share an answer, and each of them
// gets its own values back, wherever those stand in it.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { DialectName } from '../../../proxy/table/schema.ts'
import { makeTable, startProxy, type ProxyRig } from '../../support/proxy-rig.ts'
import { detectPlainly } from '../redact/plain-detection.ts'
import { answers, completion, DONE, streams, Upstream } from '../../support/upstream.ts'

const KEYS = { 'redaction/current': Buffer.alloc(32, 7).toString('base64') }
const PEOPLE = ['alice.muster@example.com', 'bob@another.example'] as const
const CHAT = '/v1/chat/completions'

let upstream: Upstream
let rig: ProxyRig

beforeAll(async () => {
  upstream = await Upstream.start()
  rig = await startProxy({ keys: KEYS, detect: detectPlainly })
})

beforeEach(() => aimAt('OpenAI'))

afterAll(async () => {
  await rig.stop()
  await upstream.stop()
})

let generation = 0

/** Another generation for each test: what was kept before is not served. */
function aimAt(dialect: DialectName): void {
  const url = dialect === 'OpenAI' ? upstream.url : upstream.url.replace('/v1', '')
  const route = { backends: ['a'], redact: {}, cache: { generation: (generation += 1) } }
  rig.tables.swap(makeTable({ targets: { a: { url, dialect } }, routes: [route] }))
  upstream.requests.length = 0
}

async function post(path: string, body: object, headers: Record<string, string> = {}) {
  const response = await fetch(rig.url + path, { method: 'POST', body: JSON.stringify(body), headers })
  return { cache: response.headers.get('x-modelroute-cache'), text: await response.text() }
}

const question = (content: string, more: object = {}) => ({
  model: 'm',
  temperature: 0,
  messages: [{ role: 'user', content }],
  ...more,
})

function said(): string {
  const { messages } = JSON.parse(upstream.requests.at(-1)?.body ?? '{}') as { messages: { content: string }[] }
  return messages.at(-1)?.content ?? ''
}

it('share an answer, and each gets its own back', async () => {
  upstream.usual = (response, request) => answers(completion(`Write to ${said()} now`))(response, request)
  const first = await post(CHAT, question(PEOPLE[0]))
  const second = await post(CHAT, question(PEOPLE[1]))
  expect([first.cache, second.cache]).toEqual(['miss', 'hit; level=memory'])
  expect(first.text).toContain(`Write to ${PEOPLE[0]} now`)
  expect(second.text).toContain(`Write to ${PEOPLE[1]} now`)
  expect(second.text).not.toContain('XREF')
  expect(upstream.requests).toHaveLength(1)
  expect(rig.exchanges.at(-1)?.redaction).toMatchObject({ seen: 1, restored: 1, unknown: 0 })
})

it('share a stream, wherever it is cut and however deep the values stand in escapes', async () => {
  upstream.usual = (response, request) => {
    const token = said()
    const call = { index: 0, id: 'c', type: 'function', function: { name: 'f', arguments: '' } }
    const part = (text: string) => ({ tool_calls: [{ index: 0, function: { arguments: text } }] })
    const deltas = [
      { role: 'assistant', content: token.slice(0, 9) },
      { content: token.slice(9) },
      { tool_calls: [call] },
      part(`{"to":"${token.slice(0, 12)}`),
      part(`${token.slice(12)}"}`),
    ].map((delta) => `data: ${JSON.stringify({ choices: [{ index: 0, delta }] })}\n\n`)
    const end = `data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] })}\n\n`
    streams(...deltas, end, DONE)(response, request)
  }
  const [first, second] = [
    await post(CHAT, question(PEOPLE[0], { stream: true })),
    await post(CHAT, question(PEOPLE[1], { stream: true })),
  ]
  expect(second.cache).toBe('hit; level=memory')
  expect(second.text).toBe(first.text.replaceAll(PEOPLE[0], PEOPLE[1]))
  expect(second.text.split(PEOPLE[1])).toHaveLength(3)
})

it('do not share where they use a value twice and the other one two values', async () => {
  await post(CHAT, question(`${PEOPLE[0]} and ${PEOPLE[1]}`))
  const { cache } = await post(CHAT, question(`${PEOPLE[0]} and ${PEOPLE[0]}`))
  expect(cache).toBe('miss')
})

it('do not share vectors, which belong to the very text', async () => {
  upstream.usual = answers({ object: 'list', data: [] })
  await post('/v1/embeddings', { model: 'm', input: PEOPLE[0] })
  const other = await post('/v1/embeddings', { model: 'm', input: PEOPLE[1] })
  const same = await post('/v1/embeddings', { model: 'm', input: PEOPLE[0] })
  expect([other.cache, same.cache]).toEqual(['miss', 'hit; level=memory'])
})

it('do not share what a provider has signed over their placeholders', async () => {
  aimAt('Gemini')
  const generationConfig = { temperature: 0 }
  const asked = (text: string) => ({ generationConfig, contents: [{ role: 'user', parts: [{ text }] }] })
  upstream.usual = (response, request) => {
    const { contents } = JSON.parse(request.body) as ReturnType<typeof asked>
    const text = contents[0]?.parts[0]?.text
    const part = { functionCall: { name: 'f', args: { text } }, thoughtSignature: 'sig' }
    answers({ candidates: [{ content: { parts: [part] }, finishReason: 'STOP' }] })(response, request)
  }
  const path = '/v1beta/models/m:generateContent'
  await post(path, asked(PEOPLE[0]))
  const [other, same] = [await post(path, asked(PEOPLE[1])), await post(path, asked(PEOPLE[1]))]
  expect([other.cache, same.cache]).toEqual(['miss', 'hit; level=memory'])
  expect(other.text).toContain(PEOPLE[1])
  expect(same.text).toBe(other.text)
})

it('gives a caller the placeholder that it would see itself, where the value never comes back', async () => {
  const [one, other] = ['A', 'B'].map((letter) => `AGE-SECRET-KEY-1${letter.repeat(58)}`)
  upstream.usual = (response, request) => answers(completion(`I saw ${said()}`))(response, request)
  await post(CHAT, question(`${one}`))
  const hit = await post(CHAT, question(`${other}`))
  const own = await post(CHAT, question(`${other}`), { 'x-modelroute-cache': 'bypass' })
  expect(hit.cache).toBe('hit; level=memory')
  expect(said()).toMatch(/^XREF_/)
  expect(hit.text).toContain(said())
  expect(hit.text).toBe(own.text)
})

it('gives numbers of a document back as numbers, each caller its own', async () => {
  const asked = (phone: number) => {
    const call = { id: 'c', type: 'function', function: { name: 'dial', arguments: JSON.stringify({ phone }) } }
    const messages = [{ role: 'assistant', content: null, tool_calls: [call] }]
    return { model: 'm', temperature: 0, messages }
  }
  upstream.usual = (response, { body, ...request }) => {
    const { messages } = JSON.parse(body) as ReturnType<typeof asked>
    const [message] = messages
    const choices = [{ index: 0, finish_reason: 'tool_calls', message }]
    answers({ id: 'c', choices })(response, { body, ...request })
  }
  const first = await post(CHAT, asked(13_812_345_678))
  const second = await post(CHAT, asked(13_900_000_001))
  expect(second.cache).toBe('hit; level=memory')
  expect(first.text).toContain(String.raw`{\"phone\":13812345678}`)
  expect(second.text).toBe(first.text.replace('13812345678', '13900000001'))
})
