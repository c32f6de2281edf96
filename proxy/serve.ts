// One request from its head to its report: recognise, receive the body, run the pipeline, deliver. The shell around
// pipeline.ts; what no dialect reads goes to passthrough.ts instead.
import { Buffer } from 'node:buffer'
import { emptyTrail, refuse } from './answer.ts'
import { deliverAnswer, refuseUpload } from './delivery.ts'
import { recognise } from './dialect/recognise.ts'
import { failure } from './errors.ts'
import type { Answer, Exchange, Place, Received } from './exchange.ts'
import type { Passthrough } from './passthrough.ts'
import { handle, type PipelineDeps } from './pipeline.ts'
import { receiveBody, type ReceiveDeps } from './receive.ts'
import type { IncomingCall, IncomingUpgrade } from './server.ts'
import type { Logger } from './telemetry/log.ts'

export interface ServeDeps extends PipelineDeps, ReceiveDeps {
  readonly passthrough: Passthrough
  readonly report: (exchange: Exchange) => void
  readonly newId: () => string
  readonly logger: Logger
}

const NO_BODY = Buffer.alloc(0)

export function serve(call: IncomingCall, onEnd: () => void, deps: ServeDeps): void {
  const { request } = call
  const place = recognise(request.method ?? 'GET', request.url ?? '/')
  const id = deps.newId()
  if (place.operation === null) {
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
  const { method, url } = call.request
  const place = recognise(method ?? 'GET', url ?? '/')
  deps.passthrough.upgrade({ ...call, place, id: deps.newId() }, onEnd)
}

interface Named {
  readonly place: Place
  readonly id: string
  readonly onEnd: () => void
}

async function serveOperation(call: IncomingCall, { place, id, onEnd }: Named, deps: ServeDeps): Promise<void> {
  const { request, response, caller } = call
  const body = place.operation === 'Models' ? EMPTY : await receiveBody(request, call, deps)
  const received: Received = {
    id,
    method: request.method ?? 'GET',
    place,
    rawHeaders: request.rawHeaders,
    body: body.kind === 'body' ? body.bytes : NO_BODY,
    receivedAtMs: deps.now(),
    caller,
  }
  const report = (exchange: Exchange) => {
    deps.bodies.release(received.body.length)
    onEnd()
    deps.report(exchange)
  }
  if (body.kind === 'failure') {
    const answer = refuse(body, place, emptyTrail(place))
    return refuseUpload(call, { answer, received }, { now: deps.now, timers: deps.timers, report })
  }
  deliverAnswer(response, { answer: await answerOf(received, deps), received }, { now: deps.now, report })
}

const EMPTY = { kind: 'body', bytes: NO_BODY } as const

/** A fault of the proxy's own is an answer too; it must not leave the caller waiting. */
async function answerOf(received: Received, deps: ServeDeps): Promise<Answer> {
  try {
    return await handle(received, deps)
  } catch (error) {
    deps.logger.error({ id: received.id, err: error }, 'a call met a fault of the proxy')
    const message = `The proxy met a fault of its own; its log has the line with id ${received.id}.`
    return refuse(failure('internal_error', message), received.place, emptyTrail(received.place))
  }
}
