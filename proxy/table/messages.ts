// The push protocol's messages: one JSON object a line, both ways, on one HTTP/2 stream that the proxy opens.
//
//   proxy -> operator   hello, ack, nack, seen
//   operator -> proxy   snapshot, keys, trust, heartbeat
//
// Used by both ends, like schema.ts. A table is checked apart from its envelope (parseTable), so that a table the
// proxy cannot read is a nack with reasons and not a broken stream.
import * as z from 'zod'

/** Path of the stream on the operator's push port: POST, `authorization: Bearer <projected token>`. */
export const PUSH_PATH = '/v1/push'
export const HEARTBEAT_MS = 15_000
/** A line longer than this cuts the stream: MAX_TABLE_BYTES plus the envelope. */
export const MAX_LINE_BYTES = 4 * 1024 * 1024 + 64 * 1024

const version = z.string().max(64)
const nonce = z.string().max(64)

const fault = z.object({ path: z.string().max(1024), message: z.string().max(1024) })

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
})
export type RecentCall = Readonly<z.infer<typeof recentCall>>
export const MAX_RECENT_CALLS = 20

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
  }),
])
export type FromProxy = Readonly<z.infer<typeof fromProxy>>

const fromOperator = z.discriminatedUnion('type', [
  z.object({ type: z.literal('snapshot'), version, nonce, table: z.unknown() }),
  z.object({
    type: z.literal('keys'),
    version,
    entries: z.array(z.object({ id: z.string().max(512), value: z.string().max(16_384) })).max(1024),
  }),
  z.object({ type: z.literal('trust'), caPem: z.string().max(65_536) }),
  z.object({ type: z.literal('heartbeat') }),
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
