// The API server, over one pool of connections that are kept: the only file that imports the Kubernetes library, and
// only for what it knows about kubeconfig files. Its own client opens a TLS connection for every request.
//
//   loadClusterAccess (KUBECONFIG or in-cluster) -> ClusterAccess -> createKubeClient -> KubeApi
//
// 429 is answered by waiting as told, within a bound. Every other status is the caller's to judge.
import { readFile } from 'node:fs/promises'
import { bufferFromFileOrString, KubeConfig } from '@kubernetes/client-node'
import { type Dispatcher, Pool } from 'undici'
import { Secret } from '../../proxy/secret.ts'
import type { Clock } from '../../proxy/telemetry/clock.ts'
import type { ClusterAccess, TokenSource } from './access.ts'
import { type ApiRequest, type ApiResponse, ApiUnreachable, type KubeApi } from './api.ts'
import { decodeLines, readText } from './body.ts'

/** Watches hold a connection each; the rest is shared by everything else. */
export const MAX_CONNECTIONS = 24
export const DEFAULT_TIMEOUT_MS = 15_000
/** Below the API server's own idle time, so that it is not the one to close a connection that is about to be used. */
const KEEP_ALIVE_MS = 55_000
const CONNECT_TIMEOUT_MS = 5_000
/** A 429 is waited for at most so often and so long, within the request's own time. */
export const MAX_THROTTLED_TRIES = 4
export const MAX_RETRY_AFTER_MS = 10_000
/** The kubelet rotates a token at 80 % of its life, so half a minute of the old one does no harm. */
export const TOKEN_REREAD_MS = 30_000

export interface KubeClient extends KubeApi {
  close(): Promise<void>
}

/** Throws one sentence when there is no usable configuration. */
export function loadClusterAccess(kubeconfigPath: string | null): ClusterAccess {
  const config = new KubeConfig()
  if (kubeconfigPath === null) config.loadFromCluster()
  else config.loadFromFile(kubeconfigPath)
  const cluster = config.getCurrentCluster()
  const user = config.getCurrentUser()
  if (!cluster) throw new Error('The kubeconfig has no current cluster: set current-context.')
  if (cluster.skipTLSVerify) throw new Error('The kubeconfig turns TLS verification off, which is not supported.')
  const caPem = pemOf(cluster.caData, cluster.caFile)
  const certPem = pemOf(user?.certData, user?.certFile)
  const keyPem = pemOf(user?.keyData, user?.keyFile)
  return {
    server: cluster.server.replace(/\/+$/, ''),
    caPem,
    clientCertificate: certPem !== null && keyPem !== null ? { certPem, key: new Secret(keyPem) } : null,
    token: tokenOf(config),
  }
}

function pemOf(base64: string | undefined, path: string | undefined): string | null {
  return bufferFromFileOrString(path, base64)?.toString('utf8') ?? null
}

function tokenOf(config: KubeConfig): TokenSource {
  const user = config.getCurrentUser()
  if (!user) return { kind: 'none' }
  const tokenFile: unknown = user.authProvider?.config?.tokenFile
  if (typeof tokenFile === 'string') return { kind: 'file', path: tokenFile }
  if (user.token) return { kind: 'fixed', token: new Secret(user.token) }
  if (!user.exec && !user.authProvider) return { kind: 'none' }
  return { kind: 'asked', ask: () => askPlugin(config) }
}

async function askPlugin(config: KubeConfig): Promise<Secret> {
  const headers: Record<string, string> = {}
  await config.applyToHTTPSOptions({ headers })
  const [, token] = /^Bearer (.+)$/.exec(headers['Authorization'] ?? '') ?? []
  if (token === undefined) throw new Error("The kubeconfig's plug-in gave no bearer token.")
  return new Secret(token)
}

export interface KubeClientDeps {
  readonly clock: Clock
  readonly readFile?: (path: string) => Promise<string>
}

/** Opens nothing before the first request. */
export function createKubeClient(access: ClusterAccess, deps: KubeClientDeps): KubeClient {
  return new PooledClient(access, deps)
}

class PooledClient implements KubeClient {
  readonly #access: ClusterAccess
  readonly #deps: KubeClientDeps
  readonly #pool: Pool
  #fileToken: { readonly token: Secret; readonly readAtMs: number } | null = null

