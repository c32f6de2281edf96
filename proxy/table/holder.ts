// The table in force. A call reads it once (`current()`), so that one call never sees two tables; a new table takes
// effect with the next call. What could not be parsed never gets here: the last good table stays.
import type { RoutingTable } from './schema.ts'

export class TableHolder {
  #table: RoutingTable | null = null
  readonly #onSwap: (table: RoutingTable) => void

  /** `onSwap` runs after each change of version, before the next call is handled. */
  constructor(onSwap: (table: RoutingTable) => void) {
    this.#onSwap = onSwap
  }

  /** Null until the first table has come: calls then get 503 `no_table`. */
  current(): RoutingTable | null {
    return this.#table
  }

  /** Puts a parsed table in force. Returns false when that version is in force already. */
  swap(table: RoutingTable): boolean {
    if (this.#table?.version === table.version) return false
    this.#table = table
    this.#onSwap(table)
    return true
  }
}
