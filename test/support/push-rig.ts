// The push half of an operator on a loopback port, and proxies that talk to it over real sockets: the product's own
// stream source, or a bare HTTP/2 client that says exactly what a test wants.
import { connect } from 'node:http2'
import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { createLocalCertificates } from '../../operator/inject/serving-certificates.ts'
import { createLocalNamespaceKeys } from '../../operator/redaction/root-key-keeper.ts'
import type { SecretRead, SecretSource } from '../../operator/kube/source.ts'
import type { Identifier } from '../../operator/push/identity.ts'
import { createPush } from '../../operator/push/push.ts'
import type { Push, PushDeps } from '../../operator/push/push.ts'
import type { Group, KeyReference, ProxyIdentity, Publication } from '../../operator/push/publication.ts'
import { TableHolder } from '../../proxy/table/holder.ts'
import { KeyRing } from '../../proxy/table/key-ring.ts'
import { LineSplitter, MAX_LINE_BYTES, PUSH_PATH, parseFromOperator } from '../../proxy/table/messages.ts'
import type { FromOperator, RecentCall, RedactionTotals, CallShare } from '../../proxy/table/messages.ts'
import { PROXY_CAPABILITIES, TABLE_SCHEMA } from '../../proxy/table/schema.ts'
import type { RoutingTable } from '../../proxy/table/schema.ts'
import { createTableSource } from '../../proxy/table/source.ts'
import type { TableSource } from '../../proxy/table/source.ts'
import { systemClock } from '../../proxy/telemetry/clock.ts'
import type { Clock } from '../../proxy/telemetry/clock.ts'
import type { Logger } from '../../proxy/telemetry/log.ts'

/** Keeps every line as text, so that a test can say what must never be in one. */
export class RecordingLogger implements Logger {
  readonly lines: string[] = []
  debug = (fields: object, message: string) => this.#keep('debug', fields, message)
  info = (fields: object, message: string) => this.#keep('info', fields, message)
  warn = (fields: object, message: string) => this.#keep('warn', fields, message)
  error = (fields: object, message: string) => this.#keep('error', fields, message)

  #keep(level: string, fields: object, message: string): void {
    this.lines.push(JSON.stringify({ level, message, ...fields }))
  }
}

/** Secrets in memory, with the resourceVersions that an API server would give, and a count of what was asked. */
export class MemorySecrets implements SecretSource {
  readonly #secrets = new Map<string, SecretRead>()
  readonly asked: { readonly kind: 'version' | 'body'; readonly name: string }[] = []
  #nextVersion = 1

  put(name: string, values: Readonly<Record<string, string>>): void {
    const data = Object.fromEntries(
      Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
    )
    this.#secrets.set(name, { kind: 'found', resourceVersion: String(this.#nextVersion++), data })
  }

  forbid(name: string, reason: string): void {
    this.#secrets.set(name, { kind: 'forbidden', reason })
  }

  remove(name: string): void {
    this.#secrets.delete(name)
  }

  async version(namespace: string, name: string) {
    this.asked.push({ kind: 'version', name: `${namespace}/${name}` })
    return this.#find(namespace, name)
  }

  async read(namespace: string, name: string) {
    this.asked.push({ kind: 'body', name: `${namespace}/${name}` })
    return this.#find(namespace, name)
  }

  #find(namespace: string, name: string): SecretRead {
    return this.#secrets.get(`${namespace}/${name}`) ?? { kind: 'missing' }
  }
}

export function makeIdentity(podUid: string, namespace = 'shop'): ProxyIdentity {
  return { namespace, serviceAccount: 'default', podName: `pod-${podUid}`, podUid }
}

/** Tokens are `namespace.podUid.proxy` or `replica.NAME.x`; everything else is forged. */
export const tokenIdentifier: Identifier = {
  identify: async (token) => {
    const [first = '', second = '', kind] = token.reveal().split('.')
    if (kind === 'proxy') return { kind: 'proxy', identity: makeIdentity(second, first) }
    if (first === 'replica') return { kind: 'replica', podName: second }
    return { kind: 'refused', status: 401, code: 'token_invalid', message: 'The token was not accepted: forged.' }
  },
}

export function makeTable(version: number, credentials: readonly string[] = []): RoutingTable {
  const targets = Object.fromEntries(
    credentials.map((credential) => [
      `target-${credential}`,
      { provider: 'shop/openai', dialect: 'OpenAI' as const, url: 'https://api.example.com/v1', credential },
    ]),
  )
  return { schema: TABLE_SCHEMA, requires: [], version: versionOf(version), routes: [], targets }
}

export function versionOf(version: number): string {
  return version.toString(16).padStart(16, '0')
}

export function keyReference(id: string, secretName = id, namespace = 'shop'): KeyReference {
  return { id, namespace, secretName, secretKey: 'api-key' }
}

export function publicationOf(
  groups: readonly (Partial<Group> & Pick<Group, 'table'>)[],
  namespace = 'shop',
): Publication {
  const complete = groups.map((group, index) => ({ id: `group-${index}`, podUids: ['a'], keys: [], ...group }))
  return { namespace, groups: complete, keys: complete.flatMap(({ keys }) => keys) }
}

export interface Rig {
  readonly push: Push
  readonly port: number
  readonly url: string
  readonly caPem: string
  readonly secrets: MemorySecrets
  readonly logger: RecordingLogger
  readonly registry: Registry
  /** The value of a metric with these labels, 0 when it has none. */
  readonly metric: (name: string, labels?: Readonly<Record<string, string>>) => Promise<number>
}

export type RigOptions = Partial<PushDeps> & { readonly port?: number; readonly caPem?: string }

const certificates = createLocalCertificates({ names: ['localhost', '127.0.0.1'], nowMs: Date.now() })

