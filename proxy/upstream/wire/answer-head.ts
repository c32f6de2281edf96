// The head of a provider's answer (RFC 9112 sections 4 to 6): status, headers, and how its body ends. Stricter than it
// must be: what two parsers could read in two ways is refused, because the next answer on the connection would then be
// another call's. Pure, but for the names that it remembers.

/** By lower-case name; repeated ones as a list. */
export type AnswerHeaders = Record<string, string | string[]>

export interface AnswerHead {
  readonly status: number
  readonly headers: AnswerHeaders
  readonly framing: Framing
  readonly isKeptAlive: boolean
}

/** How a body ends: after so many bytes, with its last chunk, or with the connection. */
export type Framing = number | 'chunked' | 'close'

/** Lines of a head whose names are remembered by their place. */
const MAX_PLACES = 64
/** Names seen last; more different ones are written in lower case anew. */
export const MAX_NAMES = 512

const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
/** What is no text in a head: control characters but tab, which is white space. Bytes above 127 pass. */
export const NOT_TEXT = /[^\t\r\n\x20-\x7e\x80-\xff]/
const SPACE = 32
const TAB = 9

/** Lower-case names by the spelling of the provider, so that no header costs a new string. */
export class HeaderNames {
  readonly #known = new Map<string, string>()
  /** The names of the last head by their place in it: a provider's heads are nearly always alike. */
  readonly #spellings: string[] = []
  readonly #lowers: string[] = []

  /** The name that ends at the colon; `place` is that of the line in the head. Null: this is no name. */
  nameAt(text: string, span: { readonly start: number; readonly colon: number }, place: number): string | null {
    const { start, colon } = span
    const last = this.#spellings[place]
    if (last?.length === colon - start && text.startsWith(last, start)) return this.#lowers[place] ?? null
    const spelling = text.slice(start, colon)
    const lower = this.lower(spelling)
    if (lower === null || place >= MAX_PLACES) return lower
    this.#spellings[place] = spelling
    this.#lowers[place] = lower
    return lower
  }

  /** Null: this is no name. */
  lower(spelling: string): string | null {
    const known = this.#known.get(spelling)
    if (known !== undefined) return known
    if (!NAME.test(spelling)) return null
    if (this.#known.size >= MAX_NAMES) this.#known.clear()
    const lower = spelling.toLowerCase()
    this.#known.set(spelling, lower)
    return lower
  }
}

/** `text` is the head in latin1, up to its empty line. Null: it is not valid HTTP. */
export function readAnswerHead(text: string, names: HeaderNames): AnswerHead | null {
  const status = readStatus(text)
  if (status === null || NOT_TEXT.test(text) || countLines(text) === null) return null
  const headers = readHeaders(text, names)
  if (headers === null) return null
  const framing = framingOf(status, headers)
  if (framing === null) return null
  return { status, headers, framing, isKeptAlive: framing !== 'close' && isKeptAlive(text, headers) }
}

/** Lines that are ended. Null: half a line end, which some parsers take for a whole one. */
export function countLines(text: string): number | null {
  let count = 0
  let at = -1
  for (;;) {
    const carriageReturn = text.indexOf('\r', at + 1)
    at = text.indexOf('\n', at + 1)
    if (carriageReturn === -1 && at === -1) return count
    if (carriageReturn === -1 || carriageReturn !== at - 1) return null
    count += 1
  }
}

/** `HTTP/1.1 200 OK`; the reason may be missing, with or without the space before it. */
function readStatus(text: string): number | null {
  if (!text.startsWith('HTTP/1.') || text.charCodeAt(8) !== SPACE) return null
  const minor = digitAt(text, 7)
  const status = digitAt(text, 9) * 100 + digitAt(text, 10) * 10 + digitAt(text, 11)
  const after = text.charCodeAt(12)
  const isEnded = Number.isNaN(after) || after === SPACE || after === 13
  return minor <= 1 && isEnded && status >= 100 ? status : null
}

/** NaN for anything else. */
function digitAt(text: string, index: number): number {
  const digit = text.charCodeAt(index) - 48
  return digit >= 0 && digit <= 9 ? digit : Number.NaN
}

function readHeaders(text: string, names: HeaderNames): AnswerHeaders | null {
  const headers: AnswerHeaders = {}
  let at = text.indexOf('\r\n')
  for (let place = 0; at !== -1; place += 1) {
    const start = at + 2
    at = text.indexOf('\r\n', start)
    const end = at === -1 ? text.length : at
    const colon = text.indexOf(':', start)
    if (colon === -1 || colon >= end) return null
    // A line that continues the one before begins with white space, which is no name (RFC 9112 section 5.2).
    const name = names.nameAt(text, { start, colon }, place)
    if (name === null) return null
    add(headers, name, trimmed(text, colon + 1, end))
  }
  return headers
}

function trimmed(text: string, from: number, to: number): string {
  let start = from
  let end = to
  while (start < end && isBlank(text.charCodeAt(start))) start += 1
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1
  return text.slice(start, end)
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB
}

function add(headers: AnswerHeaders, name: string, value: string): void {
  const before = headers[name]
  if (before === undefined) headers[name] = value
  else if (typeof before === 'string') headers[name] = [before, value]
  else if (Array.isArray(before)) before.push(value)
}

/** RFC 9112 section 6.3. Null: contradictory or unknown. */
function framingOf(status: number, headers: AnswerHeaders): Framing | null {
  const { 'transfer-encoding': coding, 'content-length': length } = headers
  if (status < 200 || status === 204 || status === 304) return 0
  if (coding !== undefined) {
    if (length !== undefined || typeof coding !== 'string') return null
    return coding.toLowerCase() === 'chunked' ? 'chunked' : null
  }
  if (length === undefined) return 'close'
  return typeof length === 'string' && /^\d{1,15}$/.test(length) ? Number(length) : null
}

function isKeptAlive(text: string, { connection }: AnswerHeaders): boolean {
  const isLater = text.charCodeAt(7) === 49
  if (connection === undefined) return isLater
  const options = (typeof connection === 'string' ? connection : connection.join(',')).toLowerCase()
  if (options === 'keep-alive') return true
  const named = options.split(',').map((option) => option.trim())
  return !named.includes('close') && (isLater || named.includes('keep-alive'))
}
