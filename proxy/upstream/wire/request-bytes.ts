// A request as bytes on the wire. The caller's own headers have passed Node's parser; keys and translated ones have
// not, so the head is looked at: a line break in a name or value would be a header of somebody else's making.
import { Buffer } from 'node:buffer'
import { countLines, NOT_TEXT } from './answer-head.ts'

export interface WireRequest {
  readonly path: string
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Name and value alternating. */
  readonly headers: readonly string[]
  readonly body?: Buffer
}

/** Larger bodies are sent beside the head instead of being copied behind it. */
export const MAX_JOINED_BODY_BYTES = 32 * 1024

const NOT_A_PATH = /[^\x21-\x7e\x80-\xff]/

/** One buffer, or the head and a large body. Null: something in it cannot be said in HTTP. */
export function requestBytes({ path, method, headers, body }: WireRequest, host: string): readonly Buffer[] | null {
  if (NOT_A_PATH.test(path) || !path.startsWith('/')) return null
  const parts = [method, ' ', path, ' HTTP/1.1\r\nhost: ', host, '\r\nconnection: keep-alive\r\n']
  for (let index = 0; index + 1 < headers.length; index += 2) {
    parts.push(headers[index] ?? '', ': ', headers[index + 1] ?? '', '\r\n')
  }
  if (body !== undefined) parts.push('content-length: ', String(body.length), '\r\n')
  parts.push('\r\n')
  const head = parts.join('')
  // Looked at once and whole, which costs a fraction of looking at each name and value: a break in one is a line more.
  const lines = 4 + (headers.length >> 1) + (body === undefined ? 0 : 1)
  if (NOT_TEXT.test(head) || countLines(head) !== lines) return null
  if (body === undefined) return [Buffer.from(head, 'latin1')]
  if (body.length > MAX_JOINED_BODY_BYTES) return [Buffer.from(head, 'latin1'), body]
  const joined = Buffer.allocUnsafe(head.length + body.length)
  joined.write(head, 'latin1')
  body.copy(joined, head.length)
  return [joined]
}
