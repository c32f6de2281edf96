// A place in JSON from outside, read with its type checked: what has another type than expected becomes a fault with
// the field's path and reads as absent, so that readers need no checks of their own and all faults are reported
// together.
//
//   new Reading() -> reading.root(value) -> field.member('a').text() ... -> reading.faults, .found, .unknown
import type { Feature } from './features.ts'
import { isExactNumber, isObject, type JsonObject, type JsonValue } from './json.ts'
import { shownPath } from './soundness.ts'

const MAX_FAULTS = 8
const MAX_UNKNOWN = 24

/** What a reader does with a member that it does not carry itself. */
export type NotedMember =
  | Feature
  /** Noted unless it has the value that means the same as its absence. */
  | { readonly feature: Feature; readonly unless: JsonValue }
  /** Of no consequence for an answer of another provider: neither carried nor named. */
  | 'harmless'

export interface FieldFault {
  readonly path: string
  readonly sentence: string
}

/** What is gathered while one request is read. */
export class Reading {
  readonly faults: FieldFault[] = []
  readonly found = new Map<Feature, string>()
  readonly unknown = new Set<string>()

  root(value: JsonValue): Field {
    return new Field(this, value, null)
  }
}

interface Place {
  readonly parent: Field
  readonly step: string | number
}

export class Field {
  readonly #reading: Reading
  readonly #place: Place | null
  readonly value: JsonValue | undefined

  constructor(reading: Reading, value: JsonValue | undefined, place: Place | null) {
    this.#reading = reading
    this.#place = place
    this.value = value
  }

  /** Null counts as absent: several dialects write it for "not set". */
  get isPresent(): boolean {
    return this.value !== undefined && this.value !== null
  }

  member(name: string): Field {
    const own = isObject(this.value) && Object.hasOwn(this.value, name) ? this.value[name] : undefined
    return new Field(this.#reading, own, { parent: this, step: name })
  }

  /** The first of these members that is present. */
  firstOf(...names: readonly [string, ...string[]]): Field {
    const present = names.map((name) => this.member(name)).find(({ isPresent }) => isPresent)
    return present ?? this.member(names[0])
  }

  items(): readonly Field[] {
    if (!this.isPresent) return []
    if (!Array.isArray(this.value)) {
      this.fault('must be an array')
      return []
    }
    return this.value.map((item: JsonValue, step) => new Field(this.#reading, item, { parent: this, step }))
  }

  text(): string | undefined {
    return this.#typed('string', 'must be a string') as string | undefined
  }

  boolean(): boolean | undefined {
    return this.#typed('boolean', 'must be true or false') as boolean | undefined
  }

  number(): number | undefined {
    if (isExactNumber(this.value)) {
      this.fault('is a number out of range')
      return undefined
    }
    return this.#typed('number', 'must be a number') as number | undefined
  }

  object(): JsonObject | undefined {
    if (!this.isPresent) return undefined
    if (isObject(this.value)) return this.value
    this.fault('must be an object')
    return undefined
  }

  requiredText(): string {
    if (!this.isPresent) this.fault('is missing')
    return this.text() ?? ''
  }

  /** One of some words; another one is a fault. */
  word<Word extends string>(words: readonly Word[]): Word | undefined {
    const text = this.text()
    const word = words.find((candidate) => candidate === text)
    if (text !== undefined && word === undefined) this.fault(`must be one of ${words.join(', ')}`)
    return word
  }

  get isText(): boolean {
    return typeof this.value === 'string'
  }

  get isList(): boolean {
    return Array.isArray(this.value)
  }

  fault(sentence: string): void {
    const { faults } = this.#reading
    if (faults.length < MAX_FAULTS) faults.push({ path: this.path(), sentence })
  }

  note(feature: Feature): void {
    const { found } = this.#reading
    if (!found.has(feature)) found.set(feature, this.pattern())
  }

  noteIfPresent(feature: Feature): void {
    if (this.isPresent) this.note(feature)
  }

  /** Notes the members that `noted` names, and lists those that are neither there nor in `carried` as unknown. */
  noteMembers(carried: readonly string[], noted: Readonly<Record<string, NotedMember>> = {}): void {
    if (!isObject(this.value)) return
    for (const name of Object.keys(this.value)) {
      const member = this.member(name)
      if (!member.isPresent || carried.includes(name)) continue
      const what = Object.hasOwn(noted, name) ? noted[name] : undefined
      if (what === undefined) this.#reading.unknown.add(member.pattern())
      else if (typeof what === 'object') member.#noteUnless(what)
      else if (what !== 'harmless') member.note(what)
      if (this.#reading.unknown.size >= MAX_UNKNOWN) return
    }
  }

  #noteUnless({ feature, unless }: { readonly feature: Feature; readonly unless: JsonValue }): void {
    if (this.value !== unless) this.note(feature)
  }

  #typed(type: 'string' | 'number' | 'boolean', sentence: string): JsonValue | undefined {
    if (!this.isPresent) return undefined
    if (typeof this.value === type) return this.value
    this.fault(sentence)
    return undefined
  }

  /** As `messages[3].content[0].text`. */
  path(): string {
    return shownPath(this.#steps((step) => `[${step}]`))
  }

  /** The path without the numbers, as `messages[].content[].text`: what the caller is told once for all elements. */
  pattern(): string {
    return shownPath(this.#steps(() => '[]'))
  }

  #steps(showIndex: (step: number) => string): string {
    const steps: string[] = []
    for (let at = this.#place; at !== null; at = at.parent.#place) {
      steps.unshift(typeof at.step === 'number' ? showIndex(at.step) : `.${at.step}`)
    }
    return steps.join('')
  }
}
