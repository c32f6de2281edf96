// What one call masked and may get back: code -> value, the words its placeholders had, and whether some characters can
// still become one of the codes. Made for one call, read by its matchers, gone with it; it is never printed.
import { inspect } from 'node:util'
import { SECRET_MASK } from '../../secret.ts'
import type { ValueKind } from '../placeholder/placeholder.ts'

export interface RestoredValue {
  readonly value: string
  /** In the source of a JSON document, where the value was written with JSON's escapes; absent: the value. */
  readonly inJson?: string
  readonly kind: ValueKind
  /** The placeholder as it was sent. */
  readonly token: string
}

const NOTHING: MapParts = { values: new Map(), words: new Set(), oneWay: new Set() }

/** A map on its way from the thread that made it. */
export interface MapParts {
  readonly values: ReadonlyMap<string, RestoredValue>
  readonly words: ReadonlySet<string>
  readonly oneWay: ReadonlySet<string>
}

export class RestoreMap {
  readonly #values: Map<string, RestoredValue>
  readonly #words: Set<string>
  readonly #oneWay: Set<string>
  #sorted: readonly string[] | null = null
  #hasNumbers = false

  constructor({ values, words, oneWay }: MapParts = NOTHING) {
    this.#values = new Map(values)
    this.#words = new Set(words)
    this.#oneWay = new Set(oneWay)
    for (const { kind } of values.values()) if (kind === 'number') this.#hasNumbers = true
  }

  parts(): MapParts {
    return { values: this.#values, words: this.#words, oneWay: this.#oneWay }
  }

  get size(): number {
    return this.#values.size
  }

  /** Whether a number of a JSON document is among the values. */
  get hasNumbers(): boolean {
    return this.#hasNumbers
  }

  get words(): ReadonlySet<string> {
    return this.#words
  }

  add(code: string, restored: RestoredValue, word: string): void {
    this.#values.set(code, restored)
    this.#words.add(word)
    if (restored.kind === 'number') this.#hasNumbers = true
    this.#sorted = null
  }

  /** A placeholder that stays one in the answer. */
  addOneWay(code: string): void {
    this.#oneWay.add(code)
  }

  /** By code, in the order in which they were added. */
  entries(): Iterable<readonly [code: string, restored: RestoredValue]> {
    return this.#values
  }

  find(code: string): RestoredValue | undefined {
    return this.#values.get(code)
  }

  isOneWay(code: string): boolean {
    return this.#oneWay.has(code)
  }

  /** Whether a code begins with these characters. */
  hasPrefix(start: string): boolean {
    this.#sorted ??= [...this.#values.keys()].toSorted()
    const codes = this.#sorted
    let low = 0
    let high = codes.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((codes[middle] ?? '') < start) low = middle + 1
      else high = middle
    }
    return codes[low]?.startsWith(start) === true
  }

  toJSON(): string {
    return SECRET_MASK
  }

  [inspect.custom](): string {
    return SECRET_MASK
  }
}
