// Where the value that starts at a place ends, by how it is written: to its closing quote, or to the first character
// that no unquoted value holds. Bounded; never looks behind MAX_VALUE characters.

import type { Units } from '../text/units.ts'

/** Longer values than this are blobs; formats of their own (keys, web tokens) are not read here. */
export const MAX_VALUE = 1024
/** The same without quotes, where nothing else says that the value goes on. */
const MAX_PLAIN = 320

export interface Value {
  readonly start: number
  readonly end: number
  readonly isQuoted: boolean
}

const QUOTES = new Map([
  ['"', '"'],
  ["'", "'"],
  ['`', '`'],
  ['“', '”'],
  ['‘', '’'],
  ['「', '」'],
])

/** The value at `start`, whose opening quote, if any, stands before it; null when it is empty, too long or a call. */
export function readValue(text: Units, start: number): Value | null {
  const close = QUOTES.get(text.charAt(start - 1))
  if (close !== undefined) {
    const quoted = quotedEnd(text, start, close)
    if (quoted > start) return { start, end: quoted, isQuoted: true }
  }
  const end = plainEnd(text, start)
  if (end <= start) return null
  const next = text.charAt(end)
  return next === '(' || next === '[' || next === '{' || text.startsWith('..', end)
    ? null
    : { start, end, isQuoted: false }
}

/** The closing quote, or -1 when a blank, a line's end or the limit comes first. `\"` closes what `\"` opened. */
function quotedEnd(text: Units, start: number, close: string): number {
  const isEscaped = (text.codes[start - 2] ?? 0) === BACKSLASH
  const closing = close.charCodeAt(0)
  const opening = text.codes[start - 1] ?? 0
  const limit = Math.min(text.length, start + MAX_VALUE)
  for (let at = start; at < limit; at++) {
    const code = text.codes[at] ?? 0
    if (code === closing) return at
    if (code <= BLANK || code === WIDE_BLANK || code === opening) return -1
    if (code === BACKSLASH) {
      if ((text.codes[at + 1] ?? 0) === closing) return isEscaped ? at : -1
      if (!isEscaped && (text.codes[at + 1] ?? 0) !== BACKSLASH) return -1
    }
  }
  return -1
}

const BACKSLASH = 92
const BLANK = 32
const WIDE_BLANK = 0x3000
/** From here on the scripts of East Asia, their signs included. */
const FIRST_WIDE = 0x2e80

const TRAILING = new Set('.:?')
const STOPS: Uint8Array = makeStops()

function makeStops(): Uint8Array {
  const stops = new Uint8Array(FIRST_WIDE)
  for (const stop of ' \t\r\n,;()[]{}<>"\'`\\&”’') stops[stop.charCodeAt(0)] = 1
  return stops
}

function plainEnd(text: Units, start: number): number {
  const limit = Math.min(text.length, start + MAX_PLAIN)
  let end = start
  while (end < limit && isPlain(text.codes[end] ?? 0)) end++
  if (end === limit && limit < text.length) return -1
  while (end > start && TRAILING.has(text.charAt(end - 1))) end--
  return end
}

function isPlain(code: number): boolean {
  return code < FIRST_WIDE && STOPS[code] === 0
}
