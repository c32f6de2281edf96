// The listening side of the proxy: node:http, its limits, and which callers have hung up. Knows sockets and nothing of
// models; each request goes on to serve.ts with its Caller, upgrades to passthrough.ts.
import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http'
import { Server, Socket, type AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { Caller } from './caller.ts'
import type { Endpoint } from './config.ts'
import { http } from './node-http.ts'
import { refuseHead, type HeadBounds } from './refused-head.ts'
import type { Timers } from './upstream/timers.ts'

/** Longer than the connection pools of the callers' libraries keep theirs, so that they never meet a closed one. */
const KEEP_ALIVE_MS = 600_000
export const HEAD_BOUNDS: HeadBounds = { headersTimeoutMs: 60_000, maxHeaderBytes: 64 * 1024 }

export interface IncomingCall {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly caller: Caller
  /** To be called when the head is accepted: sends `100 Continue` to a caller that waits for it. */
  readonly onAdmitted: () => void
}

export interface IncomingUpgrade {
  readonly request: IncomingMessage
  readonly socket: Duplex
  readonly head: Buffer
  readonly caller: Caller
}

export interface ServerDeps {
  /** Both run `onEnd` exactly once, when the call's answer has ended. */
  readonly serve: (call: IncomingCall, onEnd: () => void) => void
  readonly upgrade: (call: IncomingUpgrade, onEnd: () => void) => void
  readonly timers: Timers
  readonly head?: HeadBounds
}

export class ProxyServer {
  readonly #deps: ServerDeps
  readonly #server: HttpServer
  /** Calls under way by connection, more than one only where a caller pipelines. Null: not answered over HTTP. */
  readonly #callers = new WeakMap<Duplex, Map<Caller, ServerResponse | null>>()
  readonly #sockets = new Set<Socket>()
  #callsUnderWay = 0
  #isDraining = false
  #onAllClosed: (() => void) | null = null

  constructor(deps: ServerDeps) {
    const { head = HEAD_BOUNDS } = deps
    this.#deps = deps
    this.#server = http.createServer({
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout: head.headersTimeoutMs,
      connectionsCheckingInterval: head.headersTimeoutMs / 2,
      // Long uploads are watched by their own idle timer (receive.ts).
      requestTimeout: 0,
      maxHeaderSize: head.maxHeaderBytes,
      noDelay: true,
      shouldUpgradeCallback: asksForWebSocket,
    })
  }

  /** Rejects when the port is taken. */
  listen({ host, port }: Endpoint): Promise<AddressInfo> {
    const server = this.#server
    server.on('connection', (socket: Socket) => this.#watch(socket))
    server.on('request', (request, response) => this.#accept(request, response, nothingToSend))
    server.on('checkContinue', (request, response) => this.#accept(request, response, () => response.writeContinue()))
    server.on('clientError', (error, socket) => {
      const underWay = [...(this.#callers.get(socket)?.values() ?? [])]
      refuseHead({ socket, error, underWay }, this.#deps.head ?? HEAD_BOUNDS)
    })
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host, () => resolve(server.address() as AddressInfo))
    })
  }

  isListening(): boolean {
    return this.#server.listening
  }

  callsUnderWay(): number {
    return this.#callsUnderWay
  }

  /**
   * Takes no new connection, lets the calls under way end for at most `drainMs`, then closes what is left. A connection
   * is closed when its last answer is on the wire; node:http's own close() would cut off answers still being written.
   */
  async drain(drainMs: number): Promise<void> {
    this.#isDraining = true
    Server.prototype.close.call(this.#server)
    for (const socket of this.#sockets) {
      for (const response of this.#callers.get(socket)?.values() ?? []) announceClose(response)
      this.#closeWhenIdle(socket)
    }
    if (this.#sockets.size > 0 && drainMs > 0) await this.#untilClosed(drainMs)
    for (const socket of this.#sockets) socket.destroy()
    this.#server.closeAllConnections()
  }

  #untilClosed(limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#deps.timers.start(limitMs, resolve)
      this.#onAllClosed = () => {
        timer.close()
        resolve()
      }
    })
  }

  #closeWhenIdle(socket: Socket): void {
    if (this.#callers.get(socket)?.size === 0) socket.destroySoon()
  }

  #watch(socket: Socket): void {
    const callers = new Map<Caller, ServerResponse | null>()
    this.#callers.set(socket, callers)
    this.#sockets.add(socket)
    const hangUp = () => {
      for (const caller of callers.keys()) caller.hangUp()
    }
    socket.on('close', () => {
      hangUp()
      this.#sockets.delete(socket)
      if (this.#sockets.size === 0) this.#onAllClosed?.()
    })
    // A closed half: nobody who waits for an answer does that, and the provider's tokens cost money.
    socket.on('end', hangUp)
  }

  #accept(request: IncomingMessage, response: ServerResponse, onAdmitted: () => void): void {
    const { socket } = request
    if (this.#isDraining) announceClose(response)
    request.url = originForm(request.url ?? '/')
    const caller = this.#begin(socket, response)
    this.#deps.serve({ request, response, caller, onAdmitted }, () => this.#end(socket, caller))
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    request.url = originForm(request.url ?? '/')
    const caller = this.#begin(socket, null)
    this.#deps.upgrade({ request, socket, head, caller }, () => this.#end(socket, caller))
  }

  #begin(socket: Duplex, response: ServerResponse | null): Caller {
    const caller = new Caller()
    this.#callers.get(socket)?.set(caller, response)
    this.#callsUnderWay += 1
    return caller
  }

  /** Counts once, however often a call says that it has ended. */
  #end(socket: Duplex, caller: Caller): void {
    if (this.#callers.get(socket)?.delete(caller) !== true) return
    this.#callsUnderWay -= 1
    if (this.#isDraining && socket instanceof Socket) this.#closeWhenIdle(socket)
  }
}

/** Callers that did not ask for `100 Continue`. */
function nothingToSend(): void {}

/**
 * An offer of any other protocol is passed over, and the request answered as it is (RFC 9110 section 7.8): Java's HTTP
 * client offers `h2c` with every call.
 */
function asksForWebSocket({ method, headers }: IncomingMessage): boolean {
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
  return method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket' && !hasBody
}

/** `http://host/path` is `/path` here, whatever the host (RFC 9112 section 3.2.2): it must never choose where to go. */
function originForm(url: string): string {
  if (url.startsWith('/')) return url
  const path = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*(.*)$/i.exec(url)?.[1]
  if (path === undefined) return url
  return path.startsWith('/') ? path : `/${path}`
}

/** A caller that is not told would send its next call into a connection that is about to close. */
function announceClose(response: ServerResponse | null): void {
  if (response !== null && !response.headersSent) response.shouldKeepAlive = false
}
