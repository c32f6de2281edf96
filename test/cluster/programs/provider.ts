// A provider in a pod: answers chat completions with its own name and the model it was asked for, and remembers
// which authorization values and which newest prompts reached it. A model called slow-N streams N words, four in a
// second; one called echo says the prompt again, letter by letter when it streams.
// Environment: NAME. Port 8080; POST /accept with a key as JSON text: others get 401 from then on.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'

const WORD_PAUSE_MS = 250
const name = process.env['NAME'] ?? 'provider'
const MAX_PROMPTS = 20
const authorizations = new Map<string, number>()
const prompts: string[] = []

let accepted: string | null = null

const server = createServer((request, response) => {
  answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)))
})
server.keepAliveTimeout = 600_000
server.listen(8080)
process.on('SIGTERM', () => process.exit(0))

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.url === '/seen') return sendJson(response, seen())
  if (request.url === '/accept') {
    accepted = JSON.parse(await text(request)) as string
    return sendJson(response, {})
  }
  const authorization = request.headers.authorization ?? '(none)'
  authorizations.set(authorization, (authorizations.get(authorization) ?? 0) + 1)
  if (accepted !== null && authorization !== `Bearer ${accepted}`) return refuse(response)
  const asked = JSON.parse(await text(request)) as Asked
  const prompt = asked.messages.at(-1)?.content ?? ''
  prompts.unshift(prompt)
  prompts.splice(MAX_PROMPTS)
  const words = asked.model === 'echo' ? Array.from(prompt) : [`${name}:`, asked.model]
  if (asked.stream === true) return stream(response, asked.model, words)
  const message = { role: 'assistant', content: words.join('') }
  const choices = [{ index: 0, message, finish_reason: 'stop' }]
  const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 }
  sendJson(response, { id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: asked.model, choices, usage })
}

interface Asked {
  readonly model: string
  readonly stream?: boolean
  readonly messages: readonly { readonly content: string }[]
}

function seen(): object {
  return { authorizations: Object.fromEntries(authorizations), prompts }
}

function refuse(response: ServerResponse): void {
  response.statusCode = 401
  sendJson(response, { error: { message: 'Incorrect API key provided.', code: 'invalid_api_key' } })
}

async function stream(response: ServerResponse, model: string, words: readonly string[]): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const send = (delta: object, reason: string | null) => {
    const choices = [{ index: 0, delta, finish_reason: reason }]
    const chunk = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model, choices }
    response.write(`data: ${JSON.stringify(chunk)}\n\n`)
  }
  send({ role: 'assistant' }, null)
  for (const content of words) send({ content }, null)
  const slowWords = Number(/^slow-(\d+)$/.exec(model)?.[1] ?? 0)
  for (let word = 1; word <= slowWords && !response.destroyed; word++) {
    await delay(WORD_PAUSE_MS)
    send({ content: ` ${word}` }, null)
  }
  send({}, 'stop')
  response.end('data: [DONE]\n\n')
}

function sendJson(response: ServerResponse, body: unknown): void {
  response.setHeader('content-type', 'application/json').end(JSON.stringify(body))
}
