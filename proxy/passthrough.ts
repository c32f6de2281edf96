// What no dialect reads: bytes to the table's pass-through target and back, streamed both ways, upgrades (WebSocket)
// included. Where they go and with which headers is decided in upstream/destination.ts; http-proxy sends, and
// passed-request.ts and passed-upgrade.ts see to what it leaves out: hang-ups passed on (its issue 1559), a provider
// that breaks off or answers nonsense, trailers, 1xx answers. It is loaded with the first such call, since most pods
// never make one.
import { Agent as HttpsAgent } from 'node:https'
import { failure, type Failure } from './errors.ts'
import { http } from './node-http.ts'
import { PassedCall, type PassedCallDeps } from './passed-call.ts'
import { failRequest, forwardTo, type Engine, type Named } from './passed-request.ts'
import { failUpgrade, upgradeTo } from './passed-upgrade.ts'
import type { IncomingCall, IncomingUpgrade } from './server.ts'
import type { Logger } from './telemetry/log.ts'
import { destinationOf, type Destination, type DestinationDeps } from './upstream/destination.ts'

/** Connections per provider host; further calls wait for one. */
export const MAX_SOCKETS = 256
const MAX_FREE_SOCKETS = 16
const FREE_SOCKET_MS = 30_000

export type PassthroughDeps = DestinationDeps & Omit<PassedCallDeps, 'onEnd'> & { readonly logger: Logger }

export class Passthrough {
  readonly #deps: PassthroughDeps
  #engine: Promise<Engine> | null = null

  constructor(deps: PassthroughDeps) {
    this.#deps = deps
  }

  forward(call: IncomingCall & Named, onEnd: () => void): void {
    const { request, response, place } = call
    const asked = { place, method: request.method ?? 'GET', headers: request.headers, isUpgrade: false }
    const destination = destinationOf(asked, this.#deps)
    const passed = this.#record(call, destination, onEnd)
    response.once('close', () => passed.close(response.writableFinished))
    // A caller that still uploads would not read its answer before it is rid of the rest.
    response.once('finish', () => request.unpipe().resume())
    const passing = { ...call, passed }
    if (destination.kind === 'failure') return failRequest(destination, passing)
    this.#load()
      .then((engine) => forwardTo(destination, passing, engine))
      .catch((error: unknown) => failRequest(this.#fault(error, call), passing))
  }

  upgrade(call: IncomingUpgrade & Named, onEnd: () => void): void {
    const { request, socket, place } = call
    const asked = { place, method: request.method ?? 'GET', headers: request.headers, isUpgrade: true }
    const destination = destinationOf(asked, this.#deps)
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
      const secure = new HttpsAgent({ ...settings, rejectUnauthorized: true })
      return {
        createProxy: () => httpProxy.createProxyServer({ changeOrigin: true, toProxy: true }),
        agentFor: ({ protocol }) => (protocol === 'https:' ? secure : plain),
      }
    })
    return this.#engine
  }
}
