// One event of a provider's stream, as JSON: the shared first step of the stream readers.
// An event that cannot be read becomes an error event of the stream, not an exception.
import type { Buffer } from 'node:buffer'
import { Reading, type Field } from './field.ts'
import { parseReply } from './json-text.ts'
import { isObject } from './json.ts'
import type { StreamEvent } from './chat.ts'

/** Null: no JSON object. */
export function readEventObject(data: Buffer): Field | null {
  const parsed = parseReply(data)
  return parsed.kind === 'json' && isObject(parsed.value) ? new Reading().root(parsed.value) : null
}

export const UNREADABLE: StreamEvent = {
  kind: 'error',
  error: { class: 'server', status: null, message: 'The provider sent an event that is not a JSON object.' },
}
