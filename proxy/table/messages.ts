// The push protocol's messages: one JSON object a line, both ways, on one HTTP/2 stream that the proxy opens.
//
//   proxy -> operator   hello, ack, nack, seen, explained
//   operator -> proxy   snapshot, keys, trust, heartbeat, explain
//
// Used by both ends, like schema.ts. A table is checked apart from its envelope (parseTable), so that a table the
// proxy cannot read is a nack with reasons and not a broken stream.
import { Buffer } from 'node:buffer'
import * as z from 'zod'

/** Path of the stream on the operator's push port: POST, `authorization: Bearer <projected token>`. */
export const PUSH_PATH = '/v1/push'
export const HEARTBEAT_MS = 15_000
/** A line longer than this cuts the stream: MAX_TABLE_BYTES plus the envelope. */
export const MAX_LINE_BYTES = 4 * 1024 * 1024 + 64 * 1024
/** The same for lines from a proxy, which carry no table. */
export const MAX_PROXY_LINE_BYTES = 256 * 1024

const version = z.string().max(64)
const nonce = z.string().max(64)

const fault = z.object({ path: z.string().max(1024), message: z.string().max(1024) })

/** A provider key is at most this long. */
export const MAX_KEY_CHARACTERS = 16_384
/** A list of words, one a line, is at most this long. */
export const MAX_WORDS_CHARACTERS = 65_536
/** What the keys of the namespace itself are called on the keys channel; 32 bytes in base64 each. */
export const NAMESPACE_KEY_IDS = { current: 'redaction/current', previous: 'redaction/previous' } as const
/** What the password of the chart's shared cache is called there. */
export const SHARED_CACHE_PASSWORD_ID = 'shared-cache/default'
/** A certificate bundle is at most this long. */
export const MAX_TRUST_CHARACTERS = 65_536

/** What one call leaves on the operator's dashboard: names, numbers and times, never text of the call. */
const recentCall = z.object({
  id: z.string().max(64),
  atMs: z.number(),
  route: z.string().max(512).nullable(),
  target: z.string().max(1024).nullable(),
  model: z.string().max(256).nullable(),
  status: z.int(),
  attempts: z.int(),
  durationMs: z.number(),
  error: z.string().max(64).nullable(),
  /** Targets that refused their key, though another one may have answered; absent: none. */
  keyRefusedBy: z.array(z.string().max(1024)).max(16).optional(),
})
export type RecentCall = Readonly<z.infer<typeof recentCall>>
export const MAX_RECENT_CALLS = 20

/** What redaction did since the proxy started, by number: findings by detector, and calls that left unmasked. */
const redactionTotals = z.object({
  masked: z.record(z.string().max(64), z.int().min(0)),
  restored: z.int().min(0),
  damaged: z.int().min(0),
  passed: z.int().min(0),
})
export type RedactionTotals = Readonly<z.infer<typeof redactionTotals>>

/** How calls of rules with a cache were answered since the proxy started, and what that saved. */
const cacheTotals = z.object({
  memory: z.int().min(0),
  disk: z.int().min(0),
  shared: z.int().min(0),
  /** Of those: past their time. */
  stale: z.int().min(0),
  missed: z.int().min(0),
  bypassed: z.int().min(0),
  savedTokens: z.number().min(0),
  /** In units of the prices' currency. */
  savedCost: z.number().min(0),
})
export type CacheTotals = Readonly<z.infer<typeof cacheTotals>>

/** How many calls of a rule each target answered since the proxy started; null: none did. */
const callShare = z.object({
  route: z.string().max(512),
  target: z.string().max(1024).nullable(),
  calls: z.int().min(1),
})
export type CallShare = Readonly<z.infer<typeof callShare>>
export const MAX_CALL_SHARES = 128

/** A described call that the dashboard wants explained, and what is said of it. */
export const MAX_EXPLAIN_CHARACTERS = 128 * 1024
const question = z.string().min(1).max(64)

const NEWLINE = 0x0a

