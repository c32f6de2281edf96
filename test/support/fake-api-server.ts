// An API server that misbehaves on demand, over real sockets: lists in pages, watches from a history, and takes the
// next misbehaviours from a queue. Its resourceVersions are words, so that nobody can compare them as numbers.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'

export interface FakeObject {
  readonly metadata: { readonly namespace: string; readonly name: string; readonly uid: string }
  readonly spec?: unknown
}

/** Answers instead of the server, once. */
export type Misbehaviour = (response: ServerResponse, request: IncomingMessage) => void

export interface SeenRequest {
  readonly method: string
  readonly kind: 'list' | 'watch' | 'other'
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
}

export class FakeApiServer {
  readonly requests: SeenRequest[] = []
  /** Taken by the next requests of each kind, in order; null lets one pass as it should. */
  readonly misbehaviours: Readonly<Record<SeenRequest['kind'], (Misbehaviour | null)[]>> = {
    list: [],
    watch: [],
    other: [],
  }
  /** TCP connections, and with TLS the handshakes, since the start. */
  connections = 0
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #objects = new Map<string, FakeObject>()
  readonly #history: { readonly version: string; readonly line: string }[] = []
  readonly #watchers = new Set<ServerResponse>()
  #versions = 0
  #port = 0

  constructor(tls?: { readonly cert: string; readonly key: string }) {
    const listener = (request: IncomingMessage, response: ServerResponse) => this.#answer(request, response)
    this.#server = tls ? createTlsServer(tls, listener) : createServer(listener)
    this.#server.keepAliveTimeout = 60_000
    this.#server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => {
      this.connections += 1
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket)).on('error', () => undefined)
    })
  }

  /** On the port it had before, once it had one. */
  async start(): Promise<this> {
    this.#server.listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
    return this
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    if (!this.#server.listening) return
    this.#server.close()
    await once(this.#server, 'close')
  }

  get port(): number {
    return this.#port
  }

  count(kind: SeenRequest['kind']): number {
    return this.requests.filter((request) => request.kind === kind).length
  }

  last(kind: SeenRequest['kind']): SeenRequest | undefined {
    return this.requests.findLast((request) => request.kind === kind)
  }

  get watching(): number {
    return this.#watchers.size
  }

  put(object: FakeObject): void {
    const key = `${object.metadata.namespace}/${object.metadata.name}`
    const type = this.#objects.has(key) ? 'MODIFIED' : 'ADDED'
    const version = this.#nextVersion()
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: version } }
    this.#objects.set(key, stored)
    this.#publish(version, { type, object: stored })
  }

  remove(namespace: string, name: string): void {
    const object = this.#objects.get(`${namespace}/${name}`)
    this.#objects.delete(`${namespace}/${name}`)
    const version = this.#nextVersion()
    if (object) {
      const metadata = { ...object.metadata, resourceVersion: version }
      this.#publish(version, { type: 'DELETED', object: { ...object, metadata } })
    }
  }

  /** Changes what a list gives without an event: what a watch that lost one would never see. */
  putSilently(object: FakeObject): void {
    const metadata = { ...object.metadata, resourceVersion: this.#nextVersion() }
    this.#objects.set(`${metadata.namespace}/${metadata.name}`, { ...object, metadata })
  }

  bookmark(): string {
    const version = this.#nextVersion()
    this.#publish(version, { type: 'BOOKMARK', object: { metadata: { resourceVersion: version } } })
    return version
  }

  /** Sends text to every open watch as it is. */
  say(text: string): void {
    for (const watcher of this.#watchers) watcher.write(text)
  }

  /** Ends every open watch in order, as at its timeoutSeconds. */
  endWatches(): void {
    for (const watcher of this.#watchers) watcher.end()
    this.#watchers.clear()
  }

  cutWatches(): void {
    for (const watcher of this.#watchers) watcher.destroy()
    this.#watchers.clear()
  }

  /** Words whose order means nothing. */
  #nextVersion(): string {
    this.#versions += 1
    return `v-${((this.#versions * 7919) % 10_007).toString(36)}-${this.#versions}`
  }

  #publish(version: string, event: object): void {
    const line = `${JSON.stringify(event)}\n`
    this.#history.push({ version, line })
    this.say(line)
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://fake')
    const kind = kindOf(url, request)
    const { method = 'GET', headers } = request
    this.requests.push({ method, kind, path: url.pathname, query: url.searchParams, headers })
    request.resume()
    const misbehave = this.misbehaviours[kind].shift()
    if (misbehave) misbehave(response, request)
    else if (kind === 'watch') this.#watch(url.searchParams.get('resourceVersion') ?? '', response)
    else if (kind === 'list') this.#list(url.searchParams, response)
    else reply(response, 200, { path: url.pathname })
  }

  #list(query: URLSearchParams, response: ServerResponse): void {
    const limit = Number(query.get('limit'))
    const start = Number(query.get('continue') ?? 0)
    const items = [...this.#objects.values()].slice(start, start + limit)
    const isLast = start + limit >= this.#objects.size
    const resourceVersion = this.#history.at(-1)?.version ?? 'v-empty'
    reply(response, 200, {
      metadata: { resourceVersion, ...(isLast ? {} : { continue: String(start + limit) }) },
      items,
    })
  }

  #watch(from: string, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders()
    const seen = this.#history.findIndex(({ version }) => version === from)
    for (const { line } of this.#history.slice(seen + 1)) response.write(line)
    this.#watchers.add(response)
    response.on('close', () => this.#watchers.delete(response))
  }
}

export function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function kindOf(url: URL, request: IncomingMessage): SeenRequest['kind'] {
  if (request.method !== 'GET' || (!url.searchParams.has('limit') && !url.searchParams.has('watch'))) return 'other'
  return url.searchParams.has('watch') ? 'watch' : 'list'
}
