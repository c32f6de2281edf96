// The provider of the bench's streams, in a process of its own: chat completion events as a model sends them, one
// write for each. A role event and the first content event at once, then one content event every DELTA_MS per stream,
// spread over the milliseconds so that a hop reads events singly. Also answers plain calls, where nginx is not there.
//
// usage: node stream-server.ts PORT
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import process from 'node:process'

const DELTA_MS = 4
const MAX_DELTAS = 10_000
/** A model whose name ends so sends an event a second. */
const SLOW_MODEL = /-slow$/
const SLOW_DELTA_MS = 1_000

interface OpenStream {
  readonly answer: ServerResponse
  remaining: number
}

const ROLE_EVENT = event({ role: 'assistant', content: '' }, null)
const CONTENT_EVENT = event({ content: 'word ' }, null)
const LAST_EVENTS = `${event({}, 'stop')}data: [DONE]\n\n`
const PLAIN_ANSWER = JSON.stringify({
  id: 'chatcmpl-bench',
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content: 'word '.repeat(40) }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 200, completion_tokens: 40, total_tokens: 240 },
})

const slots: Set<OpenStream>[] = Array.from({ length: DELTA_MS }, () => new Set())
let tick = 0
let nextSlot = 0

createServer((request, answer) => void serve(request, answer)).listen(Number(process.argv[2]), '127.0.0.1')
setInterval(() => {
  tick = (tick + 1) % DELTA_MS
  const slot = slots[tick] ?? new Set()
  for (const stream of slot) advance(stream, slot)
}, 1)
process.on('SIGTERM', () => process.exit(0))

async function serve(request: IncomingMessage, answer: ServerResponse): Promise<void> {
  if (request.method === 'GET') return void answer.end('ready')
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const call: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'))
  const deltas = deltasOf(call)
  if (deltas === 0) return void answer.setHeader('content-type', 'application/json').end(PLAIN_ANSWER)
  answer.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'x-request-id': 'req_bench' })
  answer.write(ROLE_EVENT)
  answer.write(CONTENT_EVENT)
  if (deltas === 1) return void answer.end(LAST_EVENTS)
  if (isSlow(call)) {
    const timer = setInterval(() => answer.write(CONTENT_EVENT), SLOW_DELTA_MS)
    return void answer.on('close', () => clearInterval(timer))
  }
  nextSlot = (nextSlot + 1) % DELTA_MS
  const slot = slots[nextSlot] ?? new Set()
  const stream = { answer, remaining: deltas - 1 }
  slot.add(stream)
  answer.on('close', () => slot.delete(stream))
}

function advance(stream: OpenStream, slot: Set<OpenStream>): void {
  stream.remaining -= 1
  stream.answer.write(CONTENT_EVENT)
  if (stream.remaining > 0) return
  slot.delete(stream)
  stream.answer.end(LAST_EVENTS)
}

function isSlow(call: unknown): boolean {
  return typeof call === 'object' && call !== null && 'model' in call && SLOW_MODEL.test(String(call.model))
}

function deltasOf(call: unknown): number {
  const isStream = typeof call === 'object' && call !== null && 'stream' in call && call.stream === true
  if (!isStream || !('max_tokens' in call)) return 0
  return Math.max(1, Math.min(MAX_DELTAS, Number(call.max_tokens)))
}

function event(delta: object, finishReason: string | null): string {
  const choices = [{ index: 0, delta, logprobs: null, finish_reason: finishReason }]
  const chunk = {
    id: 'chatcmpl-bench',
    object: 'chat.completion.chunk',
    created: 1_790_000_000,
    model: 'bench',
    choices,
  }
  return `data: ${JSON.stringify(chunk)}\n\n`
}
