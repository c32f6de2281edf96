// The built-in model server as the official OpenAI client and raw HTTP see it: answers, streams, keys, errors, hang-ups.
import { setTimeout as delay } from 'node:timers/promises'
import OpenAI from 'openai'
import { afterEach, expect, test } from 'vitest'
import { startModelServer } from '../../../operator/local/model-server.ts'
import type { ModelServer, ModelServerSettings } from '../../../operator/local/model-server.ts'

const running: ModelServer[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()))
})

async function start(changes: Partial<ModelServerSettings> = {}, waits: number[] = []): Promise<ModelServer> {
  const settings = {
    name: 'alpha',
    host: '127.0.0.1',
    port: 0,
    models: ['alpha-small', 'alpha-large'],
    requiredKey: 'key-1',
    firstTokenMs: 7,
    tokenIntervalMs: 3,
    ...changes,
  }
  const server = await startModelServer(settings, {
    now: () => 1_700_000_000_000,
    randomId: () => 'id1',
    delay: async (ms, signal) => {
      waits.push(ms)
      signal.throwIfAborted()
    },
  })
  running.push(server)
  return server
}

function client(server: ModelServer, apiKey = 'key-1'): OpenAI {
  return new OpenAI({ baseURL: server.url, apiKey, maxRetries: 0 })
}

const hello = { model: 'alpha-small', messages: [{ role: 'user' as const, content: 'good morning' }] }

test('an answer names the server, the model and what was said', async () => {
  const completion = await client(await start()).chat.completions.create(hello)
  expect(completion.choices[0]?.message.content).toBe('Hello from alpha-small on server alpha. You said: good morning')
  expect(completion).toMatchObject({ id: 'chatcmpl-id1', created: 1_700_000_000, object: 'chat.completion' })
  expect(completion.choices[0]?.finish_reason).toBe('stop')
  expect(completion.usage).toEqual({ prompt_tokens: 6, completion_tokens: 10, total_tokens: 16 })
})

test('a stream starts with the role, has one chunk a word, ends with a finish reason and pauses like a model', async () => {
  const waits: number[] = []
  const stream = await client(await start({}, waits)).chat.completions.create({ ...hello, stream: true })
  const chunks = []
  for await (const chunk of stream) chunks.push(chunk)
  expect(chunks[0]?.choices[0]?.delta).toMatchObject({ role: 'assistant', content: '' })
  expect(chunks.slice(1, 4).map((chunk) => chunk.choices[0]?.delta.content)).toEqual(['Hello', ' from', ' alpha-small'])
  expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop')
  expect(chunks.every((chunk) => !('usage' in chunk))).toBe(true)
  expect(waits[0]).toBe(7)
  expect(waits.slice(1).every((ms) => ms === 3)).toBe(true)
})

test('usage comes as a last chunk without choices when the caller asks for it', async () => {
  const stream = await client(await start()).chat.completions.create({
    ...hello,
    stream: true,
    stream_options: { include_usage: true },
  })
  const chunks = []
  for await (const chunk of stream) chunks.push(chunk)
  expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 16 } })
  expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true)
})

test('a stream ends with the line [DONE]', async () => {
  const server = await start()
  const response = await fetch(`${server.url}/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer key-1' },
    body: JSON.stringify({ ...hello, stream: true }),
  })
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
  expect((await response.text()).endsWith('data: [DONE]\n\n')).toBe(true)
})

test('a token limit cuts the answer and says length', async () => {
  const completion = await client(await start()).chat.completions.create({ ...hello, max_completion_tokens: 2 })
  expect(completion.choices[0]).toMatchObject({ finish_reason: 'length', message: { content: 'Hello from' } })
})

test('text parts of a message count as its text', async () => {
  const messages = [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'in parts' }] }]
  const completion = await client(await start()).chat.completions.create({ model: 'alpha-large', messages })
  expect(completion.choices[0]?.message.content).toContain('You said: in parts')
})

test('the models of the server are listed', async () => {
  const page = await client(await start()).models.list()
  expect(page.data.map((model) => model.id)).toEqual(['alpha-small', 'alpha-large'])
})

test.each([
  { what: 'a wrong key', apiKey: 'wrong', body: {}, refusal: { status: 401, code: 'invalid_api_key' } },
  { what: 'a model it does not have', body: { model: 'gpt-9' }, refusal: { status: 404, code: 'model_not_found' } },
  { what: 'no messages', body: { messages: [] }, refusal: { status: 400, param: 'messages' } },
  { what: 'two answers at once', body: { n: 2 }, refusal: { status: 400, param: 'n' } },
])('$what is refused in the shape of OpenAI errors', async ({ apiKey, body, refusal }) => {
  const failed = client(await start(), apiKey).chat.completions.create({ ...hello, ...body })
  await expect(failed).rejects.toMatchObject({ ...refusal, type: 'invalid_request_error' })
})

test('a missing key, a body that is not JSON and an unknown path are refused', async () => {
  const server = await start()
  const missing = await fetch(`${server.url}/models`)
  expect(missing.status).toBe(401)
  const headers = { authorization: 'Bearer key-1' }
  const broken = await fetch(`${server.url}/chat/completions`, { method: 'POST', body: '{', headers })
  expect(broken.status).toBe(400)
  const unknown = await fetch(`${server.url}/nothing`, { headers })
  expect(await unknown.json()).toMatchObject({ error: { code: 'unknown_url' } })
})

test('a server that needs no key answers without one', async () => {
  const server = await start({ requiredKey: null })
  expect((await fetch(`${server.url}/models`)).status).toBe(200)
})

test('a body over the limit is refused and the connection lives', async () => {
  const server = await start()
  const response = await fetch(`${server.url}/chat/completions`, { method: 'POST', body: 'x'.repeat(4_194_305) })
  expect(response.status).toBe(413)
  expect((await fetch(`${server.url}/models`)).status).toBe(401)
})

test('a fault that was set answers every model call until it is cleared', async () => {
  const server = await start()
  const fault = (body: string) => fetch(new URL('/fault', server.url), { method: 'POST', body })
  expect((await fault('503')).status).toBe(200)
  await expect(client(server).chat.completions.create(hello)).rejects.toMatchObject({ status: 503 })
  expect((await fault('200')).status).toBe(400)
  await fault('')
  await expect(client(server).chat.completions.create(hello)).resolves.toBeDefined()
})

test('a caller that hangs up stops the stream, and stop() frees the port', async () => {
  const reached = Promise.withResolvers<void>()
  const stopped = Promise.withResolvers<void>()
  const settings = { name: 'a', host: '127.0.0.1', port: 0, models: ['m'], requiredKey: null, tokenIntervalMs: 60_000 }
  const server = await startModelServer(
    { ...settings, firstTokenMs: 0 },
    {
      now: Date.now,
      randomId: () => 'x',
      delay: async (ms, signal) => {
        if (ms === 0) return
        signal.addEventListener('abort', () => stopped.resolve())
        reached.resolve()
        await delay(ms, undefined, { signal })
      },
    },
  )
  const hangUp = new AbortController()
  const call = fetch(`${server.url}/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ ...hello, model: 'm', stream: true }),
    signal: hangUp.signal,
  }).catch(() => 'hung up')
  await reached.promise
  hangUp.abort()
  await stopped.promise
  expect(await call).toBe('hung up')
  await server.stop()
  await expect(fetch(`${server.url}/models`)).rejects.toThrow('fetch failed')
})

test('a port that is taken rejects the start', async () => {
  const first = await start()
  await expect(start({ port: first.port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
})
