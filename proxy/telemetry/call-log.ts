// The newest calls and their number, in memory, for the operator's dashboard (table/source.ts sends them on). Names,
// numbers and times; bounded by MAX_RECENT_CALLS.
import type { Exchange } from '../exchange.ts'
import { MAX_RECENT_CALLS, type RecentCall } from '../table/messages.ts'

const MAX_REFUSALS = 16

export class CallLog {
  readonly #ring: Exchange[] = []
  #count = 0

  record(exchange: Exchange): void {
    this.#ring[this.#count % MAX_RECENT_CALLS] = exchange
    this.#count += 1
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
