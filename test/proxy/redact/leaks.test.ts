// A full run of the proxy over all dialects, whole and streamed, same and translated, good and failing: the caller gets
// its values, and they stand nowhere else: not at the provider, in no log line, metric, header, error or recent call.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeTable, startProxy, type ProxyRig } from '../../support/proxy-rig.ts'
import { answers, streams, Upstream, type Behaviour, type SeenRequest } from '../../support/upstream.ts'
import { detectPlainly } from './plain-detection.ts'
import { TEXT_CASES } from './restore/stream-cases.ts'

const VALUES = ['alice.muster@example.com', '13812345678', '4111 1111 1111 1111', '11010519491231002X', '张伟']
const SAID = `Write: ${VALUES.join(', ')}; ${'token=Kq7vX2mP9sT4wZ8b'}`
const SECRETS = [...VALUES, 'Kq7vX2mP9sT4wZ8b']
const KEYS = { 'redaction/current': Buffer.alloc(32, 7).toString('base64'), key: 'sk-of-the-provider' }
const TOKEN = /XREF_[A-Z]+_[0-9A-HJKMNP-TV-Z]{13}/g

let upstream: Upstream
let rig: ProxyRig
/** What came back to callers beside bodies: headers, and the bodies of failures. */
const told: string[] = []

beforeAll(async () => {
  upstream = await Upstream.start()
  const bases = { OpenAI: '/v1', Anthropic: '/v1', Gemini: '/v1beta', Ollama: '', Prompt: '/ask' } as const
  const dialects = Object.entries(bases) as [keyof typeof bases, string][]
  const table = makeTable({
    routes: [
      ...dialects.map(([name]) => ({
        models: [`to-${name}`],
        backends: [name],
        redact: { profile: 'Credentials' as const },
      })),
      { models: ['auto'], backends: ['Prompt'], redact: { profile: 'Credentials' } },
      { models: ['passed'], backends: ['OpenAI'], redact: { profile: 'Credentials', onFailure: 'Pass' } },
      {
        models: ['strict'],
        backends: ['OpenAI'],
        redact: { profile: 'Strict' },
      },
    ],
    targets: Object.fromEntries(
      dialects.map(([dialect, base]) => [
        dialect,
        { dialect, url: `http://127.0.0.1:${upstream.port}${base}`, credential: 'key' },
      ]),
    ),
    passthrough: 'OpenAI',
  })
  rig = await startProxy({ table, keys: KEYS, detect: detectPlainly })
})

afterAll(async () => {
  await rig.stop()
  await upstream.stop()
})

async function ask(path: string, body: object, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(rig.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-person': VALUES[0] ?? '', ...headers },
    body: JSON.stringify(body),
  })
  const text = await response.text()
  told.push(JSON.stringify([...response.headers]))
  return { status: response.status, text, error: response.headers.get('x-modelroute-error') }
}

const messages = [{ role: 'user', content: SAID }]
const BODIES = {
  'OpenAI chat': ['/v1/chat/completions', { messages, stream: true }],
  'OpenAI chat, reasoning': ['/v1/chat/completions', { messages, stream: true }],
  'OpenAI completions': ['/v1/completions', { prompt: SAID, stream: true }],
  'OpenAI responses': ['/v1/responses', { input: SAID, stream: true }],
  Anthropic: ['/v1/messages', { messages, max_tokens: 9, stream: true }],
  Gemini: [
    '/v1beta/models/to-Gemini:streamGenerateContent?alt=sse&person=alice.muster@example.com',
    { contents: [{ parts: [{ text: SAID }] }] },
  ],
  'Gemini, an array': ['/v1beta/models/to-Gemini:streamGenerateContent', { contents: [{ parts: [{ text: SAID }] }] }],
  Ollama: ['/api/chat', { messages }],
  Prompt: ['/prompt', { prompt: SAID }],
} as const

const MEDIA = { sse: 'text/event-stream', lines: 'application/x-ndjson', array: 'application/json' }

/** What a model says that repeats every placeholder it was sent. */
const repeated = ({ body }: SeenRequest) => [...new Set(body.match(TOKEN))].join(' & ')
const EXPECTED = SECRETS.join(' & ')

describe.each(TEXT_CASES)('$name', ({ name, format, write, read }) => {
  const [path, body] = BODIES[name as keyof typeof BODIES]
  const model = `to-${name.split(/[ ,]/)[0] ?? ''}`

  test.each([1, 3, 1000])('streamed in pieces of %i', async (size) => {
    upstream.script.push((response, request) => {
      const pieces = repeated(request).match(new RegExp(`.{1,${size}}`, 'gs')) ?? []
      response.writeHead(200, { 'content-type': MEDIA[format.framing.name] })
      response.end(write(pieces))
    })
    const { text } = await ask(path, { ...(name === 'Prompt' ? {} : { model }), ...body }, { 'x-stream': 'true' })
    expect(read(text)).toBe(EXPECTED)
  })
})

