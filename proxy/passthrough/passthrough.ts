// What no dialect reads: bytes to the table's pass-through target and back, streamed both ways, upgrades (WebSocket)
// included. Where they go and with which headers is decided in upstream/destination.ts; http-proxy sends, and
// passed-request.ts and passed-upgrade.ts see to what it leaves out: hang-ups passed on (its issue 1559), a provider
// that breaks off or answers nonsense, trailers, 1xx answers. It is loaded with the first such call, since most pods
// never make one.
import { Agent as HttpsAgent, type AgentOptions } from 'node:https'
import { failure, type Failure } from '../errors.ts'
import { http } from '../node-http.ts'
import { PassedBody } from './passed-body.ts'
import { PassedCall, type PassedCallDeps } from './passed-call.ts'
import { failRequest, forwardTo, type Engine, type Named } from './passed-request.ts'
import { failUpgrade, upgradeTo } from './passed-upgrade.ts'
import type { IncomingCall, IncomingUpgrade } from '../server.ts'
import type { Logger } from '../telemetry/log.ts'
import { UPLOAD_IDLE_MS, type UploadWatch } from '../upload-watch.ts'
import { destinationOf, type Destination, type DestinationDeps } from '../upstream/destination.ts'
import type { Timers } from '../upstream/timers.ts'

/** Connections per provider host; further calls wait for one. */
export const MAX_SOCKETS = 256
const MAX_FREE_SOCKETS = 16
const FREE_SOCKET_MS = 30_000

export type PassthroughDeps = DestinationDeps &
  Omit<PassedCallDeps, 'onEnd'> & {
    readonly refusePage: (rawHeaders: readonly string[]) => Failure | null
    readonly logger: Logger
    readonly timers: Timers
    readonly uploads: UploadWatch
  }

export class Passthrough {
  readonly #deps: PassthroughDeps
  #engine: Promise<Engine> | null = null

  constructor(deps: PassthroughDeps) {
    this.#deps = deps
  }

  forward(call: IncomingCall & Named, onEnd: () => void): void {
    const { request, response, place } = call
    const asked = { place, method: request.method ?? 'GET', headers: request.headers, isUpgrade: false }
    const destination = this.#deps.refusePage(request.rawHeaders) ?? destinationOf(asked, this.#deps)
    const passed = this.#record(call, destination, onEnd)
    response.once('close', () => passed.close(response.writableFinished))
    const onStill = () => failRequest(stoodStill(), { ...call, passed })
    const body = new PassedBody(request, this.#deps.uploads, onStill)
    // A caller that still uploads would not read its answer before it is rid of the rest.
    response.once('finish', () => body.discard())
    const passing = { ...call, passed, body }
    if (destination.kind === 'failure') return failRequest(destination, passing)
    this.#load()
      .then((engine) => forwardTo(destination, passing, engine))
      .catch((error: unknown) => failRequest(this.#fault(error, call), passing))
  }

  upgrade(call: IncomingUpgrade & Named, onEnd: () => void): void {
    const { request, socket, place } = call
    const asked = { place, method: request.method ?? 'GET', headers: request.headers, isUpgrade: true }
    const destination = this.#deps.refusePage(request.rawHeaders) ?? destinationOf(asked, this.#deps)
    const passed = this.#record(call, destination, onEnd)
    // An error of the caller's socket ends in 'close', where it is dealt with.
    socket.on('error', () => socket.destroy())
    socket.once('close', () => passed.close(true))
    // Nobody reads from this socket after its last byte, so that the caller's own end of it would not be noticed.
    socket.once('finish', () => socket.destroy())
    const passing = { ...call, passed }
    if (destination.kind === 'failure') return failUpgrade(destination, passing)
    this.#load()
      .then((engine) => upgradeTo(destination, passing, engine))
      .catch((error: unknown) => failUpgrade(this.#fault(error, call), passing))
  }

  #fault(error: unknown, { id }: Named): Failure {
    this.#deps.logger.error({ id, err: error }, 'a call met a fault of the proxy')
    return failure('internal_error', `The proxy met a fault of its own; its log has the line with id ${id}.`)
  }

  #record({ id }: Named, destination: Destination | Failure, onEnd: () => void): PassedCall {
    const isKnown = destination.kind === 'destination'
    const targetId = isKnown ? destination.targetId : null
    const tableVersion = isKnown ? destination.tableVersion : null
    const isKeyed = isKnown && destination.isKeyed
    return new PassedCall({ id, targetId, tableVersion, isKeyed }, { ...this.#deps, onEnd })
  }

  #load(): Promise<Engine> {
    this.#engine ??= import('http-proxy').then(({ default: httpProxy }) => {
      const settings = {
        keepAlive: true,
        maxSockets: MAX_SOCKETS,
        maxFreeSockets: MAX_FREE_SOCKETS,
        timeout: FREE_SOCKET_MS,
      }
      const fresh = { keepAlive: false, maxSockets: MAX_SOCKETS }
      const plain = [new http.Agent(settings), new http.Agent(fresh)] as const
      const secure = [secureAgent(settings), secureAgent(fresh)] as const
      return {
        createProxy: () => httpProxy.createProxyServer({ changeOrigin: true, toProxy: true }),
        agentFor: ({ protocol }, isFresh) => (protocol === 'https:' ? secure : plain)[isFresh ? 1 : 0],
        timers: this.#deps.timers,
      }
    })
    return this.#engine
  }
}

function secureAgent(settings: AgentOptions): HttpsAgent {
  return new HttpsAgent({ ...settings, rejectUnauthorized: true })
}

function stoodStill(): Failure {
  return failure('upload_timeout', `No byte of the request body came for ${UPLOAD_IDLE_MS / 1000} s.`)
}
