// One session of an application with everything that keeps or tells something: every dialect, whole and streamed, asked
// twice for the caches, tools, forms, failover, errors, streams that break. Then everything that is left of it is
// walked for the values: what the providers saw, logs, metrics, headers, errors, what the admin port tells, every row
// of the disk cache, every key and value of the shared one, every file.
import { Buffer } from 'node:buffer'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DIGEST_BYTES } from '../../../proxy/cache/levels/digest.ts'
import { unpackNow } from '../../../proxy/cache/levels/packing.ts'
import { CACHE, makeTable, startProxy, type ProxyRig } from '../../support/proxy-rig.ts'
import { hasRedis, startRedis, type RedisServer } from '../../support/redis-server.ts'
import { answers, breaksAfter, streams, Upstream, type Behaviour, type SeenRequest } from '../../support/upstream.ts'
import { detectPlainly } from './plain-detection.ts'
import { TEXT_CASES } from './restore/stream-cases.ts'

const VALUES = ['alice.muster@example.com', '13812345678', '4111 1111 1111 1111', '张伟']
const SAID = `Write: ${VALUES.join(', ')}`
const KEYS = { 'redaction/current': Buffer.alloc(32, 7).toString('base64'), key: 'sk-of-the-provider' }
const TOKEN = /XREF_[A-Z]+_[0-9A-HJKMNP-TV-Z]{13}/g
const DIALECTS = { OpenAI: '/v1', Anthropic: '/v1', Gemini: '/v1beta', Ollama: '' } as const

let folder: string
let redis: RedisServer | null
let upstream: Upstream
let rig: ProxyRig
const told: string[] = []

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'leaks-'))
  redis = hasRedis ? await startRedis() : null
  upstream = await Upstream.start()
  const cache = {
    ...CACHE,
    scope: redis === null ? ('Pod' as const) : ('Namespace' as const),
    sampled: 'Store' as const,
    toolResults: 'Store' as const,
    ...(redis && { shared: 'all' }),
  }
  const targets = Object.entries(DIALECTS).map(([dialect, base]) => [
    dialect,
    { dialect: dialect as 'OpenAI', url: `http://127.0.0.1:${upstream.port}${base}`, credential: 'key' },
  ])
  const backends = ['OpenAI', { target: 'Anthropic', tier: 1 }]
  const table = makeTable({
    routes: [
      { models: ['over'], backends, redact: { profile: 'Credentials' }, cache },
      ...Object.keys(DIALECTS).map((name) => ({
        models: [`to-${name}`],
        backends: [name],
        redact: { profile: 'Credentials' as const },
        cache,
      })),
    ],
    targets: Object.fromEntries(targets) as Parameters<typeof makeTable>[0]['targets'],
    ...(redis && { sharedCaches: { all: { url: `redis://127.0.0.1:${redis.port}` } } }),
  })
  const settings = { memoryBytes: 1024 * 1024, names: { pod: 'p', workload: 'w' }, namespace: 'shop' }
  const disk = { path: join(folder, 'cache.sqlite'), maxBytes: 16 * 1024 * 1024 }
  rig = await startProxy({ table, keys: KEYS, detect: detectPlainly, cache: { ...settings, disk }, stateDir: folder })
})

