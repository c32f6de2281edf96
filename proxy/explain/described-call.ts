// A call that somebody describes, to have it explained: JSON -> Received, as the server shell would have made it.
//
//   { "path": "/v1/chat/completions", "headers": {...}, "body": {...}, "at": "2026-11-22T20:00:00+08:00" }
//
// A body given as an object is written anew: key order stays, spellings of numbers may not. Give it as a string where
// every byte counts.
import { Buffer } from 'node:buffer'
import * as z from 'zod'
import type { Caller } from '../caller.ts'
import { recognise } from '../dialect/recognise.ts'
import type { Received } from '../exchange.ts'

const describedCall = z.strictObject({
  method: z.string().min(1).max(16).default('POST'),
  path: z.string().min(1).max(8192).startsWith('/'),
  headers: z.record(z.string().min(1).max(256), z.string().max(8192)).default({}),
  /** When it comes; now unless given. */
  at: z.iso.datetime({ offset: true }).optional(),
  body: z.union([z.string(), z.record(z.string(), z.unknown())]),
})

export type Described =
  | { readonly kind: 'received'; readonly received: Received }
  | { readonly kind: 'fault'; readonly message: string }

export interface DescribedDeps {
  readonly now: () => number
  readonly newId: () => string
}

/** `caller` is somebody who is there for as long as the explaining takes. */
export function readDescribedCall(text: string, caller: Caller, { now, newId }: DescribedDeps): Described {
  const parsed = describedCall.safeParse(parseJson(text))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const where = issue?.path.join('.') || 'the call'
    const shape = 'give {"path": "/v1/chat/completions", "headers": {...}, "body": {...}}'
    return { kind: 'fault', message: `${where}: ${issue?.message ?? 'cannot be read'}; ${shape}` }
  }
  const { method, path, headers, at, body } = parsed.data
  const rawHeaders = Object.entries(headers).flat()
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
  const received: Received = {
    id: newId(),
    method,
    place: recognise(method, path, rawHeaders),
    rawHeaders,
    body: bytes,
    original: { read: bytes, sent: bytes },
    receivedAtMs: at === undefined ? now() : Date.parse(at),
    caller,
  }
  return { kind: 'received', received }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
