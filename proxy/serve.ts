// One request from its head to its report: recognise, receive the body, run the pipeline, deliver. The shell around
// pipeline.ts; what no dialect reads goes to passthrough.ts instead.
import { Buffer } from 'node:buffer'
import { emptyTrail, refuse } from './answer.ts'
import type { DeferringOnDemand } from './deferred/deferring-on-demand.ts'
import { deliverAnswer, refuseUpload } from './delivery.ts'
import { recognise } from './dialect/recognise.ts'
import { decodeBody, type DecodedBody } from './encoding/request-body.ts'
import { failure, type Failure } from './errors.ts'
import { explained, wantsExplanation } from './explain/on-demand.ts'
import type { Answer, Exchange, Place, Received } from './exchange.ts'
import type { Passthrough } from './passthrough/passthrough.ts'
import { placeWhereMasked } from './masked-place.ts'
import { isOwnPath, serveOwnPath } from './own-paths.ts'
import { handle, type PipelineDeps } from './pipeline.ts'
import { receiveBody, type ReceiveDeps } from './receive.ts'
import type { IncomingCall, IncomingUpgrade } from './server.ts'
import type { Logger } from './telemetry/log.ts'

export interface ServeDeps extends PipelineDeps, ReceiveDeps {
  readonly deferring: Pick<DeferringOnDemand, 'offer' | 'reply' | 'prepare' | 'close'>
  readonly passthrough: Passthrough
  readonly report: (exchange: Exchange) => void
  readonly newId: () => string
  readonly refusePage: (rawHeaders: readonly string[]) => Failure | null
  readonly logger: Logger
}

const NO_BODY = Buffer.alloc(0)

export function serve(call: IncomingCall, onEnd: () => void, deps: ServeDeps): void {
  const { request } = call
  const { method = 'GET', url = '/' } = request
  if (isOwnPath(url)) return serveOwnPath(call, onEnd, deps)
  const place = placeWhereMasked(recognise(method, url, request.rawHeaders), method, deps)
  const id = deps.newId()
  if (place.endpoint === null) {
    call.onAdmitted()
    deps.passthrough.forward({ ...call, place, id }, onEnd)
    return
  }
  serveOperation(call, { place, id, onEnd }, deps).catch((error: unknown) => {
    deps.logger.error({ id, err: error }, 'a call met a fault of the proxy')
    call.response.destroy()
    onEnd()
  })
}

/** Upgrades belong to no operation. */
export function serveUpgrade(
  call: IncomingUpgrade,
  onEnd: () => void,
  deps: Pick<ServeDeps, 'passthrough' | 'newId'>,
): void {
  const { method, url, rawHeaders } = call.request
  const place = recognise(method ?? 'GET', url ?? '/', rawHeaders)
  deps.passthrough.upgrade({ ...call, place, id: deps.newId() }, onEnd)
}

interface Named {
  readonly place: Place
  readonly id: string
  readonly onEnd: () => void
}

async function serveOperation(call: IncomingCall, { place, id, onEnd }: Named, deps: ServeDeps): Promise<void> {
  const { request, response, caller } = call
  const refusal = deps.refusePage(request.rawHeaders)
  const body = refusal ?? (place.endpoint?.readCall === null ? EMPTY : await receiveDecoded(call, deps))
  const original = body.kind === 'body' ? body : EMPTY
  const received: Received = {
    id,
    method: request.method ?? 'GET',
    place,
    rawHeaders: request.rawHeaders,
    body: original.read,
    original,
    receivedAtMs: deps.now(),
    caller,
  }
  const report = (exchange: Exchange) => {
    deps.bodies.release(original.heldBytes)
    onEnd()
    deps.report(exchange)
  }
  if (body.kind === 'failure') {
    const answer = refuse(body, place, emptyTrail(place))
    if (request.readableEnded) return deliverAnswer(response, { answer, received }, { now: deps.now, report })
    return refuseUpload(call, { answer, received }, { now: deps.now, timers: deps.timers, report })
  }
  deliverAnswer(response, { answer: await answerOf(received, deps), received }, { now: deps.now, report })
}

const EMPTY = { kind: 'body', read: NO_BODY, sent: NO_BODY, heldBytes: 0 } as const

/** Most bodies have no content coding, and cost nothing more for those that have. */
async function receiveDecoded(
  { request, caller, onAdmitted }: IncomingCall,
  deps: ReceiveDeps,
): Promise<DecodedBody | Failure> {
  const body = await receiveBody(request, { caller, onAdmitted }, deps)
  const contentEncoding = request.headers['content-encoding']
  if (body.kind === 'failure') return body
  const { bytes } = body
  if (contentEncoding === undefined) return { kind: 'body', read: bytes, sent: bytes, heldBytes: bytes.length }
  return decodeBody({ bytes, contentEncoding, caller }, deps)
}

/** A fault of the proxy's own is an answer too; it must not leave the caller waiting. */
async function answerOf(received: Received, deps: ServeDeps): Promise<Answer> {
  try {
    return await (wantsExplanation(received) ? explained(received, handle, deps) : handle(received, deps))
  } catch (error) {
    deps.logger.error({ id: received.id, err: error }, 'a call met a fault of the proxy')
    const message = `The proxy met a fault of its own; its log has the line with id ${received.id}.`
    return refuse(failure('internal_error', message), received.place, emptyTrail(received.place))
  }
}
