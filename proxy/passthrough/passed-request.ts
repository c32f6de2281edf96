// One passed-through request on its way: http-proxy sends it, this file sees to its answer. A provider's answer is
// outside data, and an event handler that throws on it would end the process: so status and status text are checked
// before they are written, and once the head is out a fault only ever breaks the connection.
import { Buffer } from 'node:buffer'
import type { Agent, ClientRequest, IncomingMessage } from 'node:http'
import type HttpProxy from 'http-proxy'
import { emptyTrail, refuse } from '../answer.ts'
import type { Caller } from '../caller.ts'
import { failure, type Failure } from '../errors.ts'
import type { Place } from '../exchange.ts'
import type { PassedBody } from './passed-body.ts'
import type { PassedCall } from './passed-call.ts'
import type { IncomingCall } from '../server.ts'
import type { Destination } from '../upstream/destination.ts'
import { toHeaderText, toPassedHeaders } from '../upstream/headers.ts'
import type { Timers } from '../upstream/timers.ts'
import { isReset, reasonOf } from '../upstream/wire-errors.ts'

export interface Engine {
  readonly createProxy: () => HttpProxy
  /** `isFresh`: an agent that makes a new connection for every call. */
  readonly agentFor: (origin: URL, isFresh: boolean) => Agent
  readonly timers: Timers
}

export interface Named {
  readonly place: Place
  readonly id: string
}

export interface Passing extends Named {
  readonly request: IncomingMessage
  readonly caller: Caller
  readonly passed: PassedCall
}

export type PassingRequest = Passing & Pick<IncomingCall, 'response'> & { readonly body: PassedBody }

/** RFC 9112 section 4, as node:http writes it. */
const STATUS_TEXT = /^[\t\x20-\x7e\x80-\xff]*$/

const NOTHING = Buffer.alloc(0)

/** To a provider's host, TLS included. */
export const CONNECT_TIMEOUT_MS = 5_000

export function forwardTo(destination: Destination, call: PassingRequest, engine: Engine): void {
  if (call.caller.isGone) return
  const method = call.request.method ?? 'GET'
  redirect(call.request, destination)
  // http-proxy declares bodies of DELETE and OPTIONS as empty and sends them all the same, so that the provider would
  // take them for a request of their own. It looks at this name and sends the one in the options.
  call.request.method = 'POST'
  new Forwarding({ destination, call, engine, method }).send(false)
}

interface ForwardingParts {
  readonly destination: Destination
  readonly call: PassingRequest
  readonly engine: Engine
  readonly method: string
}

/**
 * One request, sent once more on a fresh connection when the kept one was dead: it was reset before any byte of an
 * answer, and the body is still here as a whole.
 */
class Forwarding {
  readonly #parts: ForwardingParts
  #isAnswered = false
  /** Something of the provider's came, be it only an informational answer. */
  #isHeard = false
  #outgoing: ClientRequest | null = null

  constructor(parts: ForwardingParts) {
    this.#parts = parts
  }

