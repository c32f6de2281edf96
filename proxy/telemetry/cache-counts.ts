// What the cache did since the proxy started, for the operator's dashboard: calls by how they were answered, and what
// the answered ones would have cost.
import type { CacheReport } from '../reports.ts'
import type { CacheTotals } from '../table/messages.ts'

export class CacheCounts {
  readonly #answered = { memory: 0, disk: 0, shared: 0 }
  #stale = 0
  #missed = 0
  #bypassed = 0
  #savedTokens = 0
  #savedCost = 0

  count({ outcome, level, saved }: CacheReport): void {
    if (outcome === 'miss') this.#missed += 1
    if (outcome === 'bypass') this.#bypassed += 1
    if (outcome === 'stale') this.#stale += 1
    if (level !== null) this.#answered[level] += 1
    this.#savedTokens += saved === null ? 0 : saved.inputTokens + saved.outputTokens
    this.#savedCost += Number(saved?.cost ?? 0)
  }

  /** Null while no rule with a cache has taken a call. */
  totals(): CacheTotals | null {
    const { memory, disk, shared } = this.#answered
    const counts = { memory, disk, shared, stale: this.#stale, missed: this.#missed, bypassed: this.#bypassed }
    if (Object.values(counts).every((count) => count === 0)) return null
    return { ...counts, savedTokens: this.#savedTokens, savedCost: this.#savedCost }
  }
}
