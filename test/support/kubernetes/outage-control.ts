// Takes the API server of a cluster away and brings it back, from any process that has the connection's data.
//   test -> unix socket -> process that runs the API server -> stop by SIGKILL | start on the same port
//   test -> docker exec -> kind's control plane             -> manifest out of | back in the kubelet's folder
// etcd and everything on the node go on, as in a real outage. The socket lies in the cluster's folder and goes with it.
import { createServer, request as httpRequest } from 'node:http'
import { join } from 'node:path'
import type { ClusterConnection } from './cluster.ts'
import { mustRun } from './run-command.ts'

export type OutageControl =
  | { readonly kind: 'socket'; readonly path: string }
  | { readonly kind: 'docker'; readonly container: string }

const mostMs = 120_000
const actions = ['stop', 'start'] as const
export type OutageAction = (typeof actions)[number]

/** Serves until this process ends; holds it open for nobody. */
export async function serveOutages(
  folder: string,
  server: { readonly stopServer: (signal: NodeJS.Signals) => Promise<void>; readonly startServer: () => Promise<void> },
): Promise<OutageControl> {
  const path = join(folder, 'outage.sock')
  const run = { stop: () => server.stopServer('SIGKILL'), start: () => server.startServer() }
  const listener = createServer((incoming, response) => {
    const action = actions.find((one) => incoming.url === `/${one}`)
    const done = action === undefined ? Promise.reject(new Error('stop or start')) : run[action]()
    done.then(
      () => response.end(),
      (cause: unknown) => response.writeHead(500).end(String(cause)),
    )
  })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  listener.once('error', reject).listen(path, resolve).unref()
  await promise
  return { kind: 'socket', path }
}

/** Resolves when the API server is gone, or told to start: its readiness is for the caller to wait for. */
export async function controlOutage(connection: ClusterConnection, action: OutageAction): Promise<void> {
  const { outage } = connection
  if (outage.kind === 'socket') return callSocket(outage.path, action)
  const [running, parked] = ['/etc/kubernetes/manifests/kube-apiserver.yaml', '/etc/kubernetes/parked.yaml']
  const move = action === 'stop' ? [running, parked] : [parked, running]
  await mustRun('docker', ['exec', outage.container, 'mv', ...move])
}

function callSocket(socketPath: string, action: OutageAction): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const outgoing = httpRequest({ socketPath, path: `/${action}`, method: 'POST', timeout: mostMs })
  outgoing.on('timeout', () => outgoing.destroy(new Error(`${action} took longer than ${mostMs} ms`)))
  outgoing.on('error', reject)
  outgoing.on('response', (incoming) => {
    incoming.resume()
    if (incoming.statusCode === 200) resolve()
    else reject(new Error(`${action} of the API server failed with ${incoming.statusCode}`))
  })
  outgoing.end()
  return promise
}
