// How the events of a stream are framed for the caller. Bytes out; knows nothing of their meaning.
// The other way, from bytes to events, is done by sse.ts, ndjson.ts and json-array.ts of the folder above.
import { Buffer } from 'node:buffer'
import type { JsonValue } from './json.ts'

export function sseEvent(data: JsonValue, name?: string): Buffer {
  const type = name === undefined ? '' : `event: ${name}\n`
  return Buffer.from(`${type}data: ${JSON.stringify(data)}\n\n`)
}

export const SSE_DONE = 'data: [DONE]\n\n'

/** A comment: keeps the connection alive and is no event. */
export const SSE_COMMENT = ': keep-alive\n\n'

export function jsonLine(value: JsonValue): Buffer {
  return Buffer.from(`${JSON.stringify(value)}\n`)
}
