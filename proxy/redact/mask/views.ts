// A text as it reads once the escapes inside of it are resolved: JSON in the text of a tool's result (`\u5f20\u4e09`,
// `\n138…`), percent-encoded values in URLs (`alice%40example.com`), entities of HTML (`alice&#64;example.com`), marks
// that nobody sees (`138\u200b1234\u200b5678`). Detectors see the resolved text too, because an escape hides a value or
// glues a letter to it; offsets lead back to the text as it is written.
//
// What was escaped with backslashes is masked as what it says, so that the model may speak of it; everything else is
// masked as it is written, so that it comes back as it was.

import { Buffer } from 'node:buffer'

export interface View {
  readonly text: string
  /** By code unit of the view: where it begins in the text as written; one more for the end. */
  readonly offsets: Int32Array
  readonly saysMore: boolean
}

const BACKSLASH_ESCAPE = /\\(?:u[0-9a-fA-F]{4}|[bfnrt"\\/])/g
const PERCENT_ESCAPES = /(?:%[0-9a-fA-F]{2})+/g

const ENTITIES = /&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,6});/g
/** Those that stand in values. */
const NAMED_ENTITIES: Readonly<Record<string, string>> = {
  commat: '@',
  period: '.',
  plus: '+',
  lowbar: '_',
  hyphen: '-',
  dash: '-',
  colon: ':',
  sol: '/',
  num: '#',
  amp: '&',
  quot: '"',
  apos: "'",
  lt: '<',
  gt: '>',
  nbsp: ' ',
  shy: '',
}
/** Zero-width marks, and hyphens that show at a line's end alone. The joiner is read in words, not in pictures. */
const UNSEEN = /[\u00ad\u200b\u200c\u2060\ufeff]+|(?<=[\p{L}\p{N}@.])\u200d/gu

/** Escapes in escapes in escapes. */
export const MAX_ESCAPE_DEPTH = 4
const MARKS: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

/** The other readings of a text; none in the common case. */
export function viewsOf(text: string): readonly View[] {
  const views: View[] = []
  if (text.includes('\\')) addViews(text, { pattern: BACKSLASH_ESCAPE, resolve: unescape, saysMore: true }, views)
  if (text.includes('%')) addViews(text, { pattern: PERCENT_ESCAPES, resolve: percentDecode, saysMore: false }, views)
  if (text.includes('&')) addViews(text, { pattern: ENTITIES, resolve: entityDecode, saysMore: false }, views)
  if (text.search(UNSEEN) !== -1) addViews(text, { pattern: UNSEEN, resolve: nothing, saysMore: false }, views)
  return views
}

/** One for each depth of escapes: JSON in JSON, a URL in the query of another. */
function addViews(text: string, reading: Reading, views: View[]): void {
  let view = viewOf(text, reading)
  for (let depth = 1; view !== null; depth += 1) {
    views.push(view)
    view = depth < MAX_ESCAPE_DEPTH ? deeper(view, viewOf(view.text, reading)) : null
  }
}

/** With offsets into the text that the outer one was made from. */
function deeper(outer: View, inner: View | null): View | null {
  return inner && { ...inner, offsets: inner.offsets.map((offset) => outer.offsets[offset] ?? 0) }
}

interface Reading {
  readonly pattern: RegExp
  /** Null: it is no escape after all. */
  readonly resolve: (escape: string) => string | null
  readonly saysMore: boolean
}

/** Null: it has no escapes. */
function viewOf(text: string, { pattern, resolve, saysMore }: Reading): View | null {
  const parts: string[] = []
  const offsets = new Int32Array(text.length + 1)
  let length = 0
  let from = 0
  const copyTo = (end: number) => {
    for (let at = from; at < end; at += 1) offsets[length++] = at
    parts.push(text.slice(from, end))
    from = end
  }
  for (const match of text.matchAll(pattern)) {
    const resolved = resolve(match[0])
    if (resolved === null) continue
    copyTo(match.index)
    length = spread(offsets, { length, at: match.index, written: match[0], resolved })
    parts.push(resolved)
    from = match.index + match[0].length
  }
  if (parts.length === 0) return null
  copyTo(text.length)
  offsets[length] = text.length
  return { text: parts.join(''), offsets: offsets.subarray(0, length + 1), saysMore }
}

interface Spread {
  readonly length: number
  readonly at: number
  readonly written: string
  readonly resolved: string
}

/** Each character begins where its escape does: `%E5%BC%A0` is one, `%40%41` are two. */
function spread(offsets: Int32Array, { length, at, written, resolved }: Spread): number {
  let end = length
  let place = at
  for (const character of resolved) {
    for (let unit = 0; unit < character.length; unit += 1) offsets[end++] = place
    place += written.startsWith('%') ? Buffer.byteLength(character) * 3 : written.length
  }
  return end
}

function unescape(escape: string): string {
  const mark = escape.charAt(1)
  if (mark === 'u') return String.fromCharCode(Number.parseInt(escape.slice(2), 16))
  return MARKS[mark] ?? mark
}

function percentDecode(escapes: string): string | null {
  try {
    return decodeURIComponent(escapes)
  } catch {
    // Bytes that are no UTF-8: nothing to read.
    return null
  }
}

function entityDecode(entity: string): string | null {
  const name = entity.slice(1, -1)
  if (!name.startsWith('#')) return NAMED_ENTITIES[name.toLowerCase()] ?? null
  const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1))
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : null
}

function nothing(): string {
  return ''
}