export async function startRig(options: RigOptions = {}): Promise<Rig> {
  const logger = new RecordingLogger()
  const registry = new Registry()
  const secrets = new MemorySecrets()
  const deps: PushDeps = {
    identifier: tokenIdentifier,
    secrets,
    namespaceKeys: createLocalNamespaceKeys(0),
    certificates: await certificates,
    lease: { isLeader: () => true, holderAddress: () => null },
    replica: null,
    onReports: () => {},
    onKeyStates: () => {},
    logger,
    registry,
    clock: systemClock,
    random: Math.random,
    ...options,
  }
  const push = createPush(deps)
  const port = await push.listen(options.port ?? 0, '127.0.0.1')
  const metric = (name: string, labels = {}) => readMetric(registry, name, labels)
  const caPem = options.caPem ?? deps.certificates.caPem()
  return { push, port, url: `https://localhost:${port}`, caPem, secrets, logger, registry, metric }
}

export async function readMetric(
  registry: Registry,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<number> {
  const found = await registry.getSingleMetric(name)?.get()
  const isMatch = (own: Partial<Record<string, string | number>>) =>
    Object.entries(labels).every(([label, value]) => own[label] === value)
  const values = (found?.values ?? []).filter((value) => isMatch(value.labels))
  return values.reduce((sum, { value }) => sum + value, 0)
}

export interface TestProxy {
  readonly source: TableSource
  readonly holder: TableHolder
  readonly keys: KeyRing
  readonly swaps: string[]
  readonly logger: RecordingLogger
  readonly registry: Registry
  readonly folder: string
  readonly stateFile: string
  readonly calls: {
    count: number
    recent: readonly RecentCall[]
    redaction?: RedactionTotals
    shares?: readonly CallShare[]
  }
  stop(): Promise<void>
}

export interface TestProxyOptions {
  readonly token?: string
  /** A folder of an earlier proxy, to restart it with the same state. */
  readonly folder?: string
  readonly clock?: Clock
  readonly random?: () => number
}

/** The product's own stream source, in memory except for its three files. */
export function makeProxy(operator: Pick<Rig, 'url' | 'caPem'>, options: TestProxyOptions = {}): TestProxy {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'modelroute-proxy-'))
  const [caFile, tokenFile, stateDir] = [join(folder, 'ca.crt'), join(folder, 'token'), join(folder, 'state')]
  writeFileSync(caFile, operator.caPem)
  writeFileSync(tokenFile, `${options.token ?? 'shop.a.proxy'}\n`)
  const swaps: string[] = []
  const holder = new TableHolder(({ version }) => swaps.push(version))
  const keys = new KeyRing()
  const logger = new RecordingLogger()
  const registry = new Registry()
  const calls: TestProxy['calls'] = { count: 0, recent: [] }
  const source = createTableSource(
    { kind: 'stream', operatorUrl: operator.url, caFile, tokenFile, stateDir },
    {
      holder,
      keys,
      logger,
      registry,
      callLog: {
        count: () => calls.count,
        recent: () => calls.recent,
        redaction: () => calls.redaction ?? null,
        shares: () => calls.shares ?? [],
        cache: () => null,
      },
      explain: async (call) => ({ status: 200, text: `explained ${call}` }),
      clock: options.clock ?? systemClock,
      random: options.random ?? Math.random,
    },
  )
  const stateFile = join(stateDir, 'state.json')
  return { source, holder, keys, swaps, logger, registry, folder, stateFile, calls, stop: () => source.stop() }
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
}

/** A client that reads and writes single messages. */
export class BareProxy {
  readonly messages: FromOperator[] = []
  readonly #session: ClientHttp2Session
  readonly stream: ClientHttp2Stream
  readonly status: Promise<number>
  /** The operator's half has ended, or the stream broke. */
  readonly ended: Promise<void>
  body = ''

  constructor(operator: Pick<Rig, 'url' | 'caPem'>, options: { readonly token?: string; readonly path?: string } = {}) {
    this.#session = connect(operator.url, { ca: operator.caPem })
    this.#session.on('error', () => {})
    this.stream = this.#session.request(
      {
        ':method': 'POST',
        ':path': options.path ?? PUSH_PATH,
        ...(options.token === '' ? {} : { authorization: `Bearer ${options.token ?? 'shop.a.proxy'}` }),
      },
      { endStream: false },
    )
    this.stream.on('error', () => {})
    this.status = new Promise((resolve) =>
      this.stream.once('response', (headers) => resolve(Number(headers[':status']))),
    )
    this.ended = new Promise((resolve) => this.stream.once('end', resolve).once('close', resolve))
  }

  /** Reads from now on; a slow reader never calls this. */
  listen(): this {
    const splitter = new LineSplitter(MAX_LINE_BYTES)
    this.stream.on('data', (chunk: Buffer) => {
      this.body += chunk.toString()
      for (const line of splitter.push(chunk).lines) {
        const parsed = parseFromOperator(line)
        if (parsed.kind === 'message') this.messages.push(parsed.message)
      }
    })
    return this
  }

  say(message: object): void {
    this.stream.write(`${JSON.stringify(message)}\n`)
  }

  hello(lastVersion: string | null = null, schema: number = TABLE_SCHEMA): this {
    this.say({ type: 'hello', schema, capabilities: [...PROXY_CAPABILITIES], lastVersion })
    return this
  }

  snapshots(): readonly Extract<FromOperator, { type: 'snapshot' }>[] {
    return this.messages.filter((message) => message.type === 'snapshot')
  }

  keyMessages(): readonly Extract<FromOperator, { type: 'keys' }>[] {
    return this.messages.filter((message) => message.type === 'keys')
  }

  close(): void {
    this.#session.destroy()
  }
}