  send(isFresh: boolean): void {
    const { destination, call, engine, method } = this.#parts
    const proxy = engine.createProxy()
    let attempt: ClientRequest | null = null
    const fail = (error: Error) => {
      if (attempt === this.#outgoing) this.#fail(error, isFresh)
    }
    proxy.on('proxyReq', (outgoing) => {
      attempt = outgoing
      this.#begin(outgoing, fail)
    })
    proxy.on('proxyRes', (incoming) => {
      this.#isAnswered = true
      deliver(incoming, destination, call)
    })
    const target = toTarget(destination)
    const agent = engine.agentFor(destination.origin, isFresh)
    const buffer = call.body.open()
    proxy.web(call.request, call.response, { target, agent, method, buffer, selfHandleResponse: true }, fail)
  }

  #begin(outgoing: ClientRequest, fail: (error: Error) => void): void {
    const { destination, call, engine } = this.#parts
    this.#outgoing = outgoing
    begin(outgoing, destination, call)
    call.body.start()
    limitConnecting(outgoing, engine.timers)
    outgoing.once('information', () => (this.#isHeard = true))
    outgoing.once('upgrade', (_, socket) => {
      socket.destroy()
      fail(new Error('an upgrade that nobody asked for'))
    })
  }

  #fail(error: Error, isFresh: boolean): void {
    const { destination, call } = this.#parts
    // What follows an answer's head shows in the answer itself (deliver).
    if (call.caller.isGone) call.passed.failed('caller_gone')
    else if (this.#isAnswered) return
    else if (!isFresh && !this.#isHeard && this.#isStale(error) && call.body.canReplay) this.send(true)
    else failRequest(unreachable(destination, error), call)
  }

  #isStale(error: Error): boolean {
    return this.#outgoing?.reusedSocket === true && isReset(error)
  }
}

/** The platform would wait for as long as the system does: minutes. */
export function limitConnecting(outgoing: ClientRequest, timers: Timers): void {
  const { socket } = outgoing
  if (socket?.connecting !== true) return
  const timer = timers.start(CONNECT_TIMEOUT_MS, () => outgoing.destroy(new ConnectTimeout()))
  socket.once('encrypted' in socket ? 'secureConnect' : 'connect', () => timer.close())
  outgoing.once('close', () => timer.close())
}

class ConnectTimeout extends Error {
  readonly code = 'ETIMEDOUT'
}

/** http-proxy sends what the request object says. */
export function redirect(request: IncomingMessage, { path, headers }: Destination): void {
  request.url = path
  request.headers = headers
}

export function toTarget({ origin }: Destination) {
  const { protocol, host, port } = origin
  return { protocol, host, port, hostname: origin.hostname.replace(/^\[|\]$/g, '') }
}

export function unreachable({ targetId }: Destination, error: Error): Failure {
  return failure('passthrough_failed', `Target ${targetId} failed: ${reasonOf(error)}.`)
}

export function failRequest(
  reason: Failure,
  { passed, response, id, place }: Pick<PassingRequest, 'passed' | 'response' | 'id' | 'place'>,
): void {
  passed.failed(reason.code)
  if (response.headersSent) {
    response.destroy()
    return
  }
  const { status, rawHeaders, body } = refuse(reason, place, emptyTrail(place))
  response.writeHead(status, [...rawHeaders, 'x-modelroute-request-id', id])
  response.end(body)
}

function begin(outgoing: ClientRequest, { path }: Destination, { request, response, caller }: PassingRequest): void {
  // http-proxy folds slashes.
  outgoing.path = path
  caller.whenGone(() => outgoing.destroy())
  response.once('close', () => outgoing.destroy())
  // RFC 9110 section 15.2: nothing informational to HTTP/1.0.
  if (request.httpVersion === '1.0') return
  // The caller has had its `100 Continue` from this proxy.
  outgoing.on('information', ({ statusCode, headers }) => {
    if (statusCode !== 100 && !response.headersSent) response.writeInformation(statusCode, headers)
  })
}

function deliver(incoming: IncomingMessage, destination: Destination, call: PassingRequest): void {
  const { response, caller, passed, id } = call
  const { statusCode: status = 0, statusMessage = '' } = incoming
  if (status < 200) {
    incoming.destroy()
    return failRequest(failure('passthrough_failed', `Target ${destination.targetId} answered ${status}.`), call)
  }
  passed.answered(status)
  response.writeHead(status, STATUS_TEXT.test(statusMessage) ? statusMessage : '', [
    ...toPassedHeaders(incoming.rawHeaders),
    'x-modelroute-target',
    toHeaderText(destination.targetId),
    'x-modelroute-request-id',
    id,
  ])
  // The first byte of a body may be long in coming. Not flushHeaders(), which writes the head as UTF-8.
  response.write(NOTHING)
  incoming.on('data', (chunk: Buffer) => passed.countChunk(chunk.length))
  incoming.once('end', () => {
    if (Object.keys(incoming.trailers).length > 0) response.addTrailers(incoming.trailers)
  })
  incoming.once('close', () => {
    if (incoming.complete) return
    passed.failed(caller.isGone ? 'caller_gone' : 'passthrough_failed')
    response.destroy()
  })
  incoming.pipe(response)
}
