// One call as the conditions of rules look at it: each header is searched for, and the length estimated, once however
// many rules ask. Lives as long as one call's matching.
import type { CallFacts } from '../classify/facts.ts'
import { headerOf } from '../raw-headers.ts'
import type { Content } from './schema.ts'

/** What of a call changes from one to the next. */
export interface Circumstances {
  readonly rawHeaders: readonly string[]
  readonly receivedAtMs: number
  /** What the call is and how long; absent: nobody worked it out, and what asks for it does not hold. */
  readonly facts?: CallFacts | undefined
  /** Whose tokenizer counts. */
  readonly model?: string
}

export class Look {
  readonly #circumstances: Circumstances
  #headers: Map<string, string | null> | null = null
  #tokens: number | null = null

  constructor(circumstances: Circumstances) {
    this.#circumstances = circumstances
  }

  get atMs(): number {
    return this.#circumstances.receivedAtMs
  }

  /** Null: nothing is known of it. */
  get content(): Content | null {
    return this.#circumstances.facts?.classification.content ?? null
  }

  /** Of the prompt; not a number: nothing is known of it. */
  get tokens(): number {
    const { facts, model = '' } = this.#circumstances
    this.#tokens ??= facts?.promptTokens(model) ?? Number.NaN
    return this.#tokens
  }

  /** By its lower-case name; null: it is not there. */
  header(name: string): string | null {
    this.#headers ??= new Map()
    const known = this.#headers.get(name)
    if (known !== undefined) return known
    const value = headerOf(this.#circumstances.rawHeaders, name)
    this.#headers.set(name, value)
    return value
  }
}
