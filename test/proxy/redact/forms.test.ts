// Forms on a rule that masks, through the whole proxy: a vendor's library uploads a recording with a prompt, and the
// provider sees neither the prompt's values nor those in names of files, while the application gets them back. What is
// not known or cannot be read for sure is refused. Without a rule that masks, forms pass through as bytes.
import { Buffer } from 'node:buffer'
import OpenAI, { toFile } from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeTable, startProxy, type ProxyRig } from '../../support/proxy-rig.ts'
import { answers, streams, Upstream, type Behaviour } from '../../support/upstream.ts'
import { readForm } from '../../../proxy/dialect/multipart.ts'
import { detectPlainly } from './plain-detection.ts'

const EMAIL = 'alice.muster@example.com'
const PHONE = '13812345678'
const TOKEN = /XREF_[A-Z]+_[0-9A-HJKMNP-TV-Z]{13}/g
const SOUND = Buffer.concat([Buffer.from('RIFF\0\0\0\0WAVE'), Buffer.alloc(5000, 0xab)])
const KEYS = { 'redaction/current': Buffer.alloc(32, 7).toString('base64'), key: 'sk-of-the-provider' }

let upstream: Upstream
let rig: ProxyRig
let client: OpenAI

beforeAll(async () => {
  upstream = await Upstream.start()
  const table = makeTable({
    routes: [
      { models: ['strict'], backends: ['a'], redact: { profile: 'Strict' } },
      { models: ['chats-alone'], operations: ['Chat'], backends: ['a'], redact: {} },
      { models: ['whisper*'], backends: ['a'], redact: { profile: 'Credentials' } },
      { models: ['*'], headers: [{ name: 'x-any' }], backends: ['a'], redact: { profile: 'Credentials' } },
    ],
    targets: { a: { url: upstream.url, credential: 'key' } },
    passthrough: 'a',
  })
  rig = await startProxy({ table, keys: KEYS, detect: detectPlainly })
  client = new OpenAI({ apiKey: 'none', baseURL: `${rig.url}/v1`, maxRetries: 0 })
})

beforeEach(() => void upstream.requests.splice(0))

afterAll(async () => {
  await rig.stop()
  await upstream.stop()
})

const recording = () => toFile(SOUND, `call with ${EMAIL}.wav`, { type: 'audio/wav' })

/** Says every placeholder that it was sent. */
const repeats =
  (make: (text: string) => Behaviour): Behaviour =>
  (response, request) =>
    make([...new Set(request.body.match(TOKEN))].join(' & '))(response, request)

test('a transcription with a prompt comes back with the values that were masked', async () => {
  upstream.script.push(repeats((text) => answers({ text })))
  const prompt = `Anna is ${EMAIL}, call ${PHONE}`
  const { text } = await client.audio.transcriptions.create({ file: await recording(), model: 'whisper-1', prompt })
  expect(text.split(' & ').toSorted()).toEqual([PHONE, EMAIL])
  const [sent] = upstream.requests
  expect(sent?.url).toBe('/v1/audio/transcriptions')
  expect(sent?.body).not.toMatch(/muster|13812345678/)
  expect(sent?.body).toContain('whisper-1')
  await rig.untilReported(1)
  expect(rig.exchanges.at(-1)).toMatchObject({
    operation: 'Other',
    route: 'test/chat/rule-2',
    redaction: { masked: { Email: 2, Phone: 1 }, notInspected: 1, sent: 3, restored: 2 },
  })
})

test('a streamed transcription whose placeholder is cut in the middle comes back whole', async () => {
  upstream.script.push((response, request) => {
    const token = request.body.match(TOKEN)?.[0] ?? ''
    const event = (value: object) => `data: ${JSON.stringify(value)}\n\n`
    const pieces = [`mail ${token.slice(0, 7)}`, token.slice(7, 12), `${token.slice(12)} now`]
    const deltas = pieces.map((delta) => event({ type: 'transcript.text.delta', delta }))
    const done = event({ type: 'transcript.text.done', text: `mail ${token} now` })
    streams(`${deltas.join('')}${done}`)(response, request)
  })
  const file = await recording()
  const events = await client.audio.transcriptions.create({ file, model: 'whisper-1', stream: true })
  const said: string[] = []
  let whole = ''
  for await (const event of events) {
    if (event.type === 'transcript.text.delta') said.push(event.delta)
    if (event.type === 'transcript.text.done') whole = event.text
  }
  expect([said.join(''), whole]).toEqual([`mail ${EMAIL} now`, `mail ${EMAIL} now`])
})

test('an edit of images, and subtitles as plain text', async () => {
  upstream.script.push(repeats((text) => answers({ created: 1, data: [{ b64_json: 'AAAA', revised_prompt: text }] })))
  const image = await toFile(SOUND, 'a.png', { type: 'image/png' })
  const edited = await client.images.edit({ image: [image, image], model: 'whisper-image', prompt: `Write ${EMAIL}` })
  expect(edited.data?.[0]?.revised_prompt).toBe(EMAIL)
  upstream.script.push((response, request) => {
    response.writeHead(200, { 'content-type': 'text/plain' })
    response.end(`1\n00:00 --> 00:01\n${request.body.match(TOKEN)?.[0] ?? ''}\n`)
  })
  const file = await recording()
  const text = await client.audio.transcriptions.create({ file, model: 'whisper-1', response_format: 'srt' })
  expect(String(text)).toBe(`1\n00:00 --> 00:01\n${EMAIL}\n`)
})