afterAll(async () => {
  await upstream.stop()
  await redis?.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function ask(path: string, body: object | FormData, headers: Readonly<Record<string, string>> = {}) {
  const isForm = body instanceof FormData
  const sent = isForm ? body : JSON.stringify(body)
  const response = await fetch(rig.url + path, {
    method: 'POST',
    headers: { ...(!isForm && { 'content-type': 'application/json' }), 'x-person': VALUES[0] ?? '', ...headers },
    body: sent,
  })
  told.push(JSON.stringify([...response.headers]))
  const error = response.headers.get('x-modelroute-error')
  const cache = response.headers.get('x-modelroute-cache')
  const text = await response.text()
  if (error !== null) told.push(text)
  return { text, error, cache }
}

const repeated = ({ body }: SeenRequest) => [...new Set(body.match(TOKEN))].join(' & ')
const says =
  (make: (text: string) => Behaviour): Behaviour =>
  (response, request) =>
    make(repeated(request))(response, request)
const holdsAll = (text: string) => VALUES.every((value) => text.includes(value))

const messages = [{ role: 'user', content: SAID }]
const contents = [{ parts: [{ text: SAID }] }]
const SSE = 'text/event-stream'
const STREAMED = {
  'OpenAI chat': ['/v1/chat/completions', { model: 'to-OpenAI', messages, stream: true }, SSE],
  'OpenAI responses': ['/v1/responses', { model: 'to-OpenAI', input: SAID, stream: true, store: false }, SSE],
  Anthropic: ['/v1/messages', { model: 'to-Anthropic', messages, max_tokens: 9, stream: true }, SSE],
  Gemini: ['/v1beta/models/to-Gemini:streamGenerateContent?alt=sse', { contents }, SSE],
  Ollama: ['/api/chat', { model: 'to-Ollama', messages }, 'application/x-ndjson'],
} as const

describe('the session', () => {
  test.each(Object.entries(STREAMED))('%s, streamed and asked again', async (name, [path, body, type]) => {
    const write = TEXT_CASES.find((one) => one.name === name)?.write
    upstream.usual = says((text) => (response) => {
      response.writeHead(200, { 'content-type': type })
      response.end(write?.(text.match(/.{1,9}/gs) ?? []))
    })
    const first = await ask(path, body)
    const again = await ask(path, body)
    // Values are cut over events; the same bytes for whoever asks again.
    expect(first.error).toBe(null)
    expect(again.text).toBe(first.text)
  })

  test('whole answers, tool calls and their results, vectors', async () => {
    upstream.usual = says((text) =>
      answers({
        choices: [
          {
            index: 0,
            finish_reason: 'tool_calls',
            message: {
              role: 'assistant',
              content: text,
              tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: JSON.stringify({ text }) } }],
            },
            logprobs: { content: [{ token: text, logprob: -1, bytes: [], top_logprobs: [] }] },
          },
        ],
      }),
    )
    const call = { id: 'c', type: 'function', function: { name: 'f', arguments: JSON.stringify({ who: VALUES[0] }) } }
    const history = [
      ...messages,
      { role: 'assistant', tool_calls: [call] },
      { role: 'tool', tool_call_id: 'c', content: SAID },
    ]
    const body = { model: 'to-OpenAI', messages: history, temperature: 0 }
    const outcomes = [await ask('/v1/chat/completions', body), await ask('/v1/chat/completions', body)]
    for (const { text } of outcomes) expect(holdsAll(text)).toBe(true)
    expect(outcomes[1]?.cache).toMatch(/^hit/)
    upstream.usual = answers({ object: 'list', data: [{ index: 0, embedding: [1] }], model: 'm' })
    await ask('/v1/embeddings', { model: 'to-OpenAI', input: [SAID] })
    await ask('/v1/embeddings', { model: 'to-OpenAI', input: [SAID] })
  })

  test('a form, a failover to another dialect, errors that repeat what was sent, a stream that breaks', async () => {
    const form = new FormData()
    form.set('model', 'to-OpenAI')
    form.set('prompt', SAID)
    form.set('file', new Blob(['RIFF\0']), `${VALUES[0]}.wav`)
    upstream.usual = says((text) => answers({ text }))
    expect(holdsAll((await ask('/v1/audio/transcriptions', form)).text)).toBe(true)

    const message = (text: string) => ({
      id: 'm',
      type: 'message',
      role: 'assistant',
      model: 'm',
      content: [{ type: 'text', text }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 1, output_tokens: 1 },
    })
    const error = (text: string) => ({ error: { message: `No: ${text}`, type: 'x', code: text } })
    upstream.script.push(
      says((text) => answers(error(text), 503)),
      says((text) => answers(message(text))),
    )
    const moved = await ask('/v1/chat/completions', { model: 'over', messages })
    expect(holdsAll(moved.text)).toBe(true)

    upstream.usual = says((text) => answers(error(text), 400))
    await ask('/v1/chat/completions', { model: 'to-OpenAI', messages, seed: 1 })
    upstream.usual = says((text) => answers(error(text), 503))
    await ask('/v1/chat/completions', { model: 'over', messages, seed: 2 })
    upstream.usual = says((text) => breaksAfter(`data: {"choices":[{"index":0,"delta":{"content":"${text}`))
    await ask('/v1/chat/completions', { model: 'to-OpenAI', messages, stream: true, seed: 3 })
    upstream.usual = streams(`data: {"error":{"message":"no"}}\n\n`)
    await ask('/v1/chat/completions', { model: 'to-OpenAI', messages, stream: true, seed: 4 })
    const refused = await ask('/v1/responses', { model: 'to-OpenAI', input: SAID, previous_response_id: VALUES[0] })
    expect(refused.error).toBe('state_not_maskable')
    for (const model of [SAID, ...VALUES]) {
      expect((await ask('/v1/chat/completions', { model, messages })).error).toBe('no_route')
    }
    await ask('/v1/chat/completions', { model: 'to-OpenAI', messages: [{ role: SAID, content: [{ type: SAID }] }] })
  })
})

