// The admin port: is the proxy alive, has it started, is it ready, its metrics, and (to peers on loopback alone) the
// table in force. On all of the pod's addresses, because the kubelet and the metrics collector come from outside.
//
//   /livez     200 while the process answers
//   /startupz  200 when the proxy's port is ours and a table has come, or STARTUP_GRACE_MS have passed: an operator
//              that is down must not hold an application back; its calls get 503 no_table until a table comes
//   /readyz    200 when there is a table; an empty one counts
//   /targets   the table's targets and which of them are well (loopback alone, as /table)
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Registry } from 'prom-client'
import type { Endpoint } from './config.ts'
import { http } from './node-http.ts'
import type { Logger } from './telemetry/log.ts'
import type { TableHolder } from './table/holder.ts'
import type { Health, TargetHealth } from './upstream/health.ts'

export const STARTUP_GRACE_MS = 10_000

const OWN_NAMES = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i

export interface AdminDeps {
  readonly tables: Pick<TableHolder, 'current'>
  readonly registry: Pick<Registry, 'metrics' | 'contentType'>
  readonly health: Pick<Health, 'stateOf'>
  readonly isListening: () => boolean
  readonly startedAtMs: number
  readonly logger: Logger
  readonly now: () => number
}

interface Reply {
  readonly status: number
  readonly type: string
  readonly text: string
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
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    const { status, type, text } = isRead ? await this.#replyTo(request) : plain(405, 'Only GET is served here.')
    response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) })
    response.end(request.method === 'HEAD' ? undefined : text)
  }

  async #replyTo(request: IncomingMessage): Promise<Reply> {
    const { tables, registry } = this.#deps
    const [path] = (request.url ?? '/').split('?')
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
        return plain(404, 'Served here: /livez /startupz /readyz /metrics /table /targets.')
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

function plain(status: number, text: string): Reply {
  return { status, type: 'text/plain; charset=utf-8', text: `${text}\n` }
}
