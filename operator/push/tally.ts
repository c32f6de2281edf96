// What all proxies last said, wherever their streams end: this replica's own sessions, and on the leader the reports
// of the other replicas too.
//
//   own sessions ------------------------+-> one report per pod (the newest stream wins) -> status
//   followers -> POST /v1/reports -> take() -+
//
// A replica that is silent for 10 s is dropped with its reports: its proxies have found another one by then.
import type { Clock } from '../../proxy/telemetry/clock.ts'
import type { ProxyReport } from './publication.ts'
import type { ReplicaMessage } from './replica-message.ts'
import { reportText } from './sessions.ts'
import type { DatedReport, Sessions } from './sessions.ts'
import { Throttle } from './throttle.ts'

export const SILENT_REPLICA_MS = 10_000
/** A new leader judges the fleet after this time even if a replica never reports. */
export const NEW_LEADER_MS = 10_000
export const MAX_REPLICAS = 16
export const REPORT_INTERVAL_MS = 1_000

export interface TallyDeps {
  readonly sessions: Sessions
  readonly isLeader: () => boolean
  /** Replicas that are meant to run, this one included. */
  readonly replicas: number
  /** Every namespace that has something published. */
  readonly namespaces: () => Iterable<string>
  readonly onReports: (namespace: string) => void
  readonly clock: Clock
}

interface Replica {
  readonly sequence: number
  readonly heardAtMs: number
  readonly reports: readonly DatedReport[]
}

export class ReportTally {
  readonly #deps: TallyDeps
  readonly #throttle: Throttle
  readonly #replicas = new Map<string, Replica>()
  #leaderSinceMs: number | null = null
  #wasComplete = false
  #cancel = () => {}

  constructor(deps: TallyDeps) {
    this.#deps = deps
    this.#throttle = new Throttle(deps.onReports, REPORT_INTERVAL_MS, deps.clock)
  }

  start(): void {
    this.#observe()
    this.#cancel = this.#deps.clock.after(REPORT_INTERVAL_MS, () => this.start())
  }

  stop(): void {
    this.#cancel()
    this.#throttle.stop()
  }

  /** A report of this replica's own sessions changed. */
  mark(namespace: string): void {
    this.#throttle.mark(namespace)
  }

  reports(namespace: string): readonly ProxyReport[] {
    const others = [...this.#replicas.values()].flatMap(({ reports }) => reports)
    const newest = new Map<string, DatedReport>()
    for (const dated of [...others, ...this.#deps.sessions.reports(namespace)]) {
      if (dated.namespace !== namespace) continue
      const known = newest.get(dated.report.podUid)
      if (known === undefined || known.openedAtMs <= dated.openedAtMs) newest.set(dated.report.podUid, dated)
    }
    return [...newest.values()].map(({ report }) => report)
  }

  isComplete(): boolean {
    const sinceMs = this.#observeLease()
    if (sinceMs === null) return false
    const hasHeardAll = this.#replicas.size + 1 >= this.#deps.replicas
    return hasHeardAll || this.#deps.clock.now() - sinceMs >= NEW_LEADER_MS
  }

  /** A replica's message. False: it only says that nothing changed, but what it had said before is not known here. */
  take(replica: string, message: ReplicaMessage): boolean {
    const heardAtMs = this.#deps.clock.now()
    const known = this.#replicas.get(replica)
    if (message.type === 'unchanged') {
      if (known?.sequence !== message.sequence) return false
      this.#replicas.set(replica, { ...known, heardAtMs })
      return true
    }
    if (known === undefined && this.#replicas.size >= MAX_REPLICAS) return false
    const reports = message.reports.map(({ namespace, ageMs, report }) => ({
      namespace,
      openedAtMs: heardAtMs - ageMs,
      report,
    }))
    this.#replicas.set(replica, { sequence: message.sequence, heardAtMs, reports })
    this.#markChanged(known?.reports ?? [], reports)
    this.#observe()
    return true
  }

  #markChanged(before: readonly DatedReport[], after: readonly DatedReport[]): void {
    const earlier = textByNamespace(before)
    const later = textByNamespace(after)
    for (const namespace of new Set([...earlier.keys(), ...later.keys()])) {
      if (earlier.get(namespace) !== later.get(namespace)) this.mark(namespace)
    }
  }

  /** Drops silent replicas; when the picture becomes complete, everything is looked at again. */
  #observe(): void {
    const nowMs = this.#deps.clock.now()
    for (const [name, { heardAtMs, reports }] of this.#replicas) {
      if (nowMs - heardAtMs < SILENT_REPLICA_MS) continue
      this.#replicas.delete(name)
      this.#markChanged(reports, [])
    }
    const isComplete = this.isComplete()
    if (isComplete && !this.#wasComplete) this.#markAll()
    this.#wasComplete = isComplete
  }

  /** Since when this replica leads, as far as it was asked; null while it does not. */
  #observeLease(): number | null {
    if (!this.#deps.isLeader()) this.#leaderSinceMs = null
    else this.#leaderSinceMs ??= this.#deps.clock.now()
    return this.#leaderSinceMs
  }

  #markAll(): void {
    for (const namespace of this.#deps.namespaces()) this.mark(namespace)
  }
}

function textByNamespace(reports: readonly DatedReport[]): ReadonlyMap<string, string> {
  const texts = new Map<string, string>()
  for (const dated of reports) {
    texts.set(dated.namespace, `${texts.get(dated.namespace) ?? ''}${reportText(dated)}\n`)
  }
  return texts
}
