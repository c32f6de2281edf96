// Keeps a stream to the operator open for as long as the proxy lives and puts in force what comes down on it.
//
//   start: state file -> holder, keys
//   then for ever: dial -> hello -> (trust, keys, snapshot)* -> end -> wait -> dial
//
// A table that cannot be parsed is answered with a nack and changes nothing. Without an operator the last good table
// and keys stay in force; a proxy is never unready because the operator is away.
import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { Secret } from '../secret.ts'
import { MAX_EXPLAIN_CHARACTERS, MAX_RECENT_CALLS } from './messages.ts'
import type { CallShare, FromOperator, FromProxy, RecentCall } from './messages.ts'
import { OperatorStream } from './operator-stream.ts'
import type { StreamEnd, StreamRequest } from './operator-stream.ts'
import { reconnectDelayMs } from './reconnect.ts'
import { PROXY_CAPABILITIES, TABLE_SCHEMA, parseTable } from './schema.ts'
import type { SourceMetrics } from './source-metrics.ts'
import type { CallLog, TableSource, TableSourceDeps } from './source.ts'
import type { StateFile } from './state-file.ts'

/** Calls are reported at most this often, and only when there were any. */
export const SEEN_INTERVAL_MS = 1_000
/** A stream that held for less counts as a failure, so that accept-and-close does not become a busy loop. */
export const STEADY_AFTER_MS = 5_000

interface StreamSettings {
  readonly operatorUrl: string
  readonly caFile: string
  readonly tokenFile: string
}

type StreamSourceDeps = TableSourceDeps & { readonly metrics: SourceMetrics; readonly state: StateFile | null }

export class StreamSource implements TableSource {
  readonly #settings: StreamSettings
  readonly #deps: StreamSourceDeps
  #trustPem: string | null = null
  #stream: OperatorStream | null = null
  #loop: Promise<void> | null = null
  #saved: Promise<void> = Promise.resolve()
  #wake: () => void = () => {}
  #isStopped = false
  #failures = 0
  #lastReason = ''

  constructor(settings: StreamSettings, deps: StreamSourceDeps) {
    this.#settings = settings
    this.#deps = deps
  }

  async start(): Promise<void> {
    const state = await this.#deps.state?.load()
    if (state) {
      this.#trustPem = state.trustPem
      this.#applyKeys(state.keys)
      if (state.table !== null && this.#deps.holder.swap(state.table)) {
        this.#deps.logger.info({ version: state.table.version }, 'table in force from the private state file')
      }
    }
    this.#loop = this.#run()
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#wake()
    this.#stream?.close()
    await this.#loop
    await this.#saved
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      const openedAtMs = this.#deps.clock.now()
      const end = await this.#connectOnce()
      const isSteady = end.kind === 'closed' && this.#deps.clock.now() - openedAtMs >= STEADY_AFTER_MS
      this.#failures = isSteady ? 0 : this.#failures + 1
      this.#report(end)
      if (!this.#isStopped) await this.#wait(reconnectDelayMs(this.#failures, this.#deps.random()))
    }
  }

  /** Token and CA are read for every connection: the kubelet renews the one, a CA change the other. */
  async #connectOnce(): Promise<StreamEnd> {
    const { operatorUrl, caFile, tokenFile } = this.#settings
    try {
      const [ca, token] = await Promise.all([readFile(caFile, 'utf8'), readFile(tokenFile, 'utf8')])
      if (this.#isStopped) return { kind: 'failed', reason: 'closed by the proxy' }
      const authorities = this.#trustPem === null ? [ca] : [ca, this.#trustPem]
      return await this.#follow({ operatorUrl, authorities, token: new Secret(token.trim()), hello: this.#hello() })
    } catch (cause) {
      return { kind: 'failed', reason: sentence(cause) }
    }
  }

