// What no dialect reads: bytes to the table's pass-through target and back, streamed both ways, upgrades (WebSocket)
// included. Where they go and with which headers is decided in upstream/destination.ts; http-proxy does the piping. It
// leaves out, and this file adds: hang-ups passed on (its issue 1559), a provider that breaks off, trailers, 1xx
// answers, keep-alive. It is loaded with the first such call, since most pods never make one.
import type { Buffer } from 'node:buffer'
import type { Agent, ClientRequest, IncomingMessage, ServerResponse } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { Duplex } from 'node:stream'
import type HttpProxy from 'http-proxy'
import { emptyTrail, refuse } from './answer.ts'
import type { Caller } from './caller.ts'
import { failure, type Failure } from './errors.ts'
import type { Place } from './exchange.ts'
import { http } from './node-http.ts'
import { PassedCall, type PassedCallDeps } from './passed-call.ts'
import type { IncomingCall, IncomingUpgrade } from './server.ts'
import { destinationOf, type Destination, type DestinationDeps } from './upstream/destination.ts'
import { toHeaderText } from './upstream/headers.ts'
import { reasonOf } from './upstream/wire-errors.ts'

/** Connections per provider host; further calls wait for one. */
const MAX_SOCKETS = 256
const MAX_FREE_SOCKETS = 16
const FREE_SOCKET_MS = 30_000

export type PassthroughDeps = DestinationDeps & Omit<PassedCallDeps, 'onEnd'>

interface Named {
  readonly place: Place
  readonly id: string
}

interface Engine {
  readonly createProxy: () => HttpProxy
  readonly agentFor: (origin: URL) => Agent
}

export class Passthrough {
  readonly #deps: PassthroughDeps
  #engine: Promise<Engine> | null = null

  constructor(deps: PassthroughDeps) {
    this.#deps = deps
  }

  forward(call: IncomingCall & Named, onEnd: () => void): void {
    const { request, response, place } = call
    const destination = destinationOf({ place, headers: request.headers, isUpgrade: false }, this.#deps)
    const passed = this.#record(call, destination, onEnd)
    response.once('close', () => passed.close(response.writableFinished))
    const fail = (reason: Failure) => {
      passed.failed(reason.code)
      answerWith(response, reason, call)
    }
    if (destination.kind === 'failure') return fail(destination)
    this.#load().then(
      (engine) => forwardTo(destination, { ...call, passed, fail }, engine),
      () => fail(failure('internal_error', 'The proxy could not load its pass-through.')),
    )
  }

  upgrade(call: IncomingUpgrade & Named, onEnd: () => void): void {
    const { request, socket, place } = call
    const destination = destinationOf({ place, headers: request.headers, isUpgrade: true }, this.#deps)
    const passed = this.#record(call, destination, onEnd)
    // An error of the caller's socket ends in 'close', where it is dealt with.
    socket.on('error', () => socket.destroy())
    socket.once('close', () => passed.close(true))
    const fail = (reason: Failure) => {
      passed.failed(reason.code)
      refuseUpgrade(socket, reason, call)
    }
    if (destination.kind === 'failure') return fail(destination)
    this.#load().then(
      (engine) => upgradeTo(destination, { ...call, passed, fail }, engine),
      () => fail(failure('internal_error', 'The proxy could not load its pass-through.')),
    )
  }

  #record({ id }: Named, destination: Destination | Failure, onEnd: () => void): PassedCall {
    const isKnown = destination.kind === 'destination'
    const targetId = isKnown ? destination.targetId : null
    const tableVersion = isKnown ? destination.tableVersion : null
    return new PassedCall({ id, targetId, tableVersion }, { ...this.#deps, onEnd })
  }

  #load(): Promise<Engine> {
    this.#engine ??= import('http-proxy').then(({ default: httpProxy }) => {
      const settings = {
        keepAlive: true,
        maxSockets: MAX_SOCKETS,
        maxFreeSockets: MAX_FREE_SOCKETS,
        timeout: FREE_SOCKET_MS,
      }
      const plain = new http.Agent(settings)
      const secure = new HttpsAgent(settings)
      return {
        createProxy: () => httpProxy.createProxyServer({ changeOrigin: true, toProxy: true }),
        agentFor: ({ protocol }) => (protocol === 'https:' ? secure : plain),
      }
    })
    return this.#engine
  }
}

