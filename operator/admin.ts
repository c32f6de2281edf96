// The operator's plain HTTP port: /livez, /readyz and /metrics, for the kubelet and for Prometheus. Has no secrets and
// changes nothing.
//
//   live   the watches' loops turn; an API server that is away is no reason to be restarted
//   ready  everything was listed once, and webhook and push listen with a certificate
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Registry } from 'prom-client'

export const MAX_CONNECTIONS = 128
const REQUEST_TIMEOUT_MS = 10_000

export interface AdminDeps {
  readonly isLive: () => boolean
  /** What is still missing; empty when ready. */
  readonly missing: () => readonly string[]
  readonly registry: Registry
}

export interface Admin {
  readonly port: number
  stop(): Promise<void>
}

export async function startAdmin(
  deps: AdminDeps,
  address: { readonly host?: string; readonly port: number },
): Promise<Admin> {
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    void answer(request.url ?? '/', { response, deps })
  })
  server.maxConnections = MAX_CONNECTIONS
  server.listen(address)
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

async function answer(url: string, { response, deps }: { response: ServerResponse; deps: AdminDeps }): Promise<void> {
  const [path] = url.split('?')
  switch (path) {
    case '/livez':
      return deps.isLive() ? say(response, 200, 'ok') : say(response, 500, 'a watch is stuck')
    case '/readyz': {
      const missing = deps.missing()
      return missing.length === 0 ? say(response, 200, 'ok') : say(response, 503, `waiting for: ${missing.join(', ')}`)
    }
    case '/metrics':
      response.setHeader('content-type', deps.registry.contentType)
      response.end(await deps.registry.metrics())
      return
    default:
      return say(response, 404, 'there are /livez, /readyz and /metrics')
  }
}

function say(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`)
}
