// The listening side of the proxy: node:http, its limits, and which callers have hung up. Knows sockets and nothing of
// models; each request goes on to serve.ts with its Caller, upgrades to passthrough.ts.
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { Caller } from './caller.ts'
import type { Endpoint } from './config.ts'
import { http } from './node-http.ts'
import type { Timers } from './upstream/timers.ts'

/** Longer than the connection pools of the callers' libraries keep theirs, so that they never meet a closed one. */
const KEEP_ALIVE_MS = 600_000
const HEADERS_TIMEOUT_MS = 60_000
const MAX_HEADER_BYTES = 64 * 1024

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
}

export class ProxyServer {
  readonly #deps: ServerDeps
  readonly #server: Server
  /** Calls under way by connection; more than one only where a caller pipelines. */
  readonly #callers = new WeakMap<Duplex, Set<Caller>>()
  readonly #upgraded = new Set<Duplex>()
  #callsUnderWay = 0
  #onIdle: (() => void) | null = null

  constructor(deps: ServerDeps) {
    this.#deps = deps
    this.#server = http.createServer({
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout: HEADERS_TIMEOUT_MS,
      // Long uploads are watched by their own idle timer (receive.ts).
      requestTimeout: 0,
      maxHeaderSize: MAX_HEADER_BYTES,
      noDelay: true,
    })
  }

  /** Rejects when the port is taken. */
  listen({ host, port }: Endpoint): Promise<AddressInfo> {
    const server = this.#server
    server.on('connection', (socket: Socket) => this.#watch(socket))
    server.on('request', (request, response) => this.#accept(request, response, nothingToSend))
    server.on('checkContinue', (request, response) => this.#accept(request, response, () => response.writeContinue()))
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

  /** Takes no new connection, lets the calls under way end for at most `drainMs`, then closes what is left. */
  async drain(drainMs: number): Promise<void> {
    this.#server.close()
    this.#server.closeIdleConnections()
    if (this.#callsUnderWay > 0 && drainMs > 0) await this.#untilIdle(drainMs)
    this.#server.closeAllConnections()
    for (const socket of this.#upgraded) socket.destroy()
  }

  #untilIdle(limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#deps.timers.start(limitMs, resolve)
      this.#onIdle = () => {
        timer.close()
        resolve()
      }
    })
  }

  #watch(socket: Socket): void {
    const callers = new Set<Caller>()
    this.#callers.set(socket, callers)
    const hangUp = () => {
      for (const caller of callers) caller.hangUp()
    }
    socket.on('close', hangUp)
    // A closed half: nobody who waits for an answer does that, and the provider's tokens cost money.
    socket.on('end', hangUp)
  }

  #accept(request: IncomingMessage, response: ServerResponse, onAdmitted: () => void): void {
    const { socket } = request
    const caller = this.#begin(socket)
    this.#deps.serve({ request, response, caller, onAdmitted }, () => this.#end(socket, caller))
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const caller = this.#begin(socket)
    this.#upgraded.add(socket)
    this.#deps.upgrade({ request, socket, head, caller }, () => {
      this.#upgraded.delete(socket)
      this.#end(socket, caller)
    })
  }

  #begin(socket: Duplex): Caller {
    const caller = new Caller()
    this.#callers.get(socket)?.add(caller)
    this.#callsUnderWay += 1
    return caller
  }

  #end(socket: Duplex, caller: Caller): void {
    this.#callers.get(socket)?.delete(caller)
    this.#callsUnderWay -= 1
    if (this.#callsUnderWay === 0) this.#onIdle?.()
  }
}

/** Callers that did not ask for `100 Continue`. */
function nothingToSend(): void {}
