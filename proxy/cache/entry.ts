// What an entry's value is: the answer as its first caller got it before values were put back, in the caller's dialect,
// and what must be known to give it to another.
//
//   4 bytes: length of the head, big end first | head, JSON | body, byte by byte as it came
//
// Levels keep it as it is; reading one again costs nothing, because the head of a value that is still there is kept
// with it.
import { Buffer } from 'node:buffer'
import * as z from 'zod'
import type { Usage } from '../dialect/neutral/chat.ts'
import type { Answered } from '../exchange.ts'
import { sharedHeaders } from './shared-headers.ts'
import type { Slots } from './slots.ts'

/** Another number, and entries of before are misses. */
const VERSION = 1
const LENGTH_BYTES = 4

/** What prices are for. */
const usage = z.strictObject({ inputTokens: z.number(), outputTokens: z.number(), cachedInputTokens: z.number() })

const head = z.strictObject({
  v: z.literal(VERSION),
  headers: z.record(z.string(), z.string()),
  slots: z.array(z.string().max(64)),
  /** Signed parts stand in it, which are for callers with the very same placeholders alone. */
  isSigned: z.boolean(),
  finish: z.enum(['stop', 'length', 'tool', 'filter', 'error', 'unknown']).nullable(),
  targetId: z.string().nullable(),
  dropped: z.array(z.string()),
  adjusted: z.array(z.string()),
  /** Tokens, as the provider counted them; null: it did not say. */
  usage: usage.nullable(),
})

export type EntryHead = Readonly<z.infer<typeof head>>

export interface StoredAnswer {
  readonly head: EntryHead
  readonly answered: Answered & { readonly body: Buffer }
}

export interface AnswerToStore {
  readonly answered: Omit<Answered, 'body'>
  readonly body: Buffer
  readonly slots: Slots
  readonly targetId: string | null
}

export function encodeEntry({ answered, body, slots, targetId }: AnswerToStore): Buffer {
  const { headers, finish, translation, adjusted = [], dropped = [] } = answered
  const text: EntryHead = {
    v: VERSION,
    headers: sharedHeaders(headers),
    slots: slots.length === 0 ? [] : [...slots],
    isSigned: slots.length > 0 && SIGNED.some((mark) => body.includes(mark)),
    finish: finish?.reason ?? null,
    targetId,
    dropped: [...(translation?.dropped ?? []), ...dropped],
    adjusted: [...(translation?.adjusted ?? []), ...adjusted],
    usage: usageOf(finish?.usage ?? null),
  }
  const encoded = Buffer.from(JSON.stringify(text))
  const length = Buffer.allocUnsafe(LENGTH_BYTES)
  length.writeUInt32BE(encoded.length)
  return Buffer.concat([length, encoded, body])
}

function usageOf(told: Usage | null): EntryHead['usage'] {
  if (told === null) return null
  const { inputTokens, outputTokens, cachedInputTokens = 0 } = told
  return { inputTokens, outputTokens, cachedInputTokens }
}

/** Of all dialects: what stands in signed parts goes back to the provider as it came, or not at all. */
const SIGNED = ['signature', 'Signature', 'encrypted_content', 'redacted_thinking', 'reasoning_details']

export class EntryReader {
  readonly #read = new WeakMap<Buffer, StoredAnswer>()

  /** Null: none of this version's. */
  read(value: Buffer): StoredAnswer | null {
    const known = this.#read.get(value)
    if (known !== undefined) return known
    const stored = decode(value)
    if (stored !== null) this.#read.set(value, stored)
    return stored
  }
}

function decode(value: Buffer): StoredAnswer | null {
  if (value.length < LENGTH_BYTES) return null
  const end = LENGTH_BYTES + value.readUInt32BE(0)
  if (end > value.length) return null
  const parsed = head.safeParse(jsonOf(value.toString('utf8', LENGTH_BYTES, end)))
  if (!parsed.success) return null
  const { headers, finish, dropped, adjusted } = parsed.data
  return {
    head: parsed.data,
    answered: {
      kind: 'answered',
      status: 200,
      failureClass: null,
      retryAfterMs: null,
      headers,
      body: value.subarray(end),
      isEventStream: false,
      dropped,
      adjusted,
      ...(finish !== null && { finish: { reason: finish } }),
    },
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Whatever it is, it is none of ours.
    return null
  }
}