test('small JSON operations are masked as well, and need no model', async () => {
  upstream.script.push(answers({ id: 'm', model: 'x', results: [] }), answers({ results: [] }))
  await client.moderations.create({ input: [{ type: 'text', text: EMAIL }] }, { headers: { 'x-any': '1' } })
  await client.post('/rerank', { body: { model: 'whisper', query: EMAIL, documents: ['a', { text: PHONE }] } })
  expect(upstream.requests.map(({ body }) => body.match(TOKEN)?.length)).toEqual([1, 2])
})

const BOUNDARY = 'x-13812345678'
const field = (name: string, value: string, more = '') =>
  `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${value}\r\n`
const END = `--${BOUNDARY}--\r\n`
const MODEL = field('model', 'whisper-1')

async function post(body: string | Buffer, path = '/v1/audio/transcriptions') {
  const headers = { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` }
  const response = await fetch(rig.url + path, { method: 'POST', headers, body })
  return { error: response.headers.get('x-modelroute-error'), text: await response.text() }
}

describe('forms made by hand', () => {
  test('a file that is text is read, under any name and in every spelling of it', async () => {
    const file = field(
      'file',
      `mail ${EMAIL}`,
      `; filename="${PHONE}.txt"; filename*=UTF-8''alice.muster%40example.com`,
    )
    upstream.script.push(answers({ text: 'x' }))
    expect(await post(MODEL + file + END)).toMatchObject({ error: null })
    const sent = upstream.requests[0]?.body ?? ''
    expect(sent).not.toMatch(/muster|13812345678\.txt/)
    expect(sent.match(TOKEN)).toHaveLength(3)
  })

  test('what is not masked leaves byte by byte as it came, boundary and spelling included', async () => {
    const body = `${MODEL}${field('prompt', 'nothing "here" \\u0041 ü')}${END}`
    upstream.script.push(answers({ text: 'x' }))
    expect(await post(body)).toMatchObject({ error: null })
    expect(upstream.requests[0]?.body).toBe(body)
    expect(upstream.requests[0]?.headers['content-type']).toContain(BOUNDARY)
  })

  test.each([
    ['a field that nobody knows', MODEL + field('notes', EMAIL) + END, 'part_not_maskable'],
    ['the model twice', MODEL + MODEL + END, 'body_not_form'],
    ['no end', MODEL, 'body_not_form'],
    ['text behind the end', `${MODEL}${END}${EMAIL}`, 'body_not_form'],
    ['text before the first part', `${EMAIL}\r\n${MODEL}${END}`, 'body_not_form'],
    ['a header that nobody knows', `--${BOUNDARY}\r\nX-Note: ${EMAIL}\r\n\r\n\r\n${END}`, 'body_not_form'],
    [
      'an encoded part',
      MODEL.replace('\r\n\r\n', '\r\nContent-Transfer-Encoding: base64\r\n\r\n') + END,
      'body_not_form',
    ],
    ['a name twice', field('a', 'x', '; name="b"') + END, 'body_not_form'],
    ['a prompt that is no UTF-8', Buffer.from(MODEL + field('prompt', 'caf\xe9') + END, 'latin1'), 'body_not_maskable'],
    [
      'a recording under Strict',
      Buffer.from(field('model', 'strict') + field('file', '\0') + END),
      'content_not_inspected',
    ],
    ['a model of rules for chats alone', field('model', 'chats-alone') + END, 'no_route'],
  ])('%s: refused, nothing leaves', async (_, body, code) => {
    const { error, text } = await post(body)
    expect(error).toBe(code)
    expect(text).not.toContain('muster')
    expect(upstream.requests).toEqual([])
  })
})

test('speech and uploads of files are refused still', async () => {
  const refused = await Promise.all(['/v1/audio/speech', '/v1/files'].map((path) => post(MODEL + END, path)))
  expect(refused.map(({ error }) => error)).toEqual(['operation_not_maskable', 'operation_not_maskable'])
})

test('without a rule that masks a form passes through unread', async () => {
  const table = makeTable({ routes: [{ backends: ['a'] }], targets: { a: { url: upstream.url } }, passthrough: 'a' })
  const plain = await startProxy({ table })
  upstream.script.push(answers({ text: 'x' }))
  const body = `${field('anything', EMAIL)}no end`
  const headers = { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` }
  await (await fetch(`${plain.url}/v1/audio/transcriptions`, { method: 'POST', headers, body })).text()
  expect(upstream.requests[0]?.body).toBe(body)
  await plain.stop()
})

test('a form is never read in less or more than linear time, and parts have a bound', () => {
  const type = `multipart/form-data; boundary=${BOUNDARY}`
  const many = (count: number) => Buffer.from(field('a', '').repeat(count) + END)
  expect(readForm(many(1000), type)).toMatchObject({ kind: 'form' })
  expect(readForm(many(1001), type)).toMatchObject({ kind: 'fault' })
  const hostile = Buffer.from(`${field('a', `\r\n--${BOUNDARY.slice(0, -1)}`.repeat(100_000))}`)
  expect(readForm(hostile, type)).toMatchObject({ kind: 'fault' })
})
