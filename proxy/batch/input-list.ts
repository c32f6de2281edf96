// Calls whose body has one member that is a text or a list of texts (`input` of OpenAI's and Ollama's embeddings,
// `prompt` of the older completions), or tokens in place of texts where the vendor takes them. The rest of the body is
// what calls must have in common, byte by byte: unknown parameters then mean the same for all of them. Pure.
//
//   {"model":"m","input":"a","dimensions":8}          sameness  {"model":"m","input":<text>,"dimensions":8}
//   {"model":"m","input":["b","c"],"dimensions":8}    items     "b", "c"
import { Buffer } from 'node:buffer'
import type { Span } from '../exchange.ts'
import { scanElements } from '../json/scan.ts'
import { joined } from './split-list.ts'

/** A body with more than this beside its items is not worth comparing. */
export const MAX_SAMENESS_BYTES = 4 * 1024

/** Estimates of tokens: a text has about one for so many bytes; Chinese is three bytes and about one token each. */
const BYTES_PER_TOKEN = 3

const QUOTE = 0x22
const COMMA = 0x2c
const MINUS = 0x2d
const OPEN_BRACKET = 0x5b
const ZERO = 0x30
const NINE = 0x39

export interface InputList {
  readonly sameness: string
  readonly items: readonly Buffer[]
  readonly tokens: readonly number[]
}

/** Null: nothing that can share a call. `takesTokens`: lists of numbers are tokens. */
export function readInputList(body: Buffer, span: Span | undefined, takesTokens: boolean): InputList | null {
  if (span === undefined || body.length - (span.end - span.start) > MAX_SAMENESS_BYTES) return null
  const kind = kindOf(body, span)
  const inner = kind === 'list' ? [...scanElements(body, span)] : []
  const [first] = inner
  const innerKind = first === undefined ? null : kindOf(body, first)
  // A list of numbers is one item of tokens.
  const spans = kind === 'list' && innerKind !== 'number' ? inner : [span]
  const itemKind = kind === 'text' || innerKind === 'text' ? 'text' : 'tokens'
  const isListed = itemKind === 'text' ? isEvery(body, spans, 'text') : takesTokens && isTokens(body, spans)
  if (!isListed || spans.length === 0) return null
  const around = body.toString('latin1', 0, span.start) + `<${itemKind}>` + body.toString('latin1', span.end)
  const items = spans.map(({ start, end }) => body.subarray(start, end))
  return { sameness: around, items, tokens: items.map(itemKind === 'text' ? tokensOfText : countTokens) }
}

/** The first call's body with everyone's items. */
export function writeInputList(body: Buffer, span: Span, items: readonly Buffer[]): Buffer {
  const list = [Buffer.from('['), ...joined(items), Buffer.from(']')]
  return Buffer.concat([body.subarray(0, span.start), ...list, body.subarray(span.end)])
}

export function tokensOfText(text: Buffer): number {
  return Math.max(1, Math.ceil((text.length - 2) / BYTES_PER_TOKEN))
}

function kindOf(body: Buffer, { start }: Span): 'text' | 'list' | 'number' | 'other' {
  const byte = body[start] ?? 0
  if (byte === QUOTE) return 'text'
  if (byte === OPEN_BRACKET) return 'list'
  return byte === MINUS || (byte >= ZERO && byte <= NINE) ? 'number' : 'other'
}

function isEvery(body: Buffer, spans: readonly Span[], kind: 'text' | 'number'): boolean {
  return spans.every((span) => kindOf(body, span) === kind)
}

/** Lists of numbers, with one number at least. */
function isTokens(body: Buffer, spans: readonly Span[]): boolean {
  return spans.every((span) => {
    const numbers = kindOf(body, span) === 'list' ? [...scanElements(body, span)] : []
    return numbers.length > 0 && isEvery(body, numbers, 'number')
  })
}

function countTokens(list: Buffer): number {
  let commas = 0
  for (const byte of list) if (byte === COMMA) commas += 1
  return commas + 1
}
