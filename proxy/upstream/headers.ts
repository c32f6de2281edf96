// Which headers pass the proxy, both ways. Flat lists, name and value alternating, names as they were sent: turning
// them into objects would lose order and repeats, and costs time.
//
// Dropped both ways: hop-by-hop headers (RFC 9110 section 7.6.1) and those that `connection` names. Dropped on the
// way out besides: whatever carries or qualifies the caller's own key, what the client library sets itself, and our
// own names. Bodies are never edited here.

export const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
] as const

/** The caller's key and the account it belongs to: never sent where a target's key is. */
export const NOT_SENT_WITH_KEY = [
  'authorization',
  'api-key',
  'x-api-key',
  'x-goog-api-key',
  'openai-organization',
  'openai-project',
] as const

/** Browsers cannot set headers on a WebSocket: OpenAI takes key and account from these subprotocols. */
const KEY_PROTOCOL = /^openai-(insecure-api-key|organization|project)\./

const NOT_SENT = droppedNames([...HOP_BY_HOP, ...NOT_SENT_WITH_KEY, 'host', 'content-length', 'expect'])

const NOT_DELIVERED = droppedNames(HOP_BY_HOP)

export const OWN_PREFIX = 'x-modelroute-'
/** The third letter of OWN_PREFIX; the bit makes an ASCII letter a small one. */
const LOWER_M = 0x6d
const LOWER_CASE = 0x20

/** The caller's headers as a provider may see them. */
export function toUpstreamHeaders(rawHeaders: readonly string[], isStreaming: boolean): string[] {
  const kept = withoutDropped(rawHeaders, NOT_SENT)
  // The end of a stream is looked for in its bytes, so they must not be compressed.
  return isStreaming ? withIdentity(kept) : kept
}

/** A provider's headers as the caller may see them; `bodyBytes` is set where the whole body is at hand. */
export function toAnswerHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  bodyBytes: number | null,
): string[] {
  const kept: string[] = []
  const named = namedBy(joined(headers['connection']))
  for (const name in headers) {
    if (NOT_DELIVERED.names.has(name) || named?.includes(name) === true || name.startsWith(OWN_PREFIX)) continue
    const value = headers[name]
    if (typeof value === 'string') kept.push(name, value)
    else if (value !== undefined) for (const one of value) kept.push(name, one)
  }
  if (bodyBytes !== null && headers['content-length'] === undefined) kept.push('content-length', String(bodyBytes))
  return kept
}

/** The headers of an answer that is passed through, with names, order and repeats as the provider sent them. */
export function toPassedHeaders(rawHeaders: readonly string[]): string[] {
  return withoutDropped(rawHeaders, NOT_DELIVERED)
}

/** The subprotocols that a WebSocket offers, but for those that carry the caller's key. */
export function withoutKeyProtocols(offered: string): string {
  const names = offered.split(',').map((name) => name.trim())
  return names.filter((name) => !KEY_PROTOCOL.test(name)).join(', ')
}

function joined(value: string | string[] | undefined): string | null {
  return (typeof value === 'string' ? value : value?.join(',')) ?? null
}

/** Text as a header value may carry it: names come from resources and may hold any character. */
export function toHeaderText(text: string): string {
  return text.replace(/[^\x21-\x7e]/g, '?')
}

function withoutDropped(rawHeaders: readonly string[], dropped: Dropped): string[] {
  const named = namedBy(connectionOf(rawHeaders))
  const kept: string[] = []
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? ''
    if (!isDropped(name, dropped, named)) kept.push(name, rawHeaders[index + 1] ?? '')
  }
  return kept
}

/** Most names are told by their length and third letter, without a copy in lower case. */
function isDropped(name: string, { names, lengths }: Dropped, named: readonly string[] | null): boolean {
  const isCandidate = named !== null || lengths.has(name.length) || (name.charCodeAt(2) | LOWER_CASE) === LOWER_M
  if (!isCandidate) return false
  const lowerName = name.toLowerCase()
  return names.has(lowerName) || lowerName.startsWith(OWN_PREFIX) || named?.includes(lowerName) === true
}

interface Dropped {
  readonly names: ReadonlySet<string>
  readonly lengths: ReadonlySet<number>
}

function droppedNames(names: readonly string[]): Dropped {
  return { names: new Set(names), lengths: new Set(names.map(({ length }) => length)) }
}

/** RFC 9110 section 5.3: several of them are one list. */
function connectionOf(rawHeaders: readonly string[]): string | null {
  let connection: string | null = null
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]
    if (name?.length !== 'connection'.length || name.toLowerCase() !== 'connection') continue
    const value = rawHeaders[index + 1] ?? ''
    connection = connection === null ? value : `${connection},${value}`
  }
  return connection
}

/** Null in the common case: `connection` is absent or names no other header. */
function namedBy(connection: string | null): readonly string[] | null {
  if (connection === null || connection === 'keep-alive' || connection === 'close') return null
  return connection.split(',').map((name) => name.trim().toLowerCase())
}

function withIdentity(rawHeaders: string[]): string[] {
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() === 'accept-encoding') {
      rawHeaders[index + 1] = 'identity'
      return rawHeaders
    }
  }
  rawHeaders.push('accept-encoding', 'identity')
  return rawHeaders
}
