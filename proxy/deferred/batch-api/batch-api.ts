// What a provider's batch API can do, whatever it is called there: take many calls as one order, say how far it is, and
// give the answer of each by the name that the call was given. Types, and what the APIs have in common.
import { Buffer } from 'node:buffer'
import type { AskProvider, ProviderReply } from '../../upstream/provider-request.ts'
import type { Span } from '../../exchange.ts'
import { scanMembers } from '../../json/scan.ts'
import type { JobAnswer } from '../job.ts'

export interface BatchItem {
  /** 1 to 64 of a-z, 0-9, "-" and "_". */
  readonly id: string
  /** As a single call to the same operation would have it. */
  readonly body: Buffer
}

export interface BatchOrder {
  /** Below the base URL: `/chat/completions`. */
  readonly path: string
  readonly items: readonly BatchItem[]
}

export type Created =
  | { readonly kind: 'created'; readonly remoteId: string }
  /** The provider takes no such order, or has no such API: the calls must go another way. */
  | { readonly kind: 'refused'; readonly status: number }
  /** Later perhaps. */
  | { readonly kind: 'failed' }

export type Looked =
  | { readonly kind: 'underWay' }
  /** Calls without an answer were not made: the order has expired, was cancelled or came to nothing. */
  | { readonly kind: 'ended'; readonly answers: ReadonlyMap<string, JobAnswer> }
  /** The provider does not know it any more. */
  | { readonly kind: 'lost' }
  | { readonly kind: 'failed' }

export interface BatchApi {
  create(order: BatchOrder, ask: AskProvider): Promise<Created>
  look(remoteId: string, ask: AskProvider): Promise<Looked>
  cancel(remoteId: string, ask: AskProvider): Promise<void>
  /** Its answers are kept here: what the provider holds of an order that has ended can go. */
  forget(remoteId: string, ask: AskProvider): Promise<void>
}

export const JSON_TYPE = 'application/json'

/** What cannot be read as an object is an empty one. */
export function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}

export function objectIn(reply: ProviderReply | null): Readonly<Record<string, unknown>> {
  return reply === null ? {} : parseObject(reply.body.toString('utf8'))
}

export function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    return objectOf(JSON.parse(text))
  } catch {
    return {}
  }
}

/** One line of a file of results, with its members as they stand there: an answer's bytes are the provider's own. */
export class ResultLine {
  readonly #bytes: Buffer
  readonly #span: Span

  constructor(bytes: Buffer, span: Span = { start: 0, end: bytes.length }) {
    this.#bytes = bytes
    this.#span = span
  }

  /** Null: it has none of that name. */
  member(name: string): ResultLine | null {
    const [span] = scanMembers(this.#bytes, this.#span, [name]) ?? []
    return span === undefined ? null : new ResultLine(this.#bytes, span)
  }

  text(name: string): string | null {
    const value = this.member(name)?.bytes.toString('utf8') ?? ''
    return value.startsWith('"') ? textOf(JSON.parse(value)) : null
  }

  get bytes(): Buffer {
    return this.#bytes.subarray(this.#span.start, this.#span.end)
  }
}

/** What is no object is left out. */
export function* linesOf(body: Buffer): Generator<ResultLine> {
  for (let start = 0; start < body.length;) {
    const lineEnd = body.indexOf(0x0a, start)
    const end = lineEnd === -1 ? body.length : lineEnd
    const line = body.subarray(start, end)
    if (isObject(line)) yield new ResultLine(line)
    start = end + 1
  }
}

function isObject(line: Buffer): boolean {
  return line.length > 0 && Object.keys(parseObject(line.toString('utf8'))).length > 0
}

export function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

/** 408, 409, 429 and faults of the provider pass; the rest is its last word. */
export function refusalOf(reply: ProviderReply | null): Exclude<Created, { kind: 'created' }> {
  const mayPass = reply === null || reply.status >= 500 || [408, 409, 429].includes(reply.status)
  return mayPass ? { kind: 'failed' } : { kind: 'refused', status: reply.status }
}

export function answerOf(status: number, { bytes }: ResultLine): JobAnswer {
  return { status, contentType: JSON_TYPE, body: Buffer.from(bytes) }
}

export function isGood(reply: ProviderReply | null): reply is ProviderReply {
  return reply !== null && reply.status < 300
}
