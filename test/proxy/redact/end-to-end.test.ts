// Masking through the whole proxy and real sockets: what the provider sees holds none of the caller's values, and what
// the caller gets holds all of them.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { makeTable, startProxy, type ProxyRig } from '../../support/proxy-rig.ts'
import { answers, chunk, completion, DONE, streams, Upstream } from '../../support/upstream.ts'

let upstream: Upstream
let rig: ProxyRig

const KEYS = { 'redaction/current': Buffer.alloc(32, 7).toString('base64') }
const EMAIL = 'alice.muster@example.com'
const PHONE = '13812345678'
const SAID = `Mail ${EMAIL} or call ${PHONE}, 身份证号 11010519491231002X.`

beforeAll(async () => {
  upstream = await Upstream.start()
  const table = makeTable({
    routes: [{ backends: ['a'], redact: {} }],
    targets: { a: { url: upstream.url } },
  })
  rig = await startProxy({ table, keys: KEYS })
})

beforeEach(() => void upstream.requests.splice(0))

afterAll(async () => {
  await rig.stop()
  await upstream.stop()
})

async function ask(
  body: object,
): Promise<{ readonly status: number; readonly text: string; readonly headers: Headers }> {
  const response = await fetch(`${rig.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { status: response.status, text: await response.text(), headers: response.headers }
}

const question = (content: string, more: object = {}) => ({
  model: 'm',
  messages: [{ role: 'user', content }],
  ...more,
})
const lastSaid = () => {
  const body = JSON.parse(upstream.requests.at(-1)?.body ?? '{}') as { messages: { content: string }[] }
  return body.messages.at(-1)?.content ?? ''
}

test('values leave as placeholders and come back as they were', async () => {
  upstream.usual = (response, request) => answers(completion(`You said: ${lastSaid()}`))(response, request)
  const { status, text, headers } = await ask(question(SAID))
  expect(status).toBe(200)
  const sent = upstream.requests[0]?.body ?? ''
  expect(sent).not.toContain(EMAIL)
  expect(sent).not.toContain(PHONE)
  expect(sent).not.toContain('11010519491231002X')
  expect(sent).toMatch(/XREF_EMAIL_[0-9A-HJKMNP-TV-Z]{13}/)
  const answer = JSON.parse(text) as { choices: { message: { content: string } }[] }
  expect(answer.choices[0]?.message.content).toBe(`You said: ${SAID}`)
  expect(headers.get('x-modelroute-redaction')).toBe('masked')
  const [exchange] = rig.exchanges
  expect(exchange?.redaction).toMatchObject({ outcome: 'masked', sent: 3, restored: 3, damaged: 0, unknown: 0 })
})

test('in a stream too, wherever the placeholders are cut', async () => {
  upstream.usual = (response, request) => {
    const parts = lastSaid().match(/.{1,3}/gsu) ?? []
    streams(...parts.map((part) => chunk(part)), DONE)(response, request)
  }
  const { text } = await ask(question(SAID, { stream: true }))
  const events = text.split('\n\n').filter((event) => event.startsWith('data: {'))
  const said = events.map((event) => {
    const parsed = JSON.parse(event.slice(6)) as { choices: { delta: { content: string } }[] }
    return parsed.choices[0]?.delta.content ?? ''
  })
  expect(said.join('')).toBe(SAID)
  expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
  expect(events.length).toBe((lastSaid().match(/.{1,3}/gsu) ?? []).length)
})

test('a value has the same placeholder in every turn, and bytes around it stay as they came', async () => {
  const first = { role: 'user', content: SAID }
  await ask({ model: 'm', messages: [first] })
  await ask({ model: 'm', messages: [first, { role: 'assistant', content: 'ok' }, { role: 'user', content: PHONE }] })
  const [one = '', two = ''] = upstream.requests.map(({ body }) => body)
  expect(two.startsWith(one.slice(0, one.indexOf(']')))).toBe(true)
})

test('without the key of the namespace nothing leaves', async () => {
  rig.keys.replaceAll([])
  const { status, headers } = await ask(question(SAID))
  expect(status).toBe(503)
  expect(headers.get('x-modelroute-error')).toBe('masking_not_ready')
  expect(upstream.requests).toEqual([])
})
