// A small model server for `npm start` and for tests: OpenAI's chat completions over node:http, streamed word by word
// with the pauses of a real model, its error shapes included.
//
//   request -> key -> route -> model-answer.ts -> whole JSON | server-sent events
//
// It checks the key it was told, so that an answer proves that the proxy put the provider's key in. It keeps nothing
// between calls but the fault that POST /fault sets, with which a person can watch a failover.
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseChatRequest, toChunks, toCompletion, writeAnswer } from './model-answer.ts'
import type { ModelAnswer } from './model-answer.ts'

/** More bytes than this in a request are refused with 413. */
const MAX_BODY_BYTES = 4 * 1024 * 1024
const MAX_CONNECTIONS = 256

export interface ModelServerSettings {
  /** What the answers call this server. */
  readonly name: string
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  readonly models: readonly string[]
  /** Calls without this key get 401; null asks for none. */
  readonly requiredKey: string | null
  readonly firstTokenMs: number
  readonly tokenIntervalMs: number
}

export interface ModelServerDeps {
  readonly now: () => number
  readonly randomId: () => string
  /** Resolves after so long; rejects as soon as the signal fires. */
  readonly delay: (delayMs: number, signal: AbortSignal) => Promise<void>
}

export interface ModelServer {
  /** Base URL for a ModelProvider: `http://127.0.0.1:4191/v1`. */
  readonly url: string
  readonly port: number
  /** Cuts every open answer and frees the port. */
  stop(): Promise<void>
}

/** Resolves when the server listens; rejects when its port is taken. */
export async function startModelServer(settings: ModelServerSettings, deps: ModelServerDeps): Promise<ModelServer> {
  const state: ServerState = { fault: null }
  const server = createServer((request, response) => {
    void answer(request, response, { settings, deps, state }).catch(() => response.destroy())
  })
  server.maxConnections = MAX_CONNECTIONS
  const port = await listen(server, settings)
  return {
    url: `http://${settings.host}:${port}/v1`,
    port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

interface ServerState {
  /** The status that every model call gets; null serves. */
  fault: number | null
}

interface Context {
  readonly settings: ModelServerSettings
  readonly deps: ModelServerDeps
  readonly state: ServerState
}

function listen(server: Server, { host, port }: ModelServerSettings): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve((server.address() as AddressInfo).port)
    })
  })
}

async function answer(request: IncomingMessage, response: ServerResponse, context: Context): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://server')
  const body = await readBody(request)
  if (body === null) return sendError(response, 413, { message: 'The request body is too large.' })
  const route = `${request.method} ${pathname}`
  if (route === 'POST /fault') return setFault(response, body, context.state)
  const refusal = checkKey(request.headers.authorization, context.settings.requiredKey)
  if (refusal !== null) return sendError(response, 401, refusal)
  if (context.state.fault !== null) {
    return sendError(response, context.state.fault, { message: 'The server had an error.', type: 'server_error' })
  }
  if (route === 'GET /v1/models') return sendJson(response, 200, { object: 'list', data: listModels(context) })
  if (route === 'POST /v1/chat/completions') return chat({ body, response, context })
  return sendError(response, 404, { message: `Unknown request URL: ${route}.`, code: 'unknown_url' })
}

/** Null when there is more than MAX_BODY_BYTES; the rest is read and dropped so that the answer arrives. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length
    if (sizeBytes <= MAX_BODY_BYTES) chunks.push(chunk)
  }
  return sizeBytes > MAX_BODY_BYTES ? null : Buffer.concat(chunks).toString('utf8')
}

function setFault(response: ServerResponse, body: string, state: ServerState): void {
  const status = body.trim() === '' ? null : Number(body)
  if (status !== null && !(Number.isInteger(status) && status >= 400 && status <= 599)) {
    return sendError(response, 400, {
      message: 'The body is the status that calls get, 400 to 599; empty serves again.',
    })
  }
  state.fault = status
  return sendJson(response, 200, { fault: status })
}

function checkKey(authorization: string | undefined, requiredKey: string | null): ErrorFields | null {
  if (requiredKey === null || authorization === `Bearer ${requiredKey}`) return null
  if (authorization === undefined) return { message: "You didn't provide an API key." }
  return { message: 'Incorrect API key provided.', code: 'invalid_api_key' }
}

function listModels({ settings }: Context): object[] {
  return settings.models.map((id) => ({ id, object: 'model', created: 0, owned_by: settings.name }))
}

async function chat(call: { body: string; response: ServerResponse; context: Context }): Promise<void> {
  const { response, context } = call
  const { settings, deps } = context
  const parsed = parseChatRequest(call.body)
  if (parsed.kind === 'fault') return sendError(response, 400, { message: parsed.message, param: parsed.param })
  const { request } = parsed
  if (!settings.models.includes(request.model)) {
    const message = `The model \`${request.model}\` does not exist or you do not have access to it.`
    return sendError(response, 404, { message, code: 'model_not_found' })
  }
  const id = `chatcmpl-${deps.randomId()}`
  const written = writeAnswer(request, { server: settings.name, id, nowMs: deps.now() })
  const hangUp = new AbortController()
  response.once('close', () => hangUp.abort())
  try {
    await deps.delay(settings.firstTokenMs, hangUp.signal)
    if (request.stream !== true) {
      await deps.delay(settings.tokenIntervalMs * written.tokens.length, hangUp.signal)
      return sendJson(response, 200, toCompletion(written))
    }
    const withUsage = request.stream_options?.include_usage === true
    await stream({ written, withUsage, response, context, signal: hangUp.signal })
  } catch (cause) {
    if (!hangUp.signal.aborted) throw cause
  }
}

async function stream(call: {
  written: ModelAnswer
  withUsage: boolean
  response: ServerResponse
  context: Context
  signal: AbortSignal
}): Promise<void> {
  const { response, context } = call
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' })
  for (const chunk of toChunks(call.written, call.withUsage)) {
    response.write(`data: ${JSON.stringify(chunk)}\n\n`)
    await context.deps.delay(context.settings.tokenIntervalMs, call.signal)
  }
  response.end('data: [DONE]\n\n')
}

interface ErrorFields {
  readonly message: string
  readonly type?: string
  readonly param?: string | null
  readonly code?: string
}

function sendError(response: ServerResponse, status: number, fields: ErrorFields): void {
  const { message, type = 'invalid_request_error', param = null, code = null } = fields
  sendJson(response, status, { error: { message, type, param, code } })
}

function sendJson(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(`${JSON.stringify(value, null, 2)}\n`)
}
