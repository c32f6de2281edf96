// An answer that is a list, one entry or more for each item that was asked, as several answers of the same shape. Every
// entry keeps its bytes, vectors above all: they are neither read nor written again. Pure.
//
//   {"data":[e0,e1,e2],"usage":{..}}  ->  {"data":[e0],"usage":{share}}
//                                         {"data":[e1,e2 numbered from 0],"usage":{share}}
import { Buffer } from 'node:buffer'
import { parseReply, writeJson } from '../dialect/neutral/json-text.ts'
import type { JsonValue } from '../dialect/neutral/json.ts'
import type { Span } from '../exchange.ts'
import { scanElements, scanMembers, scanObject } from '../json/scan.ts'
import { spliceAll, type Edit } from '../json/splice.ts'
import type { BatchPart } from './form.ts'
import { sumWithin, usageShares, type UsageWeights } from './shares.ts'

export interface ListShape {
  /** The member that holds the list. */
  readonly list: string
  /** The member of an entry that says its place in the list; null: where it stands is its place. */
  readonly index: string | null
  /** Members whose numbers count what all of them have used. */
  readonly usage: readonly string[]
}

/** What of the list one caller gets. */
export interface Slice {
  readonly entries: number
  /** For its share of the usage. */
  readonly weight: number
  /** Bytes of its entries that a model has written count for it; absent: the answer has no text. */
  readonly hasText?: boolean
}

export function sliceOf({ batchable: { items, tokens, answersPerItem } }: BatchPart): Slice {
  return { entries: items.length * answersPerItem, weight: tokens.reduce((sum, count) => sum + count, 0) }
}

export function countEntries(slices: readonly Slice[]): number {
  return slices.reduce((sum, { entries }) => sum + entries, 0)
}

export interface ListAnswer {
  readonly body: Buffer
  /** In the order of the items, whatever theirs in the body was. */
  readonly entries: readonly Buffer[]
  readonly listSpan: Span
  readonly usageSpans: readonly Span[]
}

const OPEN_BRACKET = 0x5b

/** Null: the body is no such answer, or does not have exactly `count` entries, each of them once. */
export function readList(body: Buffer, { list, index, usage }: ListShape, count: number): ListAnswer | null {
  const scan = scanObject(body, [list, ...usage])
  if (scan.kind !== 'members') return null
  const [listSpan, ...others] = scan.spans
  if (listSpan === undefined || body[listSpan.start] !== OPEN_BRACKET) return null
  const entries: (Buffer | undefined)[] = Array.from({ length: count })
  let seen = 0
  for (const span of scanElements(body, listSpan)) {
    const place = index === null ? seen : placeOf(body, span, index)
    if (place === null || place >= count || entries[place] !== undefined) return null
    entries[place] = body.subarray(span.start, span.end)
    seen += 1
  }
  if (seen !== count) return null
  const usageSpans = others.filter((span) => span !== undefined)
  return { body, entries: entries.filter((entry) => entry !== undefined), listSpan, usageSpans }
}

/** Null: it does not say, or not with a whole number. */
function placeOf(body: Buffer, entry: Span, index: string): number | null {
  const span = scanMembers(body, entry, [index])?.[0]
  const text = span === undefined ? '' : body.toString('latin1', span.start, span.end)
  return /^\d{1,9}$/.test(text) ? Number(text) : null
}

/** One body a slice. The slices' entries together are those of the answer. */
export function splitList(answer: ListAnswer, shape: ListShape, slices: readonly Slice[]): readonly Buffer[] {
  const { body, entries, listSpan, usageSpans } = answer
  const weights = weightsOf(answer, slices)
  const shares = usageSpans.map((span) => ({ span, texts: shareTexts(body, span, weights) }))
  let from = 0
  return slices.map((slice, position) => {
    const own = entries.slice(from, from + slice.entries)
    from += slice.entries
    const list = { span: listSpan, text: listOf(own, shape.index) }
    const usage = shares.flatMap(({ span, texts }) => {
      const text = texts?.[position]
      return text === undefined ? [] : [{ span, text }]
    })
    const edits: Edit[] = [list, ...usage].toSorted((one, other) => one.span.start - other.span.start)
    return spliceAll(body, edits)
  })
}

/** The reverse: one body of several, each of so many entries. Null: one of them is not that. */
export function joinLists(bodies: readonly Buffer[], shape: ListShape, counts: readonly number[]): Buffer | null {
  const answers = bodies.map((body, position) => readList(body, shape, counts[position] ?? 0))
  const read = answers.filter((answer) => answer !== null)
  const [first] = read
  if (first === undefined || read.length !== counts.length) return null
  const list = {
    span: first.listSpan,
    text: listOf(
      read.flatMap(({ entries }) => entries),
      shape.index,
    ),
  }
  const usage = first.usageSpans.map((span, member) => {
    const values = read.map((answer) => usageIn(answer, member))
    return { span, text: writeJson(values.reduce(sumWithin)) }
  })
  return spliceAll(
    first.body,
    [list, ...usage].toSorted((one, other) => one.span.start - other.span.start),
  )
}

function usageIn({ body, usageSpans }: ListAnswer, member: number): JsonValue {
  const span = usageSpans[member]
  const parsed = span === undefined ? null : parseReply(body.subarray(span.start, span.end))
  return parsed?.kind === 'json' ? parsed.value : null
}

export function weightsOf({ entries }: ListAnswer, slices: readonly Slice[]): UsageWeights {
  let from = 0
  const output = slices.map((slice) => {
    const own = entries.slice(from, from + slice.entries)
    from += slice.entries
    return slice.hasText === true ? own.reduce((sum, entry) => sum + textBytesOf(entry), 0) : slice.weight
  })
  return { input: slices.map(({ weight }) => weight), output }
}

/** Of a choice of the older completions. */
function textBytesOf(entry: Buffer): number {
  const span = scanMembers(entry, { start: 0, end: entry.length }, ['text'])?.[0]
  return span === undefined ? 0 : span.end - span.start
}

/** Null: not JSON that can be divided; it stays as it is. */
export function shareTexts(body: Buffer, span: Span, weights: UsageWeights): readonly Buffer[] | null {
  const parsed = parseReply(body.subarray(span.start, span.end))
  if (parsed.kind === 'fault') return null
  return usageShares(parsed.value, weights).map(writeJson)
}

function listOf(entries: readonly Buffer[], index: string | null): Buffer {
  const numbered = index === null ? entries : entries.map((entry, place) => withPlace(entry, index, place))
  return Buffer.concat([Buffer.from('['), ...joined(numbered), Buffer.from(']')])
}

function withPlace(entry: Buffer, index: string, place: number): Buffer {
  const span = scanMembers(entry, { start: 0, end: entry.length }, [index])?.[0]
  return span === undefined ? entry : spliceAll(entry, [{ span, text: Buffer.from(String(place)) }])
}

const COMMA = Buffer.from(',')

export function joined(items: readonly Buffer[]): Buffer[] {
  return items.flatMap((item, position) => (position === 0 ? [item] : [COMMA, item]))
}
