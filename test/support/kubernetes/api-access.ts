// What a test does with an API server, over connection data that can travel between processes:
//   globalSetup: provide('api', server.connection) -> test: connectTo(inject('api'))
// kubectl is the real one; requests go over TLS checked against the cluster's own authority.
import { randomBytes } from 'node:crypto'
import { request as httpsRequest } from 'node:https'
import { dirname, join } from 'node:path'
import { type CommandResult, mustRun, runCommand } from './run-command.ts'
import type { Tokens } from './static-users.ts'

export interface ApiConnection {
  readonly url: string
  readonly caPem: string
  readonly kubeconfigPath: string
  /** Holds kubectl, and whatever else was built for this run. */
  readonly binariesFolder: string
  /** By user name; `admin` is in system:masters. */
  readonly tokens: Tokens
}

export interface ApiRequest {
  readonly path: string
  readonly method?: string
  readonly body?: unknown
  /** Default: the admin's. */
  readonly token?: string
  readonly contentType?: string
}

export interface ApiResponse {
  readonly status: number
  readonly body: unknown
}

export interface TokenWish {
  readonly namespace: string
  readonly serviceAccount: string
  readonly audience: string
  /** Binds the token to this pod, which must exist and run as the service account. */
  readonly pod?: { readonly name: string; readonly uid: string }
  /** At least 600 s, which is also the default. */
  readonly lifetimeSeconds?: number
}

export interface KubectlOptions {
  readonly stdin?: string
  /** A static user; any other name is impersonated by the admin. */
  readonly user?: string
  readonly timeoutMs?: number
}

export interface ApiAccess {
  readonly connection: ApiConnection
  kubectl(parameters: readonly string[], options?: KubectlOptions): Promise<CommandResult>
  /** Like kubectl, but a code other than 0 is an error; returns the standard output. */
  mustKubectl(parameters: readonly string[], options?: KubectlOptions): Promise<string>
  request(wish: ApiRequest): Promise<ApiResponse>
  mintToken(wish: TokenWish): Promise<string>
  /** A fresh namespace `PREFIX-xxxxxx` with its `default` service account, so that pods can be created at once. */
  createNamespace(prefix: string, labels?: Readonly<Record<string, string>>): Promise<string>
}

export function connectTo(connection: ApiConnection): ApiAccess {
  const command = join(connection.binariesFolder, 'kubectl')
  const request = (wish: ApiRequest) => callApi(connection, wish)
  return {
    connection,
    request,
    kubectl: (parameters, options = {}) => runCommand(command, asUser(connection, parameters, options), options),
    mustKubectl: (parameters, options = {}) => mustRun(command, asUser(connection, parameters, options), options),
    mintToken: (wish) => mintToken(request, wish),
    createNamespace: (prefix, labels = {}) => createNamespace(request, prefix, labels),
  }
}

function asUser(connection: ApiConnection, parameters: readonly string[], options: KubectlOptions): string[] {
  const user = options.user ?? 'admin'
  const identity = user in connection.tokens ? ['--context', user] : ['--context', 'admin', '--as', user]
  // A `--` (kubectl exec) ends kubectl's own options, so ours go first.
  // What kubectl remembers of a server lies with the server: another may get the same port and serve other kinds.
  const memory = ['--cache-dir', join(dirname(connection.kubeconfigPath), 'kubectl-cache')]
  return ['--kubeconfig', connection.kubeconfigPath, ...memory, ...identity, ...parameters]
}

function callApi(connection: ApiConnection, wish: ApiRequest): Promise<ApiResponse> {
  const { promise, resolve, reject } = Promise.withResolvers<ApiResponse>()
  const sent = wish.body === undefined ? undefined : JSON.stringify(wish.body)
  const outgoing = httpsRequest(new URL(wish.path, connection.url), {
    method: wish.method ?? (sent === undefined ? 'GET' : 'POST'),
    ca: connection.caPem,
    agent: false,
    timeout: 30_000,
    headers: {
      authorization: `Bearer ${wish.token ?? connection.tokens['admin']}`,
      accept: 'application/json',
      ...(sent === undefined ? {} : { 'content-type': wish.contentType ?? 'application/json' }),
    },
  })
  outgoing.on('timeout', () => outgoing.destroy(new Error(`${wish.path} did not answer within 30 s`)))
  outgoing.on('error', reject)
  outgoing.on('response', (incoming) => {
    let text = ''
    incoming.setEncoding('utf8').on('data', (part: string) => (text += part))
    incoming.on('error', reject)
    incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, body: parseBody(text) }))
  })
  outgoing.end(sent)
  return promise
}

/** Health checks answer in plain text. */
function parseBody(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

type Request = ApiAccess['request']

async function mintToken(request: Request, wish: TokenWish): Promise<string> {
  const bound = wish.pod && { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', ...wish.pod } }
  const response = await request({
    path: `/api/v1/namespaces/${wish.namespace}/serviceaccounts/${wish.serviceAccount}/token`,
    body: {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { audiences: [wish.audience], expirationSeconds: wish.lifetimeSeconds ?? 600, ...bound },
    },
  })
  const { status } = expectStatus(response, 201) as { status: { token: string } }
  return status.token
}

async function createNamespace(
  request: Request,
  prefix: string,
  labels: Readonly<Record<string, string>>,
): Promise<string> {
  const name = `${prefix}-${randomBytes(3).toString('hex')}`
  const metadata = { name, labels }
  expectStatus(await request({ path: '/api/v1/namespaces', body: { kind: 'Namespace', metadata } }), 201)
  const account = { kind: 'ServiceAccount', metadata: { name: 'default' } }
  const created = await request({ path: `/api/v1/namespaces/${name}/serviceaccounts`, body: account })
  if (created.status !== 409) expectStatus(created, 201) // 409: a controller manager was faster.
  return name
}

function expectStatus(response: ApiResponse, status: number): unknown {
  if (response.status === status) return response.body
  throw new Error(`The API server answered ${response.status} instead of ${status}: ${JSON.stringify(response.body)}`)
}
