// A request as bytes on the wire. The caller's own headers have passed Node's parser; keys and translated ones have
// not, so every name and value is looked at: a line break in one would be a header of somebody else's making.
import { Buffer } from 'node:buffer'

export interface WireRequest {
  readonly path: string
  readonly method: 'GET' | 'POST'
  /** Name and value alternating. */
  readonly headers: readonly string[]
  readonly body?: Buffer
}

/** Larger bodies are sent beside the head instead of being copied behind it. */
export const MAX_JOINED_BODY_BYTES = 32 * 1024

const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
/** Bytes above 127 pass as they came. */
const NOT_A_VALUE = /[^\t\x20-\x7e\x80-\xff]/
const NOT_A_PATH = /[^\x21-\x7e\x80-\xff]/

/** One buffer, or the head and a large body. Null: something in it cannot be said in HTTP. */
export function requestBytes({ path, method, headers, body }: WireRequest, host: string): readonly Buffer[] | null {
  if (NOT_A_PATH.test(path) || !path.startsWith('/')) return null
  let head = `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n`
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index] ?? ''
    const value = headers[index + 1] ?? ''
    if (NOT_A_VALUE.test(value) || !NAME.test(name)) return null
    head += `${name}: ${value}\r\n`
  }
  if (body === undefined) return [Buffer.from(`${head}\r\n`, 'latin1')]
  head += `content-length: ${body.length}\r\n\r\n`
  if (body.length > MAX_JOINED_BODY_BYTES) return [Buffer.from(head, 'latin1'), body]
  const joined = Buffer.allocUnsafe(head.length + body.length)
  joined.write(head, 'latin1')
  body.copy(joined, head.length)
  return [joined]
}
