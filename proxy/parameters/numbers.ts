// A policy's decisions (decide.ts) about the numbers of one call, as edits of its body and as notes for its answer.
// Finds where the numbers stand; the language is not here.
import type { Buffer } from 'node:buffer'
import type { Span } from '../exchange.ts'
import { failure, type Failure } from '../errors.ts'
import { scanObject } from '../json/scan.ts'
import type { Edit } from '../json/splice.ts'
import { PARAMETERS, type Parameter, type ParameterPolicy } from '../table/parameters-schema.ts'
import type { DeepReadonly } from '../table/schema.ts'
import { decide } from './decide.ts'
import type { DialectPlaces, ParameterPlace } from './places.ts'
import { insertMembers, isObject, membersOfBody, type NewMember, objectOf, replace, wholeObject } from './write.ts'

export interface Changes {
  readonly kind: 'changes'
  readonly edits: readonly Edit[]
  /** `temperature=0.5;asked=0.9`, by the names of the dialect. */
  readonly notes: readonly string[]
}

/** A longer number is none that anybody would ask for, and may be one that must not be told. */
const LONGEST_TOLD = 12
const NUMBER = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/

export function numberChanges(
  body: Buffer,
  { inside, places }: DialectPlaces,
  policy: DeepReadonly<ParameterPolicy>,
): Changes | Failure {
  const wanted = PARAMETERS.flatMap((parameter) => {
    const place = isNamed(parameter, policy) ? places[parameter] : undefined
    return place === undefined ? [] : [{ parameter, place }]
  })
  if (wanted.length === 0) return { kind: 'changes', edits: [], notes: [] }
  const holder = holderOf(body, inside)
  const names = wanted.flatMap(({ place }) => place.names)
  const scan = holder.span === null ? null : scanObject(body.subarray(holder.span.start, holder.span.end), names)
  if (scan?.kind === 'repeated') return repeated(scan.name)
  const spans = scan?.kind === 'members' ? scan.spans : []
  const writer = new Writer(body, holder)
  for (const { parameter, place } of wanted) {
    const found = place.names.map((name) => spanAt(spans[names.indexOf(name)], holder))
    writer.take(place, found, (asked) => decide(parameter, { asked, place }, policy))
  }
  return writer.changes()
}

function isNamed(parameter: Parameter, { force, defaults, clamp }: DeepReadonly<ParameterPolicy>): boolean {
  return [force, defaults, clamp].some((part) => part?.[parameter] !== undefined)
}

function repeated(name: string): Failure {
  return failure('member_repeated', `The request body has the member "${name}" twice, and the rule limits it.`)
}

/** The object that holds the numbers. */
interface Holder {
  /** Null: the body has no such object. */
  readonly span: Span | null
  /** What stands in its place and is no object: null, most often. */
  readonly other: Span | null
  readonly name: string | null
}

function holderOf(body: Buffer, inside: readonly string[]): Holder {
  const [first] = inside
  if (first === undefined) return { span: wholeObject(body), other: null, name: null }
  const spans = membersOfBody(body, inside)
  const index = spans.findIndex((span) => span !== undefined)
  const span = spans[index]
  if (span === undefined) return { span: null, other: null, name: first }
  const name = inside[index] ?? first
  return isObject(body, span) ? { span, other: null, name } : { span: null, other: span, name }
}

function spanAt(span: Span | undefined, holder: Holder): Span | undefined {
  const offset = holder.span?.start ?? 0
  return span && { start: span.start + offset, end: span.end + offset }
}

class Writer {
  readonly #body: Buffer
  readonly #holder: Holder
  readonly #edits: Edit[] = []
  readonly #added: NewMember[] = []
  readonly #notes: string[] = []

  constructor(body: Buffer, holder: Holder) {
    this.#body = body
    this.#holder = holder
  }

  take(
    place: ParameterPlace,
    found: readonly (Span | undefined)[],
    decideFor: (asked: string | null | undefined) => string | null,
  ) {
    const there = found.flatMap((span, index) => (span === undefined ? [] : [{ span, name: place.names[index] ?? '' }]))
    for (const { span, name } of there) {
      const asked = this.#body.toString('latin1', span.start, span.end)
      const isNumber = NUMBER.test(asked)
      // A null says what absence does.
      const value = decideFor(isNumber ? asked : asked === 'null' ? undefined : null)
      if (value === null || (isNumber && Number(asked) === Number(value))) continue
      this.#edits.push(replace(span, value))
      this.#note(name, value, isNumber && asked.length <= LONGEST_TOLD ? asked : null)
    }
    const [name] = place.names
    const value = there.length === 0 ? decideFor(undefined) : null
    if (value === null || name === undefined) return
    this.#added.push({ name, value })
    this.#note(name, value, null)
  }

  changes(): Changes {
    const edits = [...this.#edits, ...this.#additions()]
    return {
      kind: 'changes',
      edits: edits.toSorted((one, other) => one.span.start - other.span.start),
      notes: this.#notes,
    }
  }

  #additions(): readonly Edit[] {
    const { span, other, name } = this.#holder
    if (this.#added.length === 0) return []
    if (span !== null) return insertMembers(this.#body, span, this.#added)
    const value = objectOf(this.#added)
    if (other !== null) return [replace(other, value)]
    return name === null ? [] : insertMembers(this.#body, wholeObject(this.#body), [{ name, value }])
  }

  #note(name: string, value: string, asked: string | null): void {
    const { name: holder } = this.#holder
    const path = holder === null ? name : `${holder}.${name}`
    this.#notes.push(asked === null ? `${path}=${value}` : `${path}=${value};asked=${asked}`)
  }
}
