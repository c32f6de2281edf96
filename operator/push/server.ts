// The push port: HTTP/2 over TLS 1.3 and nothing else. Decides who may speak here, then hands the stream over.
//
//   POST /v1/push    + a proxy's token   -> onProxy(identity, stream)   open until either side ends it
//   POST /v1/reports + a replica's token -> onReport(replica, body)     one answer
//   else                                 -> refusal {code, message}, counted by reason, logged without the token
import { createSecureServer } from 'node:http2'
import type { Http2SecureServer, IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from 'node:http2'
import { PUSH_PATH } from '../../proxy/table/messages.ts'
import { Secret } from '../../proxy/secret.ts'
import type { Logger } from '../../proxy/telemetry/log.ts'
import type { Clock } from '../../proxy/telemetry/clock.ts'
import type { Identified, Identifier, Refusal } from './identity.ts'
import type { PushMetrics } from './metrics.ts'
import type { ProxyIdentity } from './publication.ts'
import { MAX_REPORT_BYTES, REPORTS_PATH } from './replica-message.ts'

export const MAX_CONNECTIONS = 12_000
export const HANDSHAKE_TIMEOUT_MS = 10_000
/** A connection without a stream is closed after this time: headers that never end, and idle ones. */
export const IDLE_CONNECTION_MS = 15_000
/** Streams whose token or pod is being looked up. */
export const MAX_UNDECIDED = 2_000
const BODY_TIMEOUT_MS = 5_000
const STOP_GRACE_MS = 1_000
const MAX_HEADER_BYTES = 16 * 1024

export interface PushServerDeps {
  readonly identifier: Identifier
  readonly secureContextOptions: () => { readonly cert: string; readonly key: string }
  readonly onProxy: (identity: ProxyIdentity, stream: ServerHttp2Stream) => void
  readonly isFull: () => boolean
  /** The status to answer with. */
  readonly onReport: (replica: string, body: string) => number
  readonly metrics: PushMetrics
  readonly logger: Logger
  readonly clock: Clock
}

type Path = typeof PUSH_PATH | typeof REPORTS_PATH

export class PushServer {
  readonly #deps: PushServerDeps
  readonly #connections = new Set<ServerHttp2Session>()
  #server: Http2SecureServer | null = null
  #undecided = 0

  constructor(deps: PushServerDeps) {
    this.#deps = deps
  }

  async listen(port: number, host: string | undefined): Promise<number> {
    const server = createSecureServer({ ...this.#contextOptions(), ...serverLimits })
    server.maxConnections = MAX_CONNECTIONS
    server.on('session', (connection) => this.#follow(connection))
    server.on('stream', (stream: ServerHttp2Stream, headers) => {
      this.#receive(stream, headers).catch((cause: unknown) => {
        this.#deps.logger.error({ err: cause }, 'request at the push port failed')
        stream.destroy()
      })
    })
    // Broken handshakes and resets of strangers are their own affair.
    server.on('tlsClientError', (cause) => this.#deps.logger.debug({ reason: cause.message }, 'TLS handshake failed'))
    server.on('sessionError', (cause) => this.#deps.logger.debug({ reason: cause.message }, 'connection failed'))
    this.#server = server
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    server.once('error', reject)
    server.listen({ port, ...(host === undefined ? {} : { host }) }, resolve)
    await promise
    server.off('error', reject)
    server.on('error', (cause) => this.#deps.logger.error({ reason: cause.message }, 'push server failed'))
    const address = server.address()
    return typeof address === 'object' && address !== null ? address.port : port
  }

  /** New connections get the new certificate; open ones go on. */
  reloadCertificate(): void {
    this.#server?.setSecureContext(this.#contextOptions())
  }

  /** The sessions were ended before; what has not gone by itself within a second is cut. */
  async stop(): Promise<void> {
    const server = this.#server
    if (server === null) return
    this.#server = null
    const { promise, resolve } = Promise.withResolvers<void>()
    server.close(() => resolve())
    for (const connection of this.#connections) connection.close()
    const cancel = this.#deps.clock.after(STOP_GRACE_MS, () => this.#destroyAll())
    await promise
    cancel()
  }

  #destroyAll(): void {
    for (const connection of this.#connections) connection.destroy()
  }

  #contextOptions() {
    return { ...this.#deps.secureContextOptions(), minVersion: 'TLSv1.3' } as const
  }

  #follow(connection: ServerHttp2Session): void {
    const { clock } = this.#deps
    let streams = 0
    const arm = () => clock.after(IDLE_CONNECTION_MS, () => connection.destroy())
    let cancel = arm()
    this.#connections.add(connection)
    connection.on('stream', (stream: ServerHttp2Stream) => {
      streams += 1
      cancel()
      stream.once('close', () => {
        streams -= 1
        cancel()
        if (streams === 0 && !connection.destroyed) cancel = arm()
      })
    })
    connection.on('error', () => connection.destroy())
    connection.once('close', () => {
      cancel()
      this.#connections.delete(connection)
    })
  }

  async #receive(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> {
    // A stream that breaks off tells it by 'close'; the error itself says nothing more.
    stream.on('error', () => {})
    const path = pathOf(headers)
    if (path === null) return answer(stream, 404, { code: 'unknown_path', message: 'There is nothing here.' })
    const identified = await this.#identify(stream, headers)
    if (stream.destroyed || stream.closed) return
    const refusal = this.#refusalFor(path, identified)
    if (refusal !== null) return this.#refuse(stream, refusal)
    if (identified.kind === 'proxy') {
      stream.respond({ ':status': 200, 'content-type': 'application/x-ndjson' })
      this.#deps.onProxy(identified.identity, stream)
    } else if (identified.kind === 'replica') {
      await this.#takeReport(stream, identified.podName)
    }
  }

  async #identify(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<Identified> {
    const [, token] = /^Bearer (\S+)$/i.exec(headers.authorization ?? '') ?? []
    if (token === undefined) {
      return { kind: 'refused', status: 401, code: 'token_missing', message: 'A bearer token is required.' }
    }
    if (this.#undecided >= MAX_UNDECIDED) return tooMany
    const abort = new AbortController()
    stream.once('close', () => abort.abort())
    this.#undecided += 1
    try {
      return await this.#deps.identifier.identify(new Secret(token), abort.signal)
    } finally {
      this.#undecided -= 1
    }
  }

  #refusalFor(path: Path, identified: Identified): Refusal | null {
    if (identified.kind === 'refused') return identified
    if (path === PUSH_PATH) {
      if (identified.kind !== 'proxy') return notFor('not_a_proxy', 'This token is not that of a proxy.')
      return this.#deps.isFull() ? tooMany : null
    }
    return identified.kind === 'replica' ? null : notFor('not_a_replica', 'Only replicas of the operator report here.')
  }

  #refuse(stream: ServerHttp2Stream, { status, code, message }: Refusal): void {
    const { metrics, logger } = this.#deps
    metrics.refusals.inc({ reason: code })
    logger.warn({ code, status, peer: stream.session?.socket.remoteAddress }, message)
    answer(stream, status, { code, message })
  }

  async #takeReport(stream: ServerHttp2Stream, replica: string): Promise<void> {
    const cancel = this.#deps.clock.after(BODY_TIMEOUT_MS, () => stream.destroy())
    const body = await readBody(stream).catch(() => null)
    cancel()
    if (body === null) stream.destroy()
    else answer(stream, this.#deps.onReport(replica, body), {})
  }
}

const serverLimits = {
  allowHTTP1: false,
  noDelay: true,
  handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
  maxSessionInvalidFrames: 100,
  settings: { enablePush: false, maxConcurrentStreams: 8, maxHeaderListSize: MAX_HEADER_BYTES },
}

const tooMany: Refusal = {
  kind: 'refused',
  status: 503,
  code: 'too_many_streams',
  message: 'This replica holds as many streams as it can. Try again.',
}

function notFor(code: Refusal['code'], message: string): Refusal {
  return { kind: 'refused', status: 403, code, message }
}

function pathOf(headers: IncomingHttpHeaders): Path | null {
  const path = headers[':path']
  if (headers[':method'] !== 'POST') return null
  return path === PUSH_PATH || path === REPORTS_PATH ? path : null
}

async function readBody(stream: ServerHttp2Stream): Promise<string | null> {
  const pieces: Buffer[] = []
  let sizeBytes = 0
  for await (const piece of stream as AsyncIterable<Buffer>) {
    sizeBytes += piece.length
    if (sizeBytes > MAX_REPORT_BYTES) return null
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}

function answer(stream: ServerHttp2Stream, status: number, body: object): void {
  if (stream.destroyed || stream.closed) return
  stream.respond({ ':status': status, 'content-type': 'application/json' })
  stream.end(JSON.stringify(body))
}
