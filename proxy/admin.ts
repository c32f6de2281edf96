// The admin port: is the proxy alive, has it started, is it ready, its metrics, and (to peers on loopback alone) the
// table in force. On all of the pod's addresses, because the kubelet and the metrics collector come from outside.
//
//   /livez     200 while the process answers
//   /startupz  200 when the proxy's port is ours and a table has come, or STARTUP_GRACE_MS have passed: an operator
//              that is down must not hold an application back; its calls get 503 no_table until a table comes
//   /readyz    200 when there is a table; an empty one counts
//   /targets   the table's targets and which of them are well (loopback alone, as /table)
//   tools      what else a part of the proxy can be asked (admin-tools.ts), loopback alone
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Registry } from 'prom-client'
import { type AdminTool, plain, readText, type Reply } from './admin-tools.ts'
import type { Endpoint } from './config.ts'
import { http } from './node-http.ts'
import type { Logger } from './telemetry/log.ts'
import type { TableHolder } from './table/holder.ts'
import type { Health, TargetHealth } from './upstream/health.ts'

export const STARTUP_GRACE_MS = 10_000

const OWN_PATHS = ['/livez', '/startupz', '/readyz', '/metrics', '/table', '/targets']
const OWN_NAMES = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i

export interface AdminDeps {
  readonly tables: Pick<TableHolder, 'current'>
  readonly registry: Pick<Registry, 'metrics' | 'contentType'>
  readonly health: Pick<Health, 'stateOf'>
  readonly isListening: () => boolean
  readonly startedAtMs: number
  readonly logger: Logger
  readonly now: () => number
  readonly tools: readonly AdminTool[]
}

export class AdminServer {
  readonly #server: Server
  readonly #deps: AdminDeps

  constructor(deps: AdminDeps) {
    this.#deps = deps
    this.#server = http.createServer()
  }

  /** Rejects when the port is taken. */
  listen({ host, port }: Endpoint): Promise<AddressInfo> {
    const server = this.#server
    server.on('request', (request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        this.#deps.logger.error({ err: error }, 'the admin port met a fault of the proxy')
        response.destroy()
      })
    })
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen({ port, ...(host === '*' ? {} : { host }) }, () => resolve(server.address() as AddressInfo))
    })
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, type, text } = await this.#choose(request)
    response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) })
    response.end(request.method === 'HEAD' ? undefined : text)
  }

  async #choose(request: IncomingMessage): Promise<Reply> {
    const [pathname = '/', query = ''] = (request.url ?? '/').split('?')
    const tools = this.#deps.tools.filter(({ path }) => path === pathname)
    const tool = tools.find(({ method }) => method === request.method)
    if (tools.length > 0 && !isLocal(request)) return plain(403, 'Served on loopback only.')
    if (tool !== undefined) return await this.#use(tool, request, new URLSearchParams(query))
    const [other] = tools
    if (other !== undefined) return plain(405, `${pathname} takes ${tools.map(({ method }) => method).join(', ')}.`)
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    return isRead ? await this.#replyTo(request, pathname) : plain(405, 'Only GET is served here.')
  }

  async #use(tool: AdminTool, request: IncomingMessage, query: URLSearchParams): Promise<Reply> {
    const text = await readText(request, tool.maxBodyBytes)
    if (text === null) return plain(413, `The body is longer than ${tool.maxBodyBytes} bytes.`)
    return await tool.answer({ query, text, wantsText: request.headers.accept === 'text/plain' })
  }

  async #replyTo(request: IncomingMessage, path: string): Promise<Reply> {
    const { tables, registry, tools } = this.#deps
    switch (path) {
      case '/livez':
        return plain(200, 'ok')
      case '/startupz':
        return this.#hasStarted() ? plain(200, 'ok') : plain(503, 'No routing table has come yet.')
      case '/readyz':
        return tables.current() === null ? plain(503, 'No routing table has come yet.') : plain(200, 'ok')
      case '/metrics':
        return { status: 200, type: registry.contentType, text: await registry.metrics() }
      case '/table':
        return isLocal(request) ? this.#table() : plain(403, 'Served on loopback only.')
      case '/targets':
        return isLocal(request) ? this.#targets() : plain(403, 'Served on loopback only.')
      default:
        return plain(404, `Served here: ${[...OWN_PATHS, ...new Set(tools.map((tool) => tool.path))].join(' ')}.`)
    }
  }

  #hasStarted(): boolean {
    const { isListening, tables, now, startedAtMs } = this.#deps
    return isListening() && (tables.current() !== null || now() - startedAtMs >= STARTUP_GRACE_MS)
  }

  #table(): Reply {
    const table = this.#deps.tables.current()
    if (table === null) return plain(503, 'No routing table has come yet.')
    return { status: 200, type: 'application/json', text: `${JSON.stringify(table, null, 2)}\n` }
  }

  #targets(): Reply {
    const { tables, health } = this.#deps
    const table = tables.current()
    if (table === null) return plain(503, 'No routing table has come yet.')
    const targets = Object.keys(table.targets).map((targetId) => toTargetView(health.stateOf(targetId)))
    return { status: 200, type: 'application/json', text: `${JSON.stringify({ targets }, null, 2)}\n` }
  }
}

function toTargetView({ targetId, state, consecutiveFailures, untilMs }: TargetHealth): object {
  const until = untilMs === null ? null : new Date(untilMs).toISOString()
  return { target: targetId, state, consecutiveFailures, until }
}

/**
 * From this machine and under a name of this machine: a page in a browser can be led to loopback by a name of its own
 * (DNS rebinding), and would read the table.
 */
function isLocal({ socket, headers }: IncomingMessage): boolean {
  return isLoopback(socket.remoteAddress) && OWN_NAMES.test(headers.host ?? '')
}

export function isLoopback(address: string | undefined): boolean {
  return address !== undefined && /^(127\.|::1$|::ffff:127\.)/.test(address)
}
