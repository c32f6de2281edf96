// The edits by which a policy's decisions come into a request's bytes: a value in place of a value, or members at the
// front of the object that holds them. Every other byte stays as it came.
import { Buffer } from 'node:buffer'
import type { Span } from '../exchange.ts'
import { scanMembers } from '../json/scan.ts'
import type { Edit } from '../json/splice.ts'

export interface NewMember {
  readonly name: string
  /** JSON. */
  readonly value: string
}

const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d

/** Members at the front of the object at `span`. */
export function insertMembers(body: Buffer, span: Span, members: readonly NewMember[]): readonly Edit[] {
  if (members.length === 0) return []
  const at = span.start + 1
  const isEmpty = isEmptyObject(body, span)
  const text = members.map(({ name, value }) => `${JSON.stringify(name)}:${value}`).join(',')
  return [{ span: { start: at, end: at }, text: Buffer.from(isEmpty ? text : `${text},`) }]
}

export function objectOf(members: readonly NewMember[]): string {
  return `{${members.map(({ name, value }) => `${JSON.stringify(name)}:${value}`).join(',')}}`
}

export function replace(span: Span, text: string): Edit {
  return { span, text: Buffer.from(text) }
}

export function isObject(body: Buffer, span: Span): boolean {
  return body[span.start] === OPEN_BRACE
}

/** The object of the whole body; what stands around it is space. */
export function wholeObject(body: Buffer): Span {
  return { start: Math.max(0, body.indexOf(OPEN_BRACE)), end: body.length }
}

function isEmptyObject(body: Buffer, { start }: Span): boolean {
  let at = start + 1
  while ([0x20, 0x09, 0x0a, 0x0d].includes(body[at] ?? 0)) at += 1
  return body[at] === CLOSE_BRACE
}

/** The members of the whole body, by their names. */
export function membersOfBody(body: Buffer, names: readonly string[]): readonly (Span | undefined)[] {
  return scanMembers(body, { start: 0, end: body.length }, names) ?? []
}
