// One passed-through request on its way: http-proxy sends it, this file sees to its answer. A provider's answer is
// outside data, and an event handler that throws on it would end the process: so status and status text are checked
// before they are written, and once the head is out a fault only ever breaks the connection.
import { Buffer } from 'node:buffer'
import type { Agent, ClientRequest, IncomingMessage } from 'node:http'
import type HttpProxy from 'http-proxy'
import { emptyTrail, refuse } from './answer.ts'
import type { Caller } from './caller.ts'
import { failure, type Failure } from './errors.ts'
import type { Place } from './exchange.ts'
import type { PassedCall } from './passed-call.ts'
import type { IncomingCall } from './server.ts'
import type { Destination } from './upstream/destination.ts'
import { toHeaderText, toPassedHeaders } from './upstream/headers.ts'
import { reasonOf } from './upstream/wire-errors.ts'

export interface Engine {
  readonly createProxy: () => HttpProxy
  readonly agentFor: (origin: URL) => Agent
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

export type PassingRequest = Passing & Pick<IncomingCall, 'response'>

/** RFC 9112 section 4, as node:http writes it. */
const STATUS_TEXT = /^[\t\x20-\x7e\x80-\xff]*$/

const NOTHING = Buffer.alloc(0)

export function forwardTo(destination: Destination, call: PassingRequest, engine: Engine): void {
  const { request, response, caller, passed } = call
  if (caller.isGone) return
  redirect(request, destination)
  let isAnswered = false
  const fail = (error: Error) => {
    if (caller.isGone) passed.failed('caller_gone')
    // What follows an answer's head shows in the answer itself (deliver).
    else if (!isAnswered) failRequest(unreachable(destination, error), call)
  }
  const proxy = engine.createProxy()
  proxy.on('proxyReq', (outgoing) => {
    send(outgoing, destination, call)
    outgoing.once('upgrade', (_, socket) => {
      socket.destroy()
      fail(new Error('an upgrade that nobody asked for'))
    })
  })
  proxy.on('proxyRes', (incoming) => {
    isAnswered = true
    deliver(incoming, destination, call)
  })
  const method = request.method ?? 'GET'
  // http-proxy declares bodies of DELETE and OPTIONS as empty and sends them all the same, so that the provider would
  // take them for a request of their own. It looks at this name and sends the one in the options.
  request.method = 'POST'
  const target = toTarget(destination)
  const agent = engine.agentFor(destination.origin)
  proxy.web(request, response, { target, agent, method, selfHandleResponse: true }, fail)
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

export function failRequest(reason: Failure, { passed, response, id, place }: Omit<PassingRequest, 'caller'>): void {
  passed.failed(reason.code)
  if (response.headersSent) {
    response.destroy()
    return
  }
  const { status, rawHeaders, body } = refuse(reason, place, emptyTrail(place))
  response.writeHead(status, [...rawHeaders, 'x-modelroute-request-id', id])
  response.end(body)
}

function send(outgoing: ClientRequest, { path }: Destination, { request, response, caller }: PassingRequest): void {
  // http-proxy folds slashes.
  if (!outgoing.headersSent) outgoing.path = path
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