const fromProxy = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('hello'),
    schema: z.int(),
    capabilities: z.array(z.string().max(64)).max(64),
    lastVersion: version.nullable(),
  }),
  z.object({ type: z.literal('ack'), version, nonce }),
  z.object({ type: z.literal('nack'), version, nonce, faults: z.array(fault).max(20) }),
  z.object({
    type: z.literal('seen'),
    /** Model calls since the proxy started: proof that it is in the path. */
    calls: z.int().min(0),
    recent: z.array(recentCall).max(MAX_RECENT_CALLS),
    /** Absent: no rule has masked anything yet. */
    redaction: redactionTotals.optional(),
    /** Absent: no rule has taken a call yet, or an older proxy. */
    shares: z.array(callShare).max(MAX_CALL_SHARES).optional(),
    /** Absent: no rule with a cache has taken a call yet. */
    cache: cacheTotals.optional(),
  }),
  z.object({
    type: z.literal('explained'),
    question,
    status: z.int().min(100).max(599),
    text: z.string().max(MAX_EXPLAIN_CHARACTERS),
  }),
])
export type FromProxy = Readonly<z.infer<typeof fromProxy>>

const fromOperator = z.discriminatedUnion('type', [
  z.object({ type: z.literal('snapshot'), version, nonce, table: z.unknown() }),
  z.object({
    type: z.literal('keys'),
    version,
    entries: z.array(z.object({ id: z.string().max(512), value: z.string().max(MAX_WORDS_CHARACTERS) })).max(1024),
  }),
  z.object({ type: z.literal('trust'), caPem: z.string().max(MAX_TRUST_CHARACTERS) }),
  z.object({ type: z.literal('heartbeat') }),
  z.object({ type: z.literal('explain'), question, call: z.string().max(MAX_EXPLAIN_CHARACTERS) }),
])
export type FromOperator = Readonly<z.infer<typeof fromOperator>>

export type ParsedMessage<T> =
  | { readonly kind: 'message'; readonly message: T }
  | { readonly kind: 'fault'; readonly reason: string }

/** Reads one line from a proxy. Unknown types are faults: the sender is newer than this end knows. */
export function parseFromProxy(line: string): ParsedMessage<FromProxy> {
  return parseLine(line, fromProxy)
}

/** Reads one line from the operator. */
export function parseFromOperator(line: string): ParsedMessage<FromOperator> {
  return parseLine(line, fromOperator)
}

/** One message as a line, its newline included. */
export function toLine(message: FromProxy | FromOperator): string {
  return `${JSON.stringify(message)}\n`
}

function parseLine<T>(line: string, schema: z.ZodType<T>): ParsedMessage<T> {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (cause) {
    return { kind: 'fault', reason: `not a JSON line: ${cause instanceof Error ? cause.message : String(cause)}` }
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return { kind: 'message', message: parsed.data }
  const [issue] = parsed.error.issues
  return { kind: 'fault', reason: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'unreadable'}` }
}

/**
 * Cuts a byte stream into lines, wherever its chunks end. Holds at most `maxLineBytes`; a longer line is `tooLong`, and
 * the stream must be given up then.
 */
export class LineSplitter {
  readonly #maxLineBytes: number
  #pieces: Buffer[] = []
  #heldBytes = 0

  constructor(maxLineBytes: number) {
    this.#maxLineBytes = maxLineBytes
  }

  /** The lines that this chunk completed, without their newlines; empty lines are left out. */
  push(chunk: Buffer): { readonly lines: readonly string[]; readonly isTooLong: boolean } {
    const lines: string[] = []
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      if (!this.#hold(chunk.subarray(start, end))) return { lines, isTooLong: true }
      const line = this.#take()
      if (line !== '') lines.push(line)
      start = end + 1
    }
    return { lines, isTooLong: !this.#hold(chunk.subarray(start)) }
  }

  #hold(piece: Buffer): boolean {
    this.#heldBytes += piece.length
    if (this.#heldBytes > this.#maxLineBytes) return false
    if (piece.length > 0) this.#pieces.push(piece)
    return true
  }

  /** Decoded only when whole, so that a character cut in two by a chunk's end survives. */
  #take(): string {
    const line = Buffer.concat(this.#pieces, this.#heldBytes).toString('utf8')
    this.#pieces = []
    this.#heldBytes = 0
    return line
  }
}
