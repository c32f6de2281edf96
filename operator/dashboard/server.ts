// The dashboard's web server: loopback only, read only, no state of its own. In a cluster it is reached through
// `kubectl port-forward`; the page is drawn from what dashboardState says at that moment.
//
//   GET / | /parts | /api/state | /style.css | /script.js | /icon.svg
//   POST /explain   a described call, for the proxy of a pod (explain-request.ts); it changes nothing either
//
// A Host that is not loopback, or a foreign Origin, is refused: a web page on the reader's machine could otherwise
// read this one by pointing a name of its own at 127.0.0.1 (DNS rebinding).
import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answerExplain, type ExplainRequestDeps } from './explain-request.ts'
import { renderPage, renderParts } from './page.ts'
import { SCRIPT } from './script.ts'
import type { DashboardState } from './state.ts'
import { ICON, STYLE } from './style.ts'

const MAX_CONNECTIONS = 64
const REQUEST_TIMEOUT_MS = 10_000

const HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cache-control': 'no-store',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const

export interface DashboardDeps extends ExplainRequestDeps {
  readonly state: () => DashboardState
}

export interface Dashboard {
  readonly url: string
  readonly port: number
  stop(): Promise<void>
}

/** Listens on loopback (port 0 takes any free one); rejects when the port is taken. */
export async function startDashboard(port: number, deps: DashboardDeps): Promise<Dashboard> {
  const server = createServer((request, response) => answer(request, response, deps))
  server.maxConnections = MAX_CONNECTIONS
  server.requestTimeout = REQUEST_TIMEOUT_MS
  const bound = await listen(server, port)
  return {
    url: `http://127.0.0.1:${bound}/`,
    port: bound,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      resolve((server.address() as AddressInfo).port)
    })
  })
}

function answer(request: IncomingMessage, response: ServerResponse, deps: DashboardDeps): void {
  const { state } = deps
  const isAsking = request.method === 'POST' && request.url === '/explain'
  if (!isAsking) request.resume()
  if (!isFromThisPage(request.headers)) {
    return send(response, { status: 403, type: 'text/plain', body: 'This page answers on loopback addresses only.\n' })
  }
  if (isAsking) {
    answerExplain(request, deps).then(
      ({ status, text }) => send(response, { status, type: 'text/plain', body: text }),
      () => response.destroy(),
    )
    return
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return send(response, { status: 405, type: 'text/plain', body: 'This page can only be read.\n' })
  }
  switch (request.url?.split('?')[0]) {
    case '/':
      return send(response, { status: 200, type: 'text/html', body: renderPage(state()) })
    case '/parts':
      return sendTagged(request, response, renderParts(state()).toString())
    case '/api/state':
      return send(response, { status: 200, type: 'application/json', body: `${JSON.stringify(state(), null, 2)}\n` })
    case '/style.css':
      return send(response, { status: 200, type: 'text/css', body: STYLE })
    case '/script.js':
      return send(response, { status: 200, type: 'text/javascript', body: SCRIPT })
    case '/icon.svg':
      return send(response, { status: 200, type: 'image/svg+xml', body: ICON })
    default:
      return send(response, {
        status: 404,
        type: 'text/plain',
        body: 'There is nothing here; the dashboard is at /.\n',
      })
  }
}

/** Loopback names with any port (a port-forward may use another), and no Origin but such a one. */
export function isFromThisPage(headers: Pick<IncomingHttpHeaders, 'host' | 'origin'>): boolean {
  const loopback = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i
  if (headers.host === undefined || !loopback.test(headers.host)) return false
  return headers.origin === undefined || headers.origin.toLowerCase() === `http://${headers.host.toLowerCase()}`
}

function sendTagged(request: IncomingMessage, response: ServerResponse, body: string): void {
  const etag = `"${createHash('sha256').update(body).digest('hex').slice(0, 24)}"`
  response.setHeader('etag', etag)
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304, HEADERS).end()
    return
  }
  send(response, { status: 200, type: 'text/html', body })
}

function send(
  response: ServerResponse,
  { status, type, body }: { readonly status: number; readonly type: string; readonly body: string },
): void {
  response.writeHead(status, {
    ...HEADERS,
    'content-type': `${type}; charset=utf-8`,
    'content-length': Buffer.byteLength(body),
  })
  response.end(body)
}