interface Passing extends Named {
  readonly request: IncomingMessage
  readonly caller: Caller
  readonly passed: PassedCall
  readonly fail: (reason: Failure) => void
}

function forwardTo(destination: Destination, call: Passing & Pick<IncomingCall, 'response'>, engine: Engine): void {
  const { request, response, caller, passed, fail } = call
  if (caller.isGone) return
  redirect(request, destination)
  const proxy = engine.createProxy()
  proxy.on('proxyReq', (outgoing) => {
    caller.whenGone(() => outgoing.destroy())
    response.once('close', () => outgoing.destroy())
    passInformation(outgoing, response)
  })
  proxy.on('proxyRes', (incoming) => {
    passed.answered(incoming.statusCode ?? 0)
    prepareAnswer(incoming, response)
    response.setHeader('x-modelroute-target', toHeaderText(destination.targetId))
    response.setHeader('x-modelroute-request-id', call.id)
    incoming.on('data', (chunk: Buffer) => passed.countChunk(chunk.length))
    incoming.once('close', () => {
      if (incoming.complete) return
      passed.failed(caller.isGone ? 'caller_gone' : 'passthrough_failed')
      response.destroy()
    })
  })
  const options = { target: toTarget(destination), agent: engine.agentFor(destination.origin) }
  proxy.web(request, response, options, (error) => fail(unreachable(destination, error)))
}

function upgradeTo(destination: Destination, call: Passing & IncomingUpgrade, { createProxy }: Engine): void {
  const { request, socket, head, caller, passed, fail } = call
  if (caller.isGone) return
  redirect(request, destination)
  const proxy = createProxy()
  proxy.on('proxyReqWs', (outgoing) => {
    socket.once('close', () => outgoing.destroy())
    outgoing.once('response', ({ statusCode }) => passed.answered(statusCode ?? 0))
  })
  proxy.on('open', (providerSocket) => {
    passed.answered(101)
    // A closed half is the end of a WebSocket's connection; http-proxy passes on an orderly end alone.
    socket.once('close', () => providerSocket.destroy())
    providerSocket.once('close', () => socket.destroy())
  })
  proxy.ws(request, socket, head, { target: toTarget(destination) }, (error) => fail(unreachable(destination, error)))
}

/** http-proxy sends what the request object says. */
function redirect(request: IncomingMessage, { path, headers }: Destination): void {
  request.url = path
  request.headers = headers
}

function toTarget({ origin }: Destination) {
  const { protocol, host, port } = origin
  return { protocol, host, port, hostname: origin.hostname.replace(/^\[|\]$/g, '') }
}

/** 1xx answers other than `100 Continue`, which the caller has had from this proxy. */
function passInformation(outgoing: ClientRequest, response: ServerResponse): void {
  outgoing.on('information', ({ statusCode, headers }) => {
    if (statusCode !== 100 && !response.headersSent) response.writeInformation(statusCode, headers)
  })
}

function prepareAnswer(incoming: IncomingMessage, response: ServerResponse): void {
  delete incoming.headers['connection']
  delete incoming.headers['keep-alive']
  incoming.once('end', () => {
    if (Object.keys(incoming.trailers).length > 0) response.addTrailers(incoming.trailers)
  })
}

function unreachable({ targetId }: Destination, error: Error): Failure {
  return failure('passthrough_failed', `Target ${targetId} failed: ${reasonOf(error)}.`)
}

function answerWith(response: ServerResponse, reason: Failure, { id, place }: Named): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  const { status, rawHeaders, body } = refuse(reason, place, emptyTrail(place))
  response.writeHead(status, [...rawHeaders, 'x-modelroute-request-id', id])
  response.end(body)
}

function refuseUpgrade(socket: Duplex, reason: Failure, { id, place }: Named): void {
  if (!socket.writable) return
  const { status, rawHeaders, body } = refuse(reason, place, emptyTrail(place))
  const pairs = [...rawHeaders, 'connection', 'close', 'x-modelroute-request-id', id]
  const lines = pairs.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${pairs[index + 1] ?? ''}`] : []))
  socket.end(
    `HTTP/1.1 ${status} ${http.STATUS_CODES[status] ?? ''}\r\n${lines.join('\r\n')}\r\n\r\n${body.toString('utf8')}`,
  )
}
