// The newest calls and their number, in memory, for the operator's dashboard (table/source.ts sends them on). Names,
// numbers and times; bounded by MAX_RECENT_CALLS.
import type { Exchange, RedactionReport } from '../exchange.ts'
import {
  type CacheTotals,
  type CallShare,
  MAX_CALL_SHARES,
  MAX_RECENT_CALLS,
  type RecentCall,
  type RedactionTotals,
} from '../table/messages.ts'
import { CacheCounts } from './cache-counts.ts'

const MAX_REFUSALS = 16

interface CountedRedaction {
  readonly masked: Map<string, number>
  restored: number
  damaged: number
  passed: number
}

interface CountedShare {
  readonly route: string
  readonly target: string | null
  calls: number
}

export class CallLog {
  readonly #ring: Exchange[] = []
  #count = 0
  #redaction: CountedRedaction | null = null
  readonly #shares = new Map<string, CountedShare>()
  readonly #cache = new CacheCounts()

  record(exchange: Exchange): void {
    this.#ring[this.#count % MAX_RECENT_CALLS] = exchange
    this.#count += 1
    if (exchange.route !== null) this.#countShare(exchange.route, exchange.targetId)
    if (exchange.redaction !== undefined) this.#countRedaction(exchange.redaction)
    if (exchange.cache !== undefined) this.#cache.count(exchange.cache)
  }

  /** Null until a rule has masked something. */
  redaction(): RedactionTotals | null {
    const totals = this.#redaction
    return totals === null ? null : { ...totals, masked: Object.fromEntries(totals.masked) }
  }

  cache(): CacheTotals | null {
    return this.#cache.totals()
  }

  /** The most first. */
  shares(): readonly CallShare[] {
    return [...this.#shares.values()].map((share) => ({ ...share })).toSorted((one, other) => other.calls - one.calls)
  }

  /** Names of tables long gone make room for those in use: the one with the fewest calls goes. */
  #countShare(route: string, target: string | null): void {
    const key = `${route} ${target ?? ''}`
    const known = this.#shares.get(key)
    if (known !== undefined) {
      known.calls += 1
      return
    }
    if (this.#shares.size >= MAX_CALL_SHARES) this.#dropSmallestShare()
    this.#shares.set(key, { route, target, calls: 1 })
  }

  #dropSmallestShare(): void {
    const smallest = [...this.#shares].reduce((one, other) => (other[1].calls < one[1].calls ? other : one))
    this.#shares.delete(smallest[0])
  }

  /** Detectors are the table's, so their number bounds the map. */
  #countRedaction({ masked, restored, damaged, outcome }: RedactionReport): void {
    const totals = (this.#redaction ??= { masked: new Map(), restored: 0, damaged: 0, passed: 0 })
    for (const [type, count] of Object.entries(masked)) totals.masked.set(type, (totals.masked.get(type) ?? 0) + count)
    totals.restored += restored
    totals.damaged += damaged
    if (outcome === 'passed') totals.passed += 1
  }

  count(): number {
    return this.#count
  }

  /** Newest first. */
  recent(): readonly RecentCall[] {
    const size = this.#ring.length
    const newestFirst = Array.from({ length: size }, (_, age) => this.#ring[(this.#count - 1 - age) % MAX_RECENT_CALLS])
    return newestFirst.filter((exchange) => exchange !== undefined).map(toRecentCall)
  }
}

function toRecentCall(exchange: Exchange): RecentCall {
  const refusals = exchange.attempts.filter(({ failureClass }) => failureClass === 'Auth')
  const keyRefusedBy = refusals.map(({ targetId }) => targetId).slice(0, MAX_REFUSALS)
  return {
    id: exchange.id,
    atMs: exchange.atMs,
    route: exchange.route,
    target: exchange.targetId,
    model: exchange.model,
    status: exchange.status,
    attempts: exchange.attempts.length,
    durationMs: exchange.durationMs,
    error: exchange.error,
    ...(keyRefusedBy.length === 0 ? {} : { keyRefusedBy }),
  }
}