  constructor(access: ClusterAccess, deps: KubeClientDeps) {
    const { caPem, clientCertificate } = access
    this.#access = access
    this.#deps = deps
    this.#pool = new Pool(access.server, {
      connections: MAX_CONNECTIONS,
      allowH2: false,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
      connect: {
        timeout: CONNECT_TIMEOUT_MS,
        ...(caPem === null ? {} : { ca: caPem }),
        ...(clientCertificate ? { cert: clientCertificate.certPem, key: clientCertificate.key.reveal() } : {}),
      },
    })
  }

  async request(request: ApiRequest): Promise<ApiResponse> {
    const signal = within(request, AbortSignal.timeout(request.timeoutMs ?? DEFAULT_TIMEOUT_MS))
    return await reaching(request, async () => {
      const { statusCode, body } = await this.#send(request, signal)
      return { status: statusCode, body: parseJson(await readText(body)) }
    })
  }

  async openLines(request: ApiRequest): Promise<{ status: number; lines: AsyncIterable<string> }> {
    const opening = new AbortController()
    const cancel = this.#deps.clock.after(request.timeoutMs ?? DEFAULT_TIMEOUT_MS, () => opening.abort())
    try {
      return await reaching(request, async () => {
        const { statusCode, body } = await this.#send(request, within(request, opening.signal))
        return { status: statusCode, lines: decodeLines(body) }
      })
    } finally {
      cancel()
    }
  }

  async close(): Promise<void> {
    await this.#pool.destroy()
  }

  async #send(request: ApiRequest, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    for (let ordinal = 1; ; ordinal += 1) {
      const response = await this.#sendOnce(request, signal)
      if (response.statusCode === 401) this.#fileToken = null
      if (response.statusCode !== 429 || ordinal >= MAX_THROTTLED_TRIES) return response
      await response.body.dump()
      await this.#wait(retryAfterMs(response.headers['retry-after']), signal)
    }
  }

  async #sendOnce(request: ApiRequest, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const token = await this.#token()
    return await this.#pool.request({
      method: request.method,
      path: request.path,
      headers: {
        accept: request.accept ?? 'application/json',
        'user-agent': 'modelroute-operator',
        ...(request.body === undefined ? {} : { 'content-type': request.contentType ?? 'application/json' }),
        ...(token ? { authorization: `Bearer ${token.reveal()}` } : {}),
      },
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      signal,
      // The signal is the limit; a quiet watch is judged by its reader.
      headersTimeout: 0,
      bodyTimeout: 0,
    })
  }

  async #token(): Promise<Secret | null> {
    const { token } = this.#access
    switch (token.kind) {
      case 'none':
        return null
      case 'fixed':
        return token.token
      case 'asked':
        return await token.ask()
      case 'file':
        return await this.#readToken(token.path)
    }
  }

  /** A file that cannot be read just now is no reason to forget a token that may still be good. */
  async #readToken(path: string): Promise<Secret> {
    const nowMs = this.#deps.clock.now()
    const known = this.#fileToken
    if (known && Math.abs(nowMs - known.readAtMs) < TOKEN_REREAD_MS) return known.token
    const read = this.#deps.readFile ?? ((file: string) => readFile(file, 'utf8'))
    const token = await read(path)
      .then((text) => new Secret(text.trim()))
      .catch((error: unknown) => {
        if (known) return known.token
        throw error
      })
    this.#fileToken = { token, readAtMs: nowMs }
    return token
  }

  #wait(delayMs: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const cancel = this.#deps.clock.after(delayMs, resolve)
    const stop = () => {
      cancel()
      reject(new Error('the time of the request ended while the API server asked to wait'))
    }
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
    return promise.finally(() => signal.removeEventListener('abort', stop))
  }
}

function within({ signal }: ApiRequest, limit: AbortSignal): AbortSignal {
  return signal ? AbortSignal.any([signal, limit]) : limit
}

async function reaching<T>({ method, path }: ApiRequest, send: () => Promise<T>): Promise<T> {
  try {
    return await send()
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ApiUnreachable(`${method} ${path.split('?')[0]}: ${reason}`, { cause })
  }
}

/** RFC 9110, 10.2.3: seconds; the API server never sends a date. Without one, a second. */
export function retryAfterMs(header: string | string[] | undefined): number {
  const seconds = typeof header === 'string' && /^\d+$/.test(header) ? Number(header) : 1
  return Math.min(MAX_RETRY_AFTER_MS, Math.max(1, seconds) * 1_000)
}

/** An error page of something in between is text; the status says what to think of it. */
function parseJson(text: string): unknown {
  if (text === '') return null
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
