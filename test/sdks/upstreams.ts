// What answers behind the proxy in the matrix of SDKs: @copilotkit/aimock, a model API that others wrote, for the four
// vendors' dialects, and a small server for the prompt dialect, which no package speaks. In front of both stands a
// recorder, because the matrix wants to see the bytes that a provider is sent, not what the mock makes of them.
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { LLMock } from '@copilotkit/aimock'

export const TEXT = 'Grüezi mitenand! Mount Everest is 8849 m high. 👋'
export const CALLS = [
  { name: 'weather', input: { city: 'Zürich', days: 3 } },
  { name: 'weather', input: { city: '東京', days: 1 } },
]
export const AFTER_TOOLS = 'Zürich has rain, 東京 sun.'
export const REFUSAL = 'The request was refused for a test.'
export const USAGE = { input: 11, output: 7 }

/** What the text of a question asks the upstream to do. */
export const ASK = {
  plain: 'Say something plain',
  tools: 'What is the weather?',
  image: 'What is in this image?',
  tooLong: 'Tell a long story',
  badRequest: 'Refuse this',
  rateLimit: 'You are busy',
} as const

export interface SeenRequest {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface MatrixUpstream {
  readonly url: string
  readonly seen: readonly SeenRequest[]
  readonly stop: () => Promise<void>
}

type Handler = (request: SeenRequest, response: ServerResponse) => Promise<void>

export async function startPackagedUpstream(): Promise<MatrixUpstream> {
  const mock = await LLMock.create({ port: 0, latency: 0, chunkSize: 7, logLevel: 'silent' })
  const usage = {
    prompt_tokens: USAGE.input,
    completion_tokens: USAGE.output,
    input_tokens: USAGE.input,
    output_tokens: USAGE.output,
    promptTokenCount: USAGE.input,
    candidatesTokenCount: USAGE.output,
  }
  const toolCalls = CALLS.map(({ name, input }) => ({ name, arguments: JSON.stringify(input) }))
  mock.on({ userMessage: ASK.tools, hasToolResult: true }, { content: AFTER_TOOLS, usage })
  mock.on({ userMessage: ASK.tools }, { toolCalls, usage })
  mock.on({ userMessage: ASK.tooLong }, { content: TEXT, finishReason: 'length', usage })
  mock.on({ userMessage: ASK.badRequest }, { error: { message: REFUSAL, type: 'invalid_request_error' }, status: 400 })
  mock.on({ userMessage: ASK.rateLimit }, { error: { message: REFUSAL, type: 'rate_limit_error' }, status: 429 })
  mock.on({}, { content: TEXT, usage })
  const upstream = await startRecorder(forwardTo(mock.url))
  const stop = async () => {
    await upstream.stop()
    await mock.stop()
  }
  return { ...upstream, stop }
}

/** The prompt dialect: one text in, one text out. */
export function startPromptUpstream(): Promise<MatrixUpstream> {
  return startRecorder(async ({ headers, body }, response) => {
    if (body.includes(ASK.badRequest)) return sendJson(response, 400, { error: REFUSAL })
    if (body.includes(ASK.rateLimit)) return sendJson(response, 429, { error: REFUSAL })
    if (headers['x-stream'] !== 'true') return sendJson(response, 200, { output: TEXT })
    response.writeHead(200, { 'content-type': 'application/x-ndjson' })
    for (const piece of TEXT.split(/(?<= )/)) response.write(`${JSON.stringify({ text: piece })}\n`)
    response.end()
  })
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

/** Where aimock differs from the vendor it stands for, put right on the way; with the vendor's own spelling. */
const DEPARTURES: readonly (readonly [path: RegExp, from: RegExp, to: string])[] = [
  [/^\/api\//, /^{"error":.*/s, JSON.stringify({ error: REFUSAL })],
  [/Content/, /"finishReason":"FUNCTION_CALL"/, '"finishReason":"STOP"'],
  [
    /responses/,
    /("status":"incomplete")(,"incomplete_details":[^,]*)?/,
    '$1,"incomplete_details":{"reason":"max_output_tokens"}',
  ],
]

function forwardTo(origin: string): Handler {
  return async ({ path, headers, body }, response) => {
    const kept = Object.entries(headers).filter(([name]) => !/^(host|connection|content-length)$/.test(name))
    const answer = await fetch(origin + path, { method: 'POST', headers: kept as [string, string][], body })
    const type = answer.headers.get('content-type') ?? 'application/json'
    response.writeHead(answer.status, { 'content-type': type })
    const parts = (await answer.text()).split(/(?<=\n\n|}\n)/)
    for (const part of parts) response.write(likeTheVendor(path, part))
    response.end()
  }
}

function likeTheVendor(path: string, part: string): string {
  const known = DEPARTURES.filter(([pattern]) => pattern.test(path))
  return known.reduce((changed, [, from, to]) => changed.replace(from, to), part)
}

async function startRecorder(handle: Handler): Promise<MatrixUpstream> {
  const seen: SeenRequest[] = []
  const server = createServer((incoming, response) => {
    const { url: path = '', headers } = incoming
    text(incoming)
      .then((body) => {
        seen.push({ path, headers, body })
        return handle({ path, headers, body }, response)
      })
      .catch((error: unknown) => response.destroy(error as Error))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, seen, stop: () => stop(server) }
}

async function stop(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}
