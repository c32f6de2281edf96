// The members of a request's outermost object by name, read once for the policy and looked at where it asks: the paths
// in it are data of policy-tables.ts.
import type { Buffer } from 'node:buffer'
import type { Span } from '../exchange.ts'
import { listMembers, readString, scanElements, scanMembers, type Member } from '../json/scan.ts'

/** One name under another; at each step the first of several spellings that is there. */
export type MemberPath = readonly (readonly string[])[]

export interface NamedMember extends Member {
  /** Its name without quotes and escapes. */
  readonly text: string
}

const QUOTE = 0x22
const LOWER_T = 0x74
const LOWER_F = 0x66
const LOWER_N = 0x6e

export class Envelope {
  readonly body: Buffer
  /** Readers differ in which of two members with one name counts. */
  readonly isAmbiguous: boolean
  readonly members: readonly NamedMember[]
  readonly #spans = new Map<string, Span>()

  constructor(body: Buffer) {
    this.body = body
    this.members = listMembers(body, { start: 0, end: body.length }).map(({ name, value }) => {
      return { name, value, text: readString(body, name) ?? '' }
    })
    for (const { text, value } of this.members) this.#spans.set(text, value)
    this.isAmbiguous = this.#spans.size < this.members.length
  }

  /** Undefined: it is not there. */
  at([first, ...inner]: MemberPath): Span | undefined {
    let span = first && firstOf(first, (name) => this.#spans.get(name))
    for (const names of inner) {
      if (span === undefined) return undefined
      const found = scanMembers(this.body, span, names)
      span = found?.find((each) => each !== undefined)
    }
    return span
  }

  isNull(span: Span): boolean {
    return this.body[span.start] === LOWER_N
  }

  isTrue(span: Span): boolean {
    return this.body[span.start] === LOWER_T
  }

  isFalse(span: Span): boolean {
    return this.body[span.start] === LOWER_F
  }

  /** NaN: none is there. */
  numberAt(path: MemberPath): number {
    const span = this.at(path)
    if (span === undefined || this.isNull(span) || this.body[span.start] === QUOTE) return Number.NaN
    return Number(this.body.toString('latin1', span.start, span.end))
  }

  elements(span: Span): Iterable<Span> {
    return scanElements(this.body, span)
  }

  memberOf(span: Span, name: string): Span | undefined {
    return scanMembers(this.body, span, [name])?.[0]
  }

  namesIn(span: Span): readonly string[] {
    return listMembers(this.body, span).map(({ name }) => readString(this.body, name) ?? '')
  }

  /** A text inside of an object; null: none. */
  textIn(span: Span, name: string): string | null {
    const found = this.memberOf(span, name)
    return found === undefined ? null : readString(this.body, found)
  }
}

function firstOf(names: readonly string[], find: (name: string) => Span | undefined): Span | undefined {
  for (const name of names) {
    const found = find(name)
    if (found !== undefined) return found
  }
  return undefined
}
