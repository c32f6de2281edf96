// Counts by labels, cheap to add to: prom-client hashes and checks labels with every increment, this joins them into
// one key and fills the counter only when the metrics are read.
import { Counter, type Registry } from 'prom-client'

/** Series kept per metric. Labels come from the table, so that only a long life of changing tables gets here. */
export const MAX_SERIES = 4096
export const OVERFLOW = '(other)'
const SEPARATOR = '\u0000'

export interface TallySpec {
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
}

export class Tally {
  readonly #counts = new Map<string, number>()
  readonly #overflowKey: string

  constructor({ name, help, labels }: TallySpec, registry: Registry) {
    const counts = this.#counts
    this.#overflowKey = labels.map(() => OVERFLOW).join(SEPARATOR)
    new Counter({
      name,
      help,
      labelNames: [...labels],
      registers: [registry],
      collect() {
        this.reset()
        for (const [key, count] of counts) {
          const values = key.split(SEPARATOR)
          this.inc(Object.fromEntries(labels.map((label, index) => [label, values[index] ?? ''])), count)
        }
      },
    })
  }

  /** Values in the order of the labels. */
  add(...values: readonly string[]): void {
    this.addCount(1, ...values)
  }

  addCount(added: number, ...values: readonly string[]): void {
    const key = values.join(SEPARATOR)
    const count = this.#counts.get(key)
    if (count !== undefined) this.#counts.set(key, count + added)
    else if (this.#counts.size < MAX_SERIES) this.#counts.set(key, added)
    else this.#counts.set(this.#overflowKey, (this.#counts.get(this.#overflowKey) ?? 0) + added)
  }
}