  async #follow(request: StreamRequest): Promise<StreamEnd> {
    const { clock, metrics, logger } = this.#deps
    let cancelSeen = () => {}
    const stream = new OperatorStream(
      request,
      {
        onOpen: () => {
          metrics.connected.set(1)
          metrics.connects.inc({ result: 'opened' })
          cancelSeen = this.#reportCalls(stream)
        },
        onMessage: (message) => this.#apply(message, stream),
        onFault: (reason) => logger.warn({ reason }, 'message of the operator ignored'),
      },
      clock,
    )
    this.#stream = stream
    const end = await stream.run()
    this.#stream = null
    cancelSeen()
    metrics.connected.set(0)
    if (end.kind !== 'closed') metrics.connects.inc({ result: end.kind })
    return end
  }

  #hello(): FromProxy {
    const lastVersion = this.#deps.holder.current()?.version ?? null
    return { type: 'hello', schema: TABLE_SCHEMA, capabilities: [...PROXY_CAPABILITIES], lastVersion }
  }

  #apply(message: FromOperator, stream: OperatorStream): void {
    switch (message.type) {
      case 'snapshot':
        return this.#applySnapshot(message, stream)
      case 'keys':
        this.#applyKeys(message.entries)
        return this.#save()
      case 'trust':
        return this.#applyTrust(message.caPem)
      case 'explain':
        return this.#explain(message, stream)
      case 'heartbeat':
    }
  }

  #applySnapshot(message: Extract<FromOperator, { type: 'snapshot' }>, stream: OperatorStream): void {
    const { holder, metrics, logger } = this.#deps
    const { version, nonce } = message
    const parsed = parseTable(message.table)
    if (parsed.kind === 'faults') {
      metrics.tables.inc({ result: 'refused' })
      logger.error({ version, faults: parsed.faults }, 'table refused: the last good one stays in force')
      return stream.send({ type: 'nack', version, nonce, faults: parsed.faults.map(clampFault) })
    }
    const isNew = holder.swap(parsed.table)
    metrics.tables.inc({ result: isNew ? 'accepted' : 'unchanged' })
    stream.send({ type: 'ack', version, nonce })
    if (!isNew) return
    logger.info({ version }, 'table in force')
    this.#save()
  }

  #applyKeys(entries: readonly { readonly id: string; readonly value: string }[]): void {
    this.#deps.keys.replaceAll(entries)
    this.#deps.metrics.keys.set(entries.length)
  }

  /** Kept beside the pod's own CA file, which the kubelet never changes; a bundle that TLS cannot read is refused. */
  #applyTrust(caPem: string): void {
    if (caPem === this.#trustPem) return
    if (!isBundle(caPem)) return this.#deps.logger.warn({}, 'certificate bundle of the operator ignored: unreadable')
    this.#trustPem = caPem
    this.#save()
  }

  #explain({ question, call }: Extract<FromOperator, { type: 'explain' }>, stream: OperatorStream): void {
    this.#deps.explain(call).then(
      ({ status, text }) => {
        stream.sendIfIdle({ type: 'explained', question, status, text: text.slice(0, MAX_EXPLAIN_CHARACTERS) })
      },
      (error: unknown) => this.#deps.logger.error({ err: error }, 'a call could not be explained'),
    )
  }

  #save(): void {
    const { state, holder, keys } = this.#deps
    if (state === null) return
    this.#saved = state.save({ table: holder.current(), keys: keys.entries(), trustPem: this.#trustPem })
  }

  #reportCalls(stream: OperatorStream): () => void {
    const { callLog, clock } = this.#deps
    let reported = 0
    let cancel = () => {}
    const tick = () => {
      if (callLog.count() !== reported) reported = sendCalls(stream, callLog) ?? reported
      cancel = clock.after(SEEN_INTERVAL_MS, tick)
    }
    tick()
    return () => cancel()
  }

  /** A warning when the reason changes, so that an operator that is away for hours does not fill the log. */
  #report(end: StreamEnd): void {
    if (this.#isStopped) return
    const fields = {
      reason: end.reason,
      ...(end.kind === 'refused' ? { code: end.code } : {}),
      failures: this.#failures,
    }
    const isNews = end.reason !== this.#lastReason || this.#failures <= 1
    this.#lastReason = end.reason
    if (isNews && end.kind !== 'closed') this.#deps.logger.warn(fields, 'no stream to the operator: trying again')
    else this.#deps.logger.debug(fields, 'stream to the operator ended')
  }

  #wait(delayMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const cancel = this.#deps.clock.after(delayMs, resolve)
    this.#wake = () => {
      cancel()
      resolve()
    }
    return promise
  }
}

/** TLS passes over what it cannot read in a bundle, and the proxy would find out at its next connection. */
function isBundle(caPem: string): boolean {
  const blocks = caPem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  try {
    return blocks.length > 0 && blocks.every((block) => new X509Certificate(block).ca)
  } catch {
    return false
  }
}

/** The count that was sent; null when the operator is too slow to take it now. */
function sendCalls(stream: OperatorStream, callLog: CallLog): number | null {
  const calls = callLog.count()
  const recent = callLog.recent().slice(0, MAX_RECENT_CALLS).map(clampCall)
  const redaction = callLog.redaction()
  const shares = callLog.shares().map(clampShare)
  const cache = callLog.cache()
  const counts = { ...(redaction !== null && { redaction }), ...(cache !== null && { cache }) }
  const parts = { ...counts, ...(shares.length === 0 ? {} : { shares }) }
  const seen = { type: 'seen' as const, calls, recent, ...parts }
  return stream.sendIfIdle(seen) ? calls : null
}

/** The messages' own bounds: a long model name must not cost the stream. */
function clampCall(call: RecentCall): RecentCall {
  const clamp = (text: string | null, length: number) => text?.slice(0, length) ?? null
  return {
    ...call,
    id: call.id.slice(0, 64),
    route: clamp(call.route, 512),
    target: clamp(call.target, 1024),
    model: clamp(call.model, 256),
    error: clamp(call.error, 64),
  }
}

function clampShare({ route, target, calls }: CallShare): CallShare {
  return { route: route.slice(0, 512), target: target?.slice(0, 1024) ?? null, calls }
}

function clampFault(fault: { readonly path: string; readonly message: string }) {
  return { path: fault.path.slice(0, 1024), message: fault.message.slice(0, 1024) }
}

function sentence(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
