// What leaves beside the body of a masked call: headers and parameters that a provider needs, and of those only such
// as hold nothing that the rule masks. On a real socket, with the detectors of the proxy.
import { Buffer } from 'node:buffer'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeTable, startProxy, type ProxyRig } from '../../../support/proxy-rig.ts'
import { answers, Upstream, type Behaviour } from '../../../support/upstream.ts'

const KEYS = { 'redaction/current': Buffer.alloc(32, 7).toString('base64'), key: 'sk-of-the-provider' }
const EMAIL = 'alice.muster@example.com'
const BODY = JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: 'Hello' }] })

let upstream: Upstream
let rig: ProxyRig

beforeAll(async () => {
  upstream = await Upstream.start()
  const target = { dialect: 'OpenAI', url: `http://127.0.0.1:${upstream.port}/v1`, credential: 'key' } as const
  const table = makeTable({
    routes: [{ models: [], backends: ['OpenAI'], redact: { profile: 'Standard' } }],
    targets: { OpenAI: target },
    passthrough: 'OpenAI',
  })
  rig = await startProxy({ table, keys: KEYS })
})

afterAll(async () => {
  await rig.stop()
  await upstream.stop()
})

async function sent(headers: Readonly<Record<string, string>>, { query = '', body = BODY as string | Buffer } = {}) {
  const response = await fetch(`${rig.url}/v1/chat/completions${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: new Uint8Array(Buffer.from(body)),
  })
  expect([response.status, await response.text()]).toEqual([200, expect.anything()])
  const request = upstream.requests.at(-1)
  if (request === undefined) throw new Error('nothing was sent')
  return request
}

test.each([
  ['user-agent', `bot (+mailto:${EMAIL})`],
  ['user-agent', 'bot (alice.muster%40example.com)'],
  ['x-stainless-owner', EMAIL],
  ['idempotency-key', `${EMAIL}-1`],
  ['tracestate', `who=${EMAIL}`],
  ['openai-beta', EMAIL],
  ['accept-language', EMAIL],
  ['x-person', EMAIL],
  ['cookie', `user=${EMAIL}`],
  ['openai-organization', EMAIL],
])('header %s: %s does not leave', async (name, value) => {
  const { rawHeaders } = await sent({ [name]: value })
  expect(rawHeaders.join('\n')).not.toContain('alice')
})

test('headers without a finding leave as they came', async () => {
  const given = {
    'user-agent': 'OpenAI/Python 1.99.1',
    'x-stainless-lang': 'python',
    'idempotency-key': 'stainless-python-retry-2c0f3a71-5b53-4c9e-9f0e-7b5de1f3a911',
    traceparent: '00-01234567890123456789012345678901-0123456789012345-01',
    'openai-beta': 'assistants=v2',
  }
  expect((await sent(given)).headers).toMatchObject(given)
})

test('parameters that hold a value do not leave, others do', async () => {
  const query = '?api-version=2024-10-21&alt=alice.muster%40example.com&key=AIza&person=Alice'
  expect((await sent({}, { query })).url).toBe('/v1/chat/completions?api-version=2024-10-21')
})

test('of a compressed body nothing leaves but the text that was read', async () => {
  const body = Buffer.concat([gzipSync(BODY), Buffer.from(`\0${EMAIL}`)])
  const request = await sent({ 'content-encoding': 'gzip' }, { body })
  expect(request.body).toBe(BODY)
  expect(request.headers['content-encoding']).toBeUndefined()
})

test.each([
  ['GET', `/v1/chat/completions?metadata[who]=${EMAIL}`],
  ['HEAD', `/v1/files/${EMAIL}`],
  ['DELETE', `/v1/responses/${EMAIL}`],
])('%s %s is not passed through', async (method, path) => {
  const before = upstream.requests.length
  const response = await fetch(rig.url + path, { method })
  expect(response.headers.get('x-modelroute-error')).toBe('operation_not_maskable')
  expect(upstream.requests.length).toBe(before)
})

const repeats: Behaviour = (response, request) =>
  answers({ error: { message: `No: ${/XREF_\w+/.exec(request.body)?.[0] ?? 'nothing'}` } }, 400)(response, request)

test.each([
  ['/v1/embeddings', { model: 'm', input: EMAIL }],
  ['/v1/completions', { model: 'm', prompt: EMAIL }],
])('an error of %s that repeats a placeholder says the value again', async (path, body) => {
  upstream.script.push(repeats)
  const response = await fetch(rig.url + path, { method: 'POST', body: JSON.stringify(body) })
  expect(await response.json()).toEqual({ error: { message: `No: ${EMAIL}` } })
})

test('a value as the name of the model leaves neither in a body nor from a path, and is not logged', async () => {
  await sent({}, { body: JSON.stringify({ model: EMAIL, messages: [] }) })
  const models = () => rig.exchanges.map(({ model }) => model ?? '').join(' ')
  await expect.poll(models).toMatch(/XREF_EMAIL_/)
  expect(models()).not.toContain('alice')
  const path = `/v1beta/models/${EMAIL}:generateContent`
  const response = await fetch(rig.url + path, { method: 'POST', body: '{"contents":[{"parts":[{"text":"x"}]}]}' })
  expect(response.headers.get('x-modelroute-error')).toBe('part_not_maskable')
  expect(upstream.requests.map(({ body }) => body).join('\n')).not.toContain('alice')
})
