// One proxy's stream, from its hello to its end.
//
//   hello -> keys -> snapshot --ack--> in force ; --nack--> rejected ; newer ones wait in one merged place meanwhile
//
// Keys reach the proxy before the snapshot that needs them, and those only the old table needs leave after the ack.
// Every silence has a limit: no hello, no ack, a reader that does not drain. What to run comes from outside through
// sync(); who the proxy is was settled before.
import type { Duplex } from 'node:stream'
import {
  type FromProxy,
  HEARTBEAT_MS,
  LineSplitter,
  MAX_PROXY_LINE_BYTES,
  parseFromProxy,
} from '../../proxy/table/messages.ts'
import type { Clock } from '../../proxy/telemetry/clock.ts'
import type { KeyDelivery } from './keys.ts'
import { MessageWriter } from './message-writer.ts'
import type { PushMetrics } from './metrics.ts'
import type { KeyReference, ProxyIdentity, ProxyReport } from './publication.ts'
import { type Explained, Questions } from './questions.ts'
import { unreadableReason } from './readable.ts'
import type { SessionEnd } from './session-end.ts'
import { type OwnKeys, ownKeysOfAll, type Snapshot } from './snapshot.ts'

export const HELLO_LIMIT_MS = 10_000
export const ACK_LIMIT_MS = 30_000
/** A snapshot waits this long for keys that were never answered, then goes without them. */
export const KEYS_WAIT_MS = 5_000
export const END_GRACE_MS = 2_000
export const LIFETIME_MS = 30 * 60_000
export const LIFETIME_SPREAD = 0.2
/** Lines that cannot be read, in the life of a stream: a newer proxy may say things this operator does not know. */
export const MAX_FAULTS = 100

type Seen = Extract<FromProxy, { type: 'seen' }>

export interface KeysWanted {
  readonly references: Iterable<KeyReference>
  readonly ownKeys: OwnKeys
}

export interface SessionDeps {
  readonly identity: ProxyIdentity
  readonly stream: Duplex
  readonly clock: Clock
  readonly random: () => number
  readonly metrics: PushMetrics
  readonly makeNonce: () => string
  readonly caPem: () => string
  /** What this proxy should run now. */
  readonly findSnapshot: () => Snapshot | undefined
  readonly deliverKeys: (wanted: KeysWanted) => KeyDelivery | null
  /** The report changed in something that status looks at; further calls alone do not. */
  readonly onReport: () => void
  readonly onCalls: (seen: Omit<Seen, 'type' | 'calls'>) => void
  readonly onEnd: (reason: SessionEnd) => void
}

export class Session {
  readonly openedAtMs: number
  readonly #deps: SessionDeps
  readonly #writer: MessageWriter
  readonly #splitter = new LineSplitter(MAX_PROXY_LINE_BYTES)
  readonly #cancels = new Map<string, () => void>()
  readonly #questions: Questions
  #hello: Extract<FromProxy, { type: 'hello' }> | null = null
  #inFlight: { readonly snapshot: Snapshot; readonly nonce: string } | null = null
  /** What the proxy runs: the version, and the snapshot when it was one of ours. */
  #ackedVersion: string | null = null
  #acked: Snapshot | null = null
  #rejected: ProxyReport['rejected'] = null
  #keysVersion: string | null = null
  #isKeysWaitOver = false
  #calls = 0
  #faults = 0
  #isEnded = false

  constructor(deps: SessionDeps) {
    this.#deps = deps
    this.openedAtMs = deps.clock.now()
    this.#writer = new MessageWriter(deps.stream, deps.clock, () => this.#cut('slow_reader'))
    this.#questions = new Questions(deps, (message) => this.#writer.send(message))
  }