async function adminTexts(): Promise<string> {
  const paths = ['/metrics', '/table', '/targets', '/cache/statistics', '/cache']
  const texts = paths.map(async (path) => (await fetch(rig.adminUrl + path)).text())
  return (await Promise.all(texts)).join('\n')
}

/** Every key and value, as bytes. */
function redisTexts(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(port, '127.0.0.1')
    let text = ''
    socket.on('data', (bytes) => {
      text += bytes.toString('utf8')
      if (text.endsWith('END\r\n')) {
        socket.destroy()
        resolve(text)
      }
    })
    socket.on('error', reject)
    const all =
      "local r = {} for _, k in ipairs(redis.call('KEYS', '*')) do r[#r+1] = k r[#r+1] = redis.call('GET', k) end r[#r+1] = 'END' return r"
    socket.write(`*3\r\n$4\r\nEVAL\r\n$${all.length}\r\n${all}\r\n$1\r\n0\r\n`)
  })
}

function rowsOf(file: string): readonly string[] {
  const database = new DatabaseSync(file, { readOnly: true })
  const select = database.prepare('SELECT * FROM entry')
  select.setReadBigInts(true)
  const rows = select.all()
  database.close()
  return rows.map((row) => {
    const entry = unpackNow(Buffer.from(row['bytes'] as Uint8Array).subarray(DIGEST_BYTES))
    return `${Object.values(row).map(String).join(' ')} ${JSON.stringify(entry?.facts)} ${entry?.value.toString('utf8')}`
  })
}

const FORMS = (value: string) => [
  value,
  encodeURIComponent(value),
  JSON.stringify(value).slice(1, -1),
  Buffer.from(value).toString('base64').replace(/=+$/, ''),
]

test('the values are nowhere: not at a provider, in no log, metric, header, error, cache row or file', async () => {
  const admin = await adminTexts()
  const metrics = await rig.registry.metrics()
  await rig.stop()
  const rows = rowsOf(join(folder, 'cache.sqlite'))
  expect(rows.length).toBeGreaterThan(4)
  expect(rows.join()).toMatch(/XREF_EMAIL_/)
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const places: Record<string, string> = {
    provider: upstream.requests.map((request) => JSON.stringify(request)).join('\n'),
    log: rig.logText(),
    metrics,
    admin,
    told: told.join('\n'),
    recent: JSON.stringify(rig.callLog.recent()),
    rows: rows.join('\n'),
    redis: redis === null ? 'no server '.repeat(20) : await redisTexts(redis.port),
    ...Object.fromEntries(
      files.map(({ name, parentPath }) => [`file ${name}`, readFileSync(join(parentPath, name)).toString('utf8')]),
    ),
  }
  const leaks = Object.entries(places).flatMap(([place, text]) => [
    ...(text.length < 100 && !place.startsWith('file') ? [`${place} holds nothing that could be looked at`] : []),
    ...VALUES.filter((value) => FORMS(value).some((form) => text.includes(form))).map(
      (value) => `${value} in ${place}`,
    ),
  ])
  expect(leaks).toEqual([])
})