const completion = (content: string) => ({
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content } }],
})
const message = (text: string) => ({
  id: 'm',
  type: 'message',
  role: 'assistant',
  model: 'm',
  content: [{ type: 'text', text }],
  stop_reason: 'end_turn',
  usage: { input_tokens: 1, output_tokens: 1 },
})

const says =
  (make: (text: string) => object): Behaviour =>
  (response, request) =>
    answers(make(repeated(request)))(response, request)

test('whole answers, of the same dialect and of another one', async () => {
  upstream.script.push(says(completion), says(message), says(completion))
  const same = await ask('/v1/chat/completions', { model: 'to-OpenAI', messages })
  const other = await ask('/v1/chat/completions', { model: 'to-Anthropic', messages })
  const back = await ask('/v1/messages', { model: 'to-OpenAI', messages, max_tokens: 9 })
  for (const { text } of [same, other, back]) expect(text).toContain(EXPECTED)
})

test('a stream of another dialect', async () => {
  upstream.script.push((response, request) => {
    const pieces = repeated(request).match(/.{1,4}/gs) ?? []
    streams(TEXT_CASES.find(({ name }) => name === 'Anthropic')?.write(pieces) ?? '')(response, request)
  })
  const { text } = await ask('/v1/chat/completions', { model: 'to-Anthropic', messages, stream: true })
  expect(TEXT_CASES[0]?.read(text)).toBe(EXPECTED)
})

test('an error of the provider that repeats what it was sent', async () => {
  const refused: Behaviour = (response, request) =>
    answers({ error: { message: `No: ${repeated(request)}`, type: 'invalid_request_error' } }, 400)(response, request)
  upstream.script.push(refused)
  const { text, status } = await ask('/v1/chat/completions', { model: 'to-OpenAI', messages })
  expect([status, JSON.parse(text)]).toEqual([
    400,
    { error: { message: `No: ${EXPECTED}`, type: 'invalid_request_error' } },
  ])
})

test('refusals, and paths that nobody reads', async () => {
  const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }
  const calls: readonly (readonly [path: string, body: object, code: string])[] = [
    ['/v1/responses', { model: 'to-OpenAI', input: SAID, previous_response_id: VALUES[0] }, 'state_not_maskable'],
    [
      '/v1/chat/completions',
      { model: 'to-OpenAI', messages: [{ role: 'user', content: [{ type: SAID }] }] },
      'part_not_maskable',
    ],
    [
      '/v1/chat/completions',
      { model: 'strict', messages: [{ role: 'user', content: [image] }] },
      'content_not_inspected',
    ],
    ['/v1/audio/speech', { input: SAID }, 'operation_not_maskable'],
    ['/v1/audio/transcriptions', { file: SAID }, 'no_route'],
    ['/v1/files', { file: SAID }, 'operation_not_maskable'],
  ]
  for (const [path, body, code] of calls) {
    const { error, text } = await ask(path, body)
    expect(error).toBe(code)
    told.push(text)
  }
})

test('the values are nowhere else', async () => {
  await rig.untilReported(rig.callLog.count())
  const metrics = await rig.registry.metrics()
  const places = {
    provider: upstream.requests.map((request) => JSON.stringify(request)).join('\n'),
    log: rig.logText(),
    metrics,
    told: told.join('\n'),
    recent: JSON.stringify(rig.callLog.recent()),
  }
  const leaks = Object.entries(places).flatMap(([place, text]) => [
    ...(text.length < 100 ? [`${place} holds nothing that could be looked at`] : []),
    ...SECRETS.filter((secret) => [secret, encodeURIComponent(secret)].some((form) => text.includes(form))).map(
      (secret) => `${secret} in ${place}`,
    ),
    ...(place !== 'provider' && text.includes(KEYS.key) ? [`the key in ${place}`] : []),
  ])
  expect(leaks).toEqual([])
  expect(metrics).toMatch(/modelroute_proxy_redacted_total\{route="[^"]+",type="Email",outcome="masked"\} \d+/)
  expect(metrics).toMatch(/modelroute_proxy_placeholders_total\{route="[^"]+",fate="restored"\} \d+/)
})

test('a call that is passed is told in header, log and metrics', async () => {
  upstream.script.push(says(completion))
  const before = rig.exchanges.length
  const body = JSON.stringify({ model: 'passed', messages: [{ role: 'user', content: [{ type: 'hologram' }] }] })
  const response = await fetch(`${rig.url}/v1/chat/completions`, { method: 'POST', body })
  expect(response.headers.get('x-modelroute-redaction')).toBe('passed; reason=part_not_maskable')
  await response.text()
  await rig.untilReported(before + 1)
  expect(rig.exchanges.at(-1)?.redaction).toMatchObject({ outcome: 'passed', reason: 'part_not_maskable' })
  expect(await rig.registry.metrics()).toMatch(/redaction_passed_total\{route="[^"]+",reason="part_not_maskable"\} 1/)
})
