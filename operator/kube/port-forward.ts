// One HTTP request to a port inside a pod, through the API server, as `kubectl port-forward` does: for the command line
// alone. The kubelet dials the pod's own loopback, so what a proxy serves to its own pod only can be asked for.
//
//   PodPort -> WebSocket to the API server -> kubelet -> 127.0.0.1:PORT in the pod
//
// With client.ts the only file that imports the Kubernetes library.
import { request as httpRequest } from 'node:http'
import { type Duplex, duplexPair, Writable } from 'node:stream'
import { KubeConfig, PortForward } from '@kubernetes/client-node'

/** Longer answers are cut off: an explanation is kilobytes. */
export const MAX_ANSWER_BYTES = 4 * 1024 * 1024
const TIMEOUT_MS = 30_000

export interface PodPort {
  readonly namespace: string
  readonly pod: string
  readonly port: number
}

export interface PodRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly accept: string
  readonly body: string
}

export interface PodAnswer {
  readonly status: number
  readonly text: string
}

/** `kubeconfigPath` null: the usual places (KUBECONFIG, ~/.kube/config, the pod's own account). */
export function createPodDoor(kubeconfigPath: string | null) {
  const config = new KubeConfig()
  if (kubeconfigPath === null) config.loadFromDefault()
  else config.loadFromFile(kubeconfigPath)
  const forward = new PortForward(config)
  return { ask: (to: PodPort, request: PodRequest) => askPod(forward, { ...to, request }) }
}

async function askPod(
  forward: PortForward,
  { namespace, pod, port, request }: PodPort & { readonly request: PodRequest },
): Promise<PodAnswer> {
  const [connection, wire] = duplexPair()
  const said: string[] = []
  const complaints = new Writable({
    write: (chunk, _encoding, done) => {
      said.push(String(chunk))
      done()
    },
  })
  const socket = await forward.portForward(namespace, pod, [port], wire, complaints, wire)
  try {
    return await send(connection, { request, port })
  } catch (cause) {
    throw said.length > 0 ? new Error(said.join('').trim()) : cause
  } finally {
    if (typeof socket !== 'function') socket.close()
  }
}

function send(
  connection: Duplex,
  { request, port }: { readonly request: PodRequest; readonly port: number },
): Promise<PodAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<PodAnswer>()
  const sending = httpRequest({
    method: request.method,
    path: request.path,
    headers: {
      host: `127.0.0.1:${port}`,
      connection: 'close',
      accept: request.accept,
      'content-length': Buffer.byteLength(request.body),
    },
    createConnection: () => connection,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  sending.once('error', reject)
  sending.once('response', (response) => {
    const chunks: Buffer[] = []
    let sizeBytes = 0
    response.on('data', (chunk: Buffer) => {
      sizeBytes += chunk.length
      if (sizeBytes > MAX_ANSWER_BYTES)
        sending.destroy(new Error(`the answer is longer than ${MAX_ANSWER_BYTES} bytes`))
      else chunks.push(chunk)
    })
    response.once('error', reject)
    response.once('end', () =>
      resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks, sizeBytes).toString('utf8') }),
    )
  })
  sending.end(request.body)
  return promise
}