  start(): void {
    const { stream, random } = this.#deps
    stream.on('data', (chunk: Buffer) => this.#read(chunk))
    stream.on('end', () => this.end('closed'))
    stream.on('close', () => this.#finish('closed'))
    stream.on('error', () => this.#finish('closed'))
    this.#after('hello', HELLO_LIMIT_MS, () => this.#cut('no_hello'))
    const spread = 1 - LIFETIME_SPREAD + 2 * LIFETIME_SPREAD * random()
    this.#after('lifetime', LIFETIME_MS * spread, () => this.end('lifetime'))
    this.#beat()
  }

  /** Brings the proxy towards what it should run now; called whenever tables or keys changed. */
  sync(): void {
    if (this.#hello === null || this.#isEnded) return
    const wanted = this.#deps.findSnapshot()
    if (wanted === undefined) return
    if (!this.#syncKeys(wanted)) return
    if (this.#inFlight === null) this.#syncTable(wanted, this.#hello)
  }

  sendTrust(): void {
    if (this.#hello !== null) this.#writer.send({ type: 'trust', caPem: this.#deps.caPem() })
  }

  /** `call`: a described call, at most MAX_EXPLAIN_CHARACTERS. */
  explain(call: string): Promise<Explained> {
    return this.#questions.ask(call)
  }

  /** Orderly: what was written still arrives, then the proxy sees the end and dials again. */
  end(reason: SessionEnd): void {
    const { stream, clock } = this.#deps
    stream.end()
    // A proxy that never closes its own half must not keep the stream.
    const cancel = clock.after(END_GRACE_MS, () => stream.destroy())
    stream.once('close', cancel)
    this.#finish(reason)
  }

  /** Null while no group that holds its pod was published. */
  report(): ProxyReport | null {
    const snapshot = this.#deps.findSnapshot()
    if (snapshot === undefined || this.#hello === null) return null
    const { podUid, podName } = this.#deps.identity
    const rejected = this.#rejected
    return { podUid, podName, group: snapshot.group, ackedVersion: this.#ackedVersion, rejected, calls: this.#calls }
  }

  /** For the dashboard: what the proxy runs, known group or not. */
  facts(): { readonly group: string | null; readonly version: string | null; readonly calls: number } {
    return { group: this.#deps.findSnapshot()?.group ?? null, version: this.#ackedVersion, calls: this.#calls }
  }

  /** False while a snapshot must wait for keys that were never answered. */
  #syncKeys(wanted: Snapshot): boolean {
    const snapshots = [this.#acked, this.#inFlight?.snapshot, wanted].filter(
      (snapshot) => snapshot !== null && snapshot !== undefined,
    )
    const inUse = snapshots.flatMap(({ keys }) => keys)
    // The newest reference of an id wins: a provider may name another Secret under the same id.
    const references = new Map(inUse.map((reference) => [reference.id, reference])).values()
    const delivery = this.#deps.deliverKeys({ references, ownKeys: ownKeysOfAll(snapshots) })
    if (delivery === null) return this.#isKeysWaitOver || this.#awaitKeys()
    this.#isKeysWaitOver = false
    this.#cancelOne('keys')
    if (delivery.version === this.#keysVersion) return true
    this.#keysVersion = delivery.version
    const entries = delivery.entries.map(({ id, value }) => ({ id, value: value.reveal() }))
    this.#writer.send({ type: 'keys', version: delivery.version, entries })
    return true
  }

  #awaitKeys(): false {
    if (!this.#cancels.has('keys')) {
      this.#after('keys', KEYS_WAIT_MS, () => {
        this.#isKeysWaitOver = true
        this.sync()
      })
    }
    return false
  }

  #syncTable(wanted: Snapshot, hello: Extract<FromProxy, { type: 'hello' }>): void {
    if (wanted.version === this.#ackedVersion) return this.#settle(wanted)
    if (wanted.version === this.#rejected?.version) return
    const { body, version } = wanted
    const reason = body.kind === 'unfit' ? body.reason : unreadableReason(hello, wanted)
    if (body.kind === 'unfit' || reason !== null) return this.#reject({ version, reason: reason ?? '' })
    const nonce = this.#deps.makeNonce()
    this.#inFlight = { snapshot: wanted, nonce }
    this.#deps.metrics.pushes.inc({ result: 'sent' })
    this.#writer.sendSnapshot({ version, nonce, tableJson: body.json })
    this.#after('ack', ACK_LIMIT_MS, () => this.#cut('no_ack'))
  }

  /** The proxy runs what it should: a refusal of another version is history. */
  #settle(snapshot: Snapshot): void {
    const isNews = this.#acked?.version !== snapshot.version || this.#rejected !== null
    this.#acked = snapshot
    this.#rejected = null
    this.#syncKeys(snapshot)
    if (isNews) this.#deps.onReport()
  }

  #reject(rejected: NonNullable<ProxyReport['rejected']>): void {
    this.#rejected = rejected
    this.#deps.onReport()
  }

  #read(chunk: Buffer): void {
    const { lines, isTooLong } = this.#splitter.push(chunk)
    for (const line of lines) {
      if (this.#isEnded) return
      const parsed = parseFromProxy(line)
      if (parsed.kind === 'message') this.#handle(parsed.message)
      else if (++this.#faults > MAX_FAULTS) this.#cut('too_many_faults')
    }
    if (isTooLong) this.#cut('line_too_long')
  }

  #handle(message: FromProxy): void {
    // Nothing counts before the hello, and only the first hello does.
    if ((message.type === 'hello') !== (this.#hello === null)) return
    switch (message.type) {
      case 'hello':
        return this.#greet(message)
      case 'ack':
      case 'nack':
        return this.#answer(message)
      case 'seen':
        return this.#countCalls(message)
      case 'explained':
        return this.#questions.answer(message)
    }
  }

  /** The first call proves that the proxy is in the path, which is news; every further one would be noise. */
  #countCalls({ calls, recent, redaction, shares, cache }: Seen): void {
    const isFirst = this.#calls === 0 && calls > 0
    this.#calls = calls
    this.#deps.onCalls({ recent, redaction, shares, cache })
    if (isFirst) this.#deps.onReport()
  }

  #greet(hello: Extract<FromProxy, { type: 'hello' }>): void {
    this.#cancelOne('hello')
    this.#hello = hello
    this.#ackedVersion = hello.lastVersion
    this.sendTrust()
    this.sync()
    this.#deps.onReport()
  }

  /** An answer to anything but the snapshot in flight is stale. */
  #answer(message: Extract<FromProxy, { type: 'ack' | 'nack' }>): void {
    const { metrics, clock } = this.#deps
    if (this.#inFlight?.nonce !== message.nonce) return metrics.pushes.inc({ result: 'stale' })
    const { snapshot } = this.#inFlight
    this.#inFlight = null
    this.#cancelOne('ack')
    if (message.type === 'ack') {
      metrics.pushes.inc({ result: 'acked' })
      // A proxy that connected later was not waited for: its time would measure the fleet's comings and goings.
      const isFresh = snapshot.publishedAtMs >= this.openedAtMs
      if (isFresh) metrics.convergence.observe((clock.now() - snapshot.publishedAtMs) / 1000)
      this.#ackedVersion = snapshot.version
      this.#settle(snapshot)
    } else {
      metrics.pushes.inc({ result: 'nacked' })
      const [first] = message.faults
      const reason = first === undefined ? 'the proxy gave no reason' : `${first.path}: ${first.message}`
      this.#reject({ version: snapshot.version, reason })
    }
    this.sync()
  }

  #beat(): void {
    this.#after('heartbeat', HEARTBEAT_MS, () => {
      if (this.#hello !== null) this.#writer.send({ type: 'heartbeat' })
      this.#beat()
    })
  }

  #after(what: string, delayMs: number, run: () => void): void {
    this.#cancelOne(what)
    if (!this.#isEnded) this.#cancels.set(what, this.#deps.clock.after(delayMs, run))
  }

  #cancelOne(what: string): void {
    this.#cancels.get(what)?.()
    this.#cancels.delete(what)
  }

  #cut(reason: SessionEnd): void {
    this.#finish(reason)
    this.#deps.stream.destroy()
  }

  /** The first reason counts. */
  #finish(reason: SessionEnd): void {
    if (this.#isEnded) return
    this.#isEnded = true
    for (const cancel of this.#cancels.values()) cancel()
    this.#cancels.clear()
    this.#writer.stop()
    this.#questions.close()
    this.#deps.onEnd(reason)
  }
}
