// Headers that describe the very bytes of a body (RFC 9110 sections 8.4 to 8.8, RFC 9530): stale as soon as one of the
// bytes is another, so they go with the bytes that they describe.

const LENGTH_AND_DIGESTS = ['content-length', 'content-md5', 'digest', 'content-digest', 'repr-digest'] as const

const OF_THE_SENT_BYTES: ReadonlySet<string> = new Set([...LENGTH_AND_DIGESTS, 'content-encoding'])

const OF_THE_ANSWERED_BYTES: ReadonlySet<string> = new Set([
  ...OF_THE_SENT_BYTES,
  'transfer-encoding',
  'etag',
  'accept-ranges',
])

/** By lower-case name, as answers have them. */
export function withoutByteHeaders<Value>(headers: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !OF_THE_ANSWERED_BYTES.has(name)))
}

/** Of a request whose body was edited: names and values alternating. */
export function withoutSentByteHeaders(rawHeaders: readonly string[]): string[] {
  const kept: string[] = []
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? ''
    if (!OF_THE_SENT_BYTES.has(name.toLowerCase())) kept.push(name, rawHeaders[index + 1] ?? '')
  }
  return kept
}
