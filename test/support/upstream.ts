// A provider for tests that does what a test says, fault by fault: each request takes the next behaviour of the script,
// or the usual one when the script is used up. Records what came in and when each connection closed.
import { once } from 'node:events'
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

export interface SeenRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
  readonly body: string
  /** The body as it came. */
  readonly bytes: Buffer
  readonly connection: number
}

export type Behaviour = (response: ServerResponse, request: SeenRequest) => void

export const completion = (content: string) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'test',
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content } }],
})

export const chunk = (content: string) =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'test', choices: [{ index: 0, delta: { content } }] })}\n\n`

export const DONE = 'data: [DONE]\n\n'

export const answers =
  (body: object | string, status = 200): Behaviour =>
  (response) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(text)
  }

export const streams =
  (...parts: readonly string[]): Behaviour =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const part of parts) response.write(part)
    response.end()
  }

/** Writes the parts, then leaves the answer open. */
export const hangsAfter =
  (...parts: readonly string[]): Behaviour =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.flushHeaders()
    for (const part of parts) response.write(part)
  }

/** Writes the parts, then breaks the connection. */
export const breaksAfter =
  (...parts: readonly string[]): Behaviour =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const part of parts) response.write(part)
    response.write('', () => setImmediate(() => response.socket?.destroy()))
  }

export const neverAnswers: Behaviour = () => {}

export const resets: Behaviour = (response) => {
  response.socket?.resetAndDestroy()
}

/** The usual behaviour: answers a chat call with its model's name, streamed when asked. */
export const echoesModel: Behaviour = (response, { body }) => {
  const { model, stream } = JSON.parse(body || '{}') as { model?: string; stream?: boolean }
  if (stream === true) streams(chunk(`from `), chunk(model ?? ''), DONE)(response, NOTHING)
  else answers(completion(`from ${model}`))(response, NOTHING)
}

const NOTHING: SeenRequest = {
  method: '',
  url: '',
  headers: {},
  rawHeaders: [],
  body: '',
  bytes: Buffer.alloc(0),
  connection: 0,
}

export class Upstream {
  readonly requests: SeenRequest[] = []
  /** Behaviours for the next requests, in order. */
  readonly script: Behaviour[] = []
  usual: Behaviour = echoesModel
  /** Called before the body is read. */
  onHead: ((request: IncomingMessage) => void) | null = null
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #connections = 0
  #waiters: (() => void)[] = []

  private constructor(server: Server) {
    this.#server = server
  }

  static async start(): Promise<Upstream> {
    const upstream = new Upstream(createServer())
    upstream.#server.on('connection', (socket: Socket) => upstream.#watch(socket))
    upstream.#server.on('request', (request, response) => upstream.#serve(request, response))
    upstream.#server.listen(0, '127.0.0.1')
    await once(upstream.#server, 'listening')
    return upstream
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/v1`
  }

  get server(): Server {
    return this.#server
  }

  get openConnections(): number {
    return this.#sockets.size
  }

  get totalConnections(): number {
    return this.#connections
  }

  /** Resolves when the condition holds; asked again after each request and each closed connection. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiters.push(resolve))
  }

  /** Breaks every connection that is open, idle ones too. */
  breakConnections(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #watch(socket: Socket): void {
    this.#connections += 1
    this.#sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      this.#sockets.delete(socket)
      this.#wake()
    })
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const connection = this.#connections
    this.onHead?.(request)
    const chunks: Buffer[] = []
    request.on('data', (data: Buffer) => chunks.push(data))
    request.on('end', () => {
      const { method = '', url = '', headers, rawHeaders } = request
      const bytes = Buffer.concat(chunks)
      const seen = { method, url, headers, rawHeaders, body: bytes.toString('utf8'), bytes, connection }
      this.requests.push(seen)
      this.#wake()
      const behaviour = this.script.shift() ?? this.usual
      behaviour(response, seen)
    })
  }

  #wake(): void {
    for (const waiter of this.#waiters.splice(0)) waiter()
  }
}
