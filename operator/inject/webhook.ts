// The admission webhook: HTTPS in front of the pure injector (routes.ts). Runs on every replica.
//
//   POST path -> body (bounded) -> AdmissionReview -> route -> AdmissionReview, one log line, two metrics
//
// TLS 1.3 only; a new certificate is taken over without a restart. It has no side effects, so a dry run is a run.
// An input it does not understand is an HTTP error with a sentence, never an exception and never a guess.
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Registry } from 'prom-client'
import type { Logger } from '../../proxy/telemetry/log.ts'
import { injectedText } from '../authorities.ts'
import { BodyTooLarge, createBodyReader, type ReadBody } from './body.ts'
import { createInjectMetrics, type InjectMetrics, registerExpiryGauge } from './metrics.ts'
import type { InjectionContext } from './pod.ts'
import { type AdmissionRequest, formatReview, parseReview } from './review.ts'
import { type Answer, type Route, ROUTES } from './routes.ts'
import type { Certificates } from './serving-certificates.ts'
import type { SidecarDefaults } from './sidecar.ts'

export const HEADERS_TIMEOUT_MS = 15_000
export const REQUEST_TIMEOUT_MS = 20_000
/** Longer than the API server's idle connections live, so that it is never ours that closes first. */
export const KEEP_ALIVE_MS = 120_000
export const MAX_CONNECTIONS = 1024

export interface WebhookDeps {
  readonly certificates: Certificates
  readonly sidecar: SidecarDefaults
  readonly protectedNamespaces: readonly string[]
  /** The operator's version, recorded on the pods it injects. */
  readonly version: string
  /** For durations only. */
  readonly monotonicMs: () => number
  readonly logger: Logger
  readonly registry: Registry
}

export interface Webhook {
  readonly port: number
  /** Answers what has arrived, then closes. */
  stop(): Promise<void>
}

export async function startWebhook(deps: WebhookDeps, address: { host?: string; port: number }): Promise<Webhook> {
  const metrics = createInjectMetrics(deps.registry)
  registerExpiryGauge(deps.registry, deps.certificates)
  const readBody = createBodyReader()
  const server = createServer({
    ...deps.certificates.secureContextOptions(),
    minVersion: 'TLSv1.3',
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
  })
  server.maxConnections = MAX_CONNECTIONS
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    void serve({ request, response, readBody, metrics, deps })
  })
  // A client that does not speak TLS, or trusts another authority: its affair, but worth a line when looked for.
  server.on('tlsClientError', (error) => deps.logger.debug({ error: error.message }, 'TLS handshake failed'))
  const forget = deps.certificates.onChange(() => {
    server.setSecureContext({ ...deps.certificates.secureContextOptions(), minVersion: 'TLSv1.3' })
  })
  server.listen(address)
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, stop: () => stop(server, forget) }
}

async function stop(server: Server, forget: () => void): Promise<void> {
  forget()
  const closed = once(server, 'close')
  server.close()
  server.closeIdleConnections()
  await closed
}

interface Call {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly readBody: ReadBody
  readonly metrics: InjectMetrics
  readonly deps: WebhookDeps
}

async function serve(call: Call): Promise<void> {
  const { request, response, deps } = call
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/'
  try {
    const route = ROUTES.get(path)
    if (route === undefined) return sendText(response, 404, `There is no ${path.slice(0, 100)} here.`)
    if (request.method !== 'POST') return sendText(response, 405, 'An admission review is sent by POST.')
    const body = await call.readBody(request)
    const review = parseReview(parseJson(body))
    if (review === null)
      return sendText(response, 400, 'The body is no admission.k8s.io/v1 AdmissionReview with a uid.')
    sendJson(response, answer({ review, path, route }, call))
  } catch (error) {
    if (error instanceof BodyTooLarge) return sendText(response, error.status, error.message)
    if (request.errored !== null || response.destroyed) return
    deps.logger.error({ path, error: error instanceof Error ? error.stack : String(error) }, 'admission failed')
    sendText(response, 500, 'The modelroute webhook failed; its log says why.')
  }
}

interface Question {
  readonly review: AdmissionRequest
  readonly path: string
  readonly route: Route
}

function answer({ review, path, route }: Question, { metrics, deps }: Call): object {
  const startedMs = deps.monotonicMs()
  const result = route(review, contextOf(deps))
  const tookMs = deps.monotonicMs() - startedMs
  const { verdict, reason } = result
  metrics.admissions.inc({ path, verdict, reason })
  metrics.seconds.observe({ path }, tookMs / 1000)
  logDecision(deps.logger, { review, path, result, tookMs })
  return formatReview({ ...result, uid: review.uid, isAllowed: verdict !== 'refuse' })
}

function contextOf({ certificates, sidecar, protectedNamespaces, version }: WebhookDeps): InjectionContext {
  const caPem = certificates.caPem()
  return { sidecar, protectedNamespaces, marks: { caPem, injected: injectedText(version, { caPem }) } }
}

interface Decided {
  readonly review: AdmissionRequest
  readonly path: string
  readonly result: Answer
  readonly tookMs: number
}

function logDecision(logger: Logger, { review, path, result, tookMs }: Decided): void {
  const { namespace, name, kind, operation, uid, isDryRun } = review
  const { verdict, reason, operations, findings } = result
  const fields = { path, verdict, reason, namespace, name, kind, operation, uid, isDryRun }
  const reasons = findings.map((finding) => finding.reason)
  logger.info({ ...fields, reasons, operations: operations.length, ms: Math.round(tookMs * 100) / 100 }, 'admission')
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return null // parseReview answers it with 400.
  }
}

function sendJson(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function sendText(response: ServerResponse, status: number, sentence: string): void {
  // What is still coming is not read; the connection would be out of step.
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' }).end(`${sentence}\n`)
}
